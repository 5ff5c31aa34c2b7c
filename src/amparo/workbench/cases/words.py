"""Words for what custody logs and counters name by a token. What has none is shown as the token itself."""

from django.utils.translation import gettext, gettext_noop

from amparo.catalogue.review import MOST
from amparo.ui import matches, reasons
from amparo.ui.templatetags.amparo import number

ACTIONS = {
    "authority.added": gettext_noop("Recorded an authority"),
    "case.created": gettext_noop("Created the case"),
    "content.flagged": gettext_noop("Flagged a content, or took the flag off"),
    "content.revealed": gettext_noop("Looked at a content"),
    "decision.made": gettext_noop("Judged a content"),
    "decision.withdrawn": gettext_noop("Took a judgement back"),
    "failed.retried": gettext_noop("Made failed work due again"),
    "glass.broken": gettext_noop("Took access for 24 hours"),
    "groups.made": gettext_noop("Grouped near duplicates"),
    "group.left": gettext_noop("Took a content out of its group"),
    "job.ended": gettext_noop("A job ended"),
    "job.started": gettext_noop("A job started"),
    "matching.renewed": gettext_noop("Compared with the Banks again"),
    "member.added": gettext_noop("Added a member"),
    "member.ended": gettext_noop("Ended a membership"),
    "note.written": gettext_noop("Wrote a note"),
    "payload.erased": gettext_noop("Erased the words of an entry"),
    "report.written": gettext_noop("Wrote a report"),
    "results.recorded": gettext_noop("Recorded results"),
    "scan.finished": gettext_noop("Finished a scan"),
    "scan.started": gettext_noop("Started a scan"),
    "scan.stopped": gettext_noop("A scan stopped"),
    "second.asked": gettext_noop("Asked for a second person"),
    "source.opened": gettext_noop("Opened a source"),
    "task.added": gettext_noop("Added a task"),
    "task.changed": gettext_noop("Gave a task another day or person"),
    "task.done": gettext_noop("Marked a task as done"),
    "task.reopened": gettext_noop("Opened a task again"),
    "exhibit.added": gettext_noop("Recorded an exhibit"),
    "exhibit.changed": gettext_noop("Changed an exhibit"),
    "exhibit.handed_over": gettext_noop("Wrote a hand-over of an exhibit"),
    "enforcement.planned": gettext_noop("Planned enforcement"),
    "enforcement.moved": gettext_noop("Moved planned enforcement"),
    "enforcement.closed": gettext_noop("Ended a plan of enforcement"),
    "safeguarding.answered": gettext_noop("Answered a point of the safeguarding checklist"),
    "person.added": gettext_noop("Added a person"),
    "person.seen": gettext_noop("Opened the page of a victim"),
    "statement.made": gettext_noop("Said something about a person"),
    "statement.withdrawn": gettext_noop("Withdrew a statement about a person"),
    "retention.set": gettext_noop("Stated how long the case is kept"),
    "hold.placed": gettext_noop("Placed a legal hold"),
    "hold.lifted": gettext_noop("Lifted a legal hold"),
    "erasure.asked": gettext_noop("Asked to erase something"),
    "erasure.refused": gettext_noop("Refused an erasure"),
    "erasure.begun": gettext_noop("Began an erasure"),
    "erasure.done": gettext_noop("Ended an erasure"),
    "two_people.set": gettext_noop("Changed whether two people grade"),
}
FINDINGS = {
    "container.description": gettext_noop("Archives and containers described"),
    "file.symlink": gettext_noop("Links to another place"),
    "picture.exif": gettext_noop("Pictures with notes on camera, time and place (Exif)"),
    "picture.flat": gettext_noop("Pictures too flat to compare by their looks"),
    "picture.properties": gettext_noop("Pictures whose size and colours were read"),
}


def action(name: str) -> str:
    """What somebody did, as a custody entry names it."""
    return gettext(ACTIONS[name]) if name in ACTIONS else name


def finding(kind: str) -> str:
    """A kind of Finding."""
    if kind in matches.TITLES:
        return gettext(matches.TITLES[kind])
    if kind in reasons.DAMAGE:
        return reasons.explain_damage(kind)
    return gettext(FINDINGS[kind]) if kind in FINDINGS else kind


def capped(count: int) -> str:
    """A number that was counted no further than 10,001."""
    return gettext("more than %(most)s") % {"most": number(MOST)} if count > MOST else number(count)
