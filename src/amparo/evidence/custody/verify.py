"""Verification of a custody log: no database, no key of ours, one pass; foreign bytes give VerificationFailed.

What an unanchored check cannot see: without a head from elsewhere (``--head``), entries removed from the end back to
a seal; without the key's fingerprint (``--key``), a log rewritten as a whole and sealed with another key. Held in
memory: about 400 bytes per payload, and one line of at most 1 MiB. A duplicate event id is not looked for.
"""

import contextlib
import dataclasses
import enum
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from amparo.evidence.custody import files
from amparo.evidence.custody.book import Book
from amparo.evidence.custody.canonical import is_hex
from amparo.evidence.custody.entry import Anchor
from amparo.evidence.custody.payload import Erased, bounded_lines, payload_path
from amparo.evidence.custody.walk import Walk
from amparo.evidence.errors import BadInput

_SHOWN = 1_000  # lines between two reports


class Anchored(enum.StrEnum):
    """What outside knowledge the log was held against."""

    NOT = "not anchored"
    HEAD = "anchored by head"
    KEY = "anchored by key"
    BOTH = "anchored by head and key"


_SENTENCES = {
    Anchored.NOT: ": without --head, entries removed at the end, and without --key, a rewrite with another key"
    " would not be seen",
    Anchored.HEAD: " at entry {n}: without --key, later entries sealed with another key would not be seen",
    Anchored.KEY: ": without --head, entries removed at the end would not be seen",
    Anchored.BOTH: " at entry {n}",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Verification:
    """A log that checked out. ``keys`` are fingerprints in order of first use; ``notes`` are what a reader should know.

    ``head`` is the last entry, sealed or not, None in an empty log; ``anchor`` what the caller gave.
    """

    entries: int
    seals: int
    head: Anchor | None
    keys: tuple[str, ...]
    anchored: Anchored
    anchor: Anchor | None
    notes: tuple[str, ...]
    erased: tuple[Erased, ...]

    def sentence(self) -> str:
        """``consistent, not anchored: ...``: the result, and what it cannot show."""
        return f"consistent, {self.anchored}" + _SENTENCES[self.anchored].format(n=self.anchor and self.anchor.n)


def verify(
    path: Path, *, head: Anchor | None = None, key: str | None = None, show: Callable[[int], None] | None = None
) -> Verification:
    """Checks every line, the chain, the seals and the payloads there are.

    ``head`` must be a sealed entry of this log; ``key`` is the fingerprint that every seal must have. ``show`` is told
    the number of entries checked, after every 1,000th line. Raises VerificationFailed naming the first bad entry or
    line, BadInput if there is no such file, and what ``show`` raises.
    """
    key = None if key is None else key.strip().lower()
    if key is not None and not is_hex(key, 32):
        raise BadInput("The key is not a fingerprint.", "Give the 64 hex digits of its SHA-256.")
    with files.storage_errors("the custody log"), contextlib.ExitStack() as stack:
        with _steady(path):
            log = _open(path, stack)
            payload = _open(payload_path(path), stack) if os.path.lexists(payload_path(path)) else None
        walk = Walk(Book(payload and bounded_lines(*payload, "payload file")), head, key)
        lines = bounded_lines(*log, "custody log")
        for number, line in enumerate(lines):
            walk.take(line, lines)
            if show is not None and number % _SHOWN == 0:
                show(walk.n)
    notes, erased = walk.finish()
    if head is None:
        anchored = Anchored.NOT if key is None else Anchored.KEY
    else:
        anchored = Anchored.HEAD if key is None else Anchored.BOTH
    last = Anchor(walk.n, walk.hash) if walk.n else None
    return Verification(walk.n, walk.seals, last, tuple(walk.keys), anchored, head, notes, erased)


@contextlib.contextmanager
def _steady(path: Path) -> Iterator[None]:
    """No sealing or erasing meanwhile, if the log lies where it is written; a copy has no lock file.

    Held only while both files are opened and their sizes taken: what is appended later is not looked at, and an
    erasure leaves the old payload file to those who have it open.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # none, or not ours to open: then nobody here writes the log
            descriptor = os.open(files.lock_path(path), os.O_RDONLY | files.FLAGS)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield


def _open(path: Path, stack: contextlib.ExitStack) -> tuple[BinaryIO, int]:
    """The file and its size in bytes; a directory, device or FIFO is BadInput."""
    file = stack.enter_context(os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb"))
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise BadInput("This is not a custody log file.", "Give the path of a custody.jsonl.")
    return file, status.st_size
