"""Reason codes and kinds of damage in plain language: what happened, and what to do next."""

import dataclasses

from django.utils.translation import gettext, gettext_noop


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """``what`` says what happened, ``advice`` what a person can do; each is one or two sentences."""

    what: str
    advice: str


REASONS = {
    "symlink": Reason(
        gettext_noop("A link to another place. Links are recorded and not followed."),
        gettext_noop("Nothing, if the place it names was scanned too. Otherwise scan that place as its own Source."),
    ),
    "hardlink": Reason(
        gettext_noop("An archive's second name for one of its own members. The member itself is read."),
        gettext_noop("Nothing."),
    ),
    "special": Reason(
        gettext_noop("A device, pipe or socket. It holds no bytes of its own."),
        gettext_noop("Nothing."),
    ),
    "own-home": Reason(
        gettext_noop("The folder of this installation of Amparo: its database, keys and logs."),
        gettext_noop("Nothing. To look at another person's installation, scan a copy of it."),
    ),
    "no-opener": Reason(
        gettext_noop(
            "An archive or disk image of a kind that this installation cannot open. What is in it was not seen."
        ),
        gettext_noop("Unpack a copy with another tool, and scan the folder as its own Source."),
    ),
    "encrypted": Reason(
        gettext_noop("Locked with a password or key."),
        gettext_noop("If the password is lawfully known, unlock a copy and scan it as its own Source."),
    ),
    "erased": Reason(
        gettext_noop("It was erased, with all that was said of it. Its number and place in the count stay."),
        gettext_noop("Nothing. The number in its path names the erasure; those who lead the case can read the ground."),
    ),
    "permission": Reason(
        gettext_noop("The computer did not allow reading it."),
        gettext_noop("Run the scan as an account that may read it, and scan again with --retry-failed."),
    ),
    "offline": Reason(
        gettext_noop("Only what is stored was looked at; the evidence itself was not opened."),
        gettext_noop("Scan the Source."),
    ),
    "vanished": Reason(
        gettext_noop("It was listed and then gone."),
        gettext_noop(
            "Check that nothing else writes to the Source. Scan a write-protected copy, "
            "and scan again with --retry-failed."
        ),
    ),
    "changed": Reason(
        gettext_noop("Its bytes changed while the scan was running."),
        gettext_noop(
            "Check that nothing else writes to the Source. Scan a write-protected copy, "
            "and scan again with --retry-failed."
        ),
    ),
    "read-error": Reason(
        gettext_noop("The disk or the network gave an error while reading."),
        gettext_noop("Check the disk and its cable. Make an image with a tool for failing disks, and scan that."),
    ),
    "limit-time": Reason(
        gettext_noop("It took longer than the time limit for one analyser."),
        gettext_noop("Raise limit_seconds in the settings, and scan again with --retry-failed."),
    ),
    "limit-memory": Reason(
        gettext_noop("It needed more memory than a worker may use."),
        gettext_noop("Raise limit_memory_mib in the settings, and scan again with --retry-failed."),
    ),
    "limit-size": Reason(
        gettext_noop("It is larger than this step accepts, or than its container said."),
        gettext_noop("Look at it with another tool, on a computer made for untrusted files."),
    ),
    "limit-ratio": Reason(
        gettext_noop("It would unpack to far more bytes than it takes up. Some files are made so to fill a disk."),
        gettext_noop("Look at it with another tool, on a computer with room to spare."),
    ),
    "limit-depth": Reason(
        gettext_noop("It lies deeper inside other archives than the limit allows."),
        gettext_noop("Raise limit_depth in the settings, and scan again with --retry-failed."),
    ),
    "limit-entries": Reason(
        gettext_noop("The archive lists more members than the limit allows. Those before the limit were listed."),
        gettext_noop("Unpack a copy with another tool, and scan the folder as its own Source."),
    ),
    "limit-metadata": Reason(
        gettext_noop("Its index or header is larger than the limit allows, so it was not read."),
        gettext_noop("Look at it with another tool, on a computer made for untrusted files."),
    ),
    "limit-pixels": Reason(
        gettext_noop("The picture says that it has more pixels than the limit allows, so it was not decoded."),
        gettext_noop("Raise limit_pixels in the settings if the picture is real, and scan again with --retry-failed."),
    ),
    "unsupported": Reason(
        gettext_noop("A variant of its format that this version cannot read."),
        gettext_noop("Look at it with another tool. Tell the project which program wrote it; do not send the file."),
    ),
    "damaged": Reason(
        gettext_noop("The file breaks the rules of its own format, so a step could not go on."),
        gettext_noop("Compare it with another copy if there is one. A tool for repair may read more of it."),
    ),
    "crash": Reason(
        gettext_noop("The analyser stopped without a word while working on this. The other Items are not affected."),
        gettext_noop("Look at it with another tool. Tell the project the analyser and its version; not the file."),
    ),
    "error": Reason(
        gettext_noop("The analyser met something it was not made for. That is a fault of the program."),
        gettext_noop("Look at it with another tool. Tell the project the analyser and its version; not the file."),
    ),
}

DAMAGE = {
    "archive.damaged": gettext_noop("Archives that end early or whose index is broken. What could be listed was."),
    "archive.trailing_bytes": gettext_noop("Archives with more bytes after their end. Something may be stored there."),
    "archive.member_name": gettext_noop("Archive members whose names would write outside the folder they unpack to."),
    "picture.damaged": gettext_noop("Pictures that end early or are broken. What could be decoded was looked at."),
    "picture.exif_damaged": gettext_noop("Pictures whose notes on camera, time and place (Exif) are broken."),
}
_OTHER_DAMAGE = gettext_noop("Files that break the rules of their own format.")


def explain(code: str) -> Reason:
    """The reason in the active language. A signal that ended an analyser reads as a crash; so does no other code."""
    reason = REASONS.get("crash" if code.startswith("crash-sig") else code)
    if reason is None:
        return Reason(gettext("A reason that this page has no words for yet."), gettext("See the code itself."))
    return Reason(gettext(reason.what), gettext(reason.advice))


def explain_damage(kind: str) -> str:
    """What a kind of damage Finding says, in the active language."""
    return gettext(DAMAGE.get(kind, _OTHER_DAMAGE))
