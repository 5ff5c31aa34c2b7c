"""Walk: checks the lines of a custody log one after the other."""

from collections.abc import Iterable

from amparo.evidence.custody.book import HINT, Book
from amparo.evidence.custody.canonical import Malformed
from amparo.evidence.custody.entry import (
    FIRST,
    Anchor,
    CustodyEntry,
    Seal,
    line_hash,
    read_line,
)
from amparo.evidence.custody.keys import fingerprint, signature_fits
from amparo.evidence.custody.payload import Erased
from amparo.evidence.errors import VerificationFailed
from amparo.evidence.moment import SECOND

KEY_HINT = "If the key was replaced on purpose, verify without --key and compare each key with your records."
CLOCK_SLACK = SECOND  # processes that record at once may be out of order by the length of a transaction
_MOST_STEPS = 10  # clock notes kept, so that notes stay few however long the log


class Walk:
    """State of one verification. Raises VerificationFailed at the first defect."""

    def __init__(self, book: Book, anchor: Anchor | None, key: str | None) -> None:
        self.n = 0
        self.hash = FIRST
        self.seals = 0
        self.keys: dict[str, int] = {}  # fingerprint -> entry of its first seal
        self._book = book
        self._anchor = anchor
        self._key = key
        self._line = 0
        self._sealed = 0
        self._at: int | None = None
        self._steps: list[str] = []
        self._stepped = 0
        self._torn = False

    def take(self, line: bytes, rest: Iterable[bytes]) -> None:
        """The next line; ``rest`` is looked at only to name a defect."""
        self._line += 1
        if not line.endswith(b"\n"):
            self._torn = True
            return
        try:
            record = read_line(line)
        except Malformed as error:
            raise VerificationFailed(f"Line {self._line}, after entry {self.n}, {error}.", HINT) from error
        if isinstance(record, Seal):
            self._seal(record)
        else:
            self._entry(record, line_hash(line[:-1]), rest)

    def _entry(self, entry: CustodyEntry, own_hash: str, rest: Iterable[bytes]) -> None:
        due = self.n + 1
        if entry.n > due:
            found = "stands behind later ones" if _has_entry(rest, due) else "is missing"
            raise VerificationFailed(f"Entry {due} {found}: entry {entry.n} follows entry {self.n}.", HINT)
        if entry.n < due:
            raise VerificationFailed(f"Entry {entry.n} stands again after entry {self.n}.", HINT)
        if entry.prev != self.hash:
            what = "names one before it" if due == 1 else f"states another hash for entry {self.n} than it has"
            raise VerificationFailed(f"Entry {max(self.n, 1)} was changed: entry {due} {what}.", HINT)
        if self._anchor and self._anchor.n == due and self._anchor.hash != own_hash:
            message = f"Entry {due} is not the one of the given head: it, or an entry before it, was changed."
            raise VerificationFailed(message, HINT)
        back = 0 if self._at is None else self._at - entry.at
        if back >= CLOCK_SLACK:
            self._stepped += 1
            if self._stepped <= _MOST_STEPS:
                self._steps.append(f"clock stepped back at entry {due} by {back / SECOND:.3f} s")
        self._book.take(entry)
        self.n, self.hash, self._at = due, own_hash, entry.at

    def _seal(self, seal: Seal) -> None:
        where = f"the seal on line {self._line}"
        if seal.n > self.n:
            raise VerificationFailed(f"Entry {self.n + 1} is missing: {where} covers entry {seal.n}.", HINT)
        if not self.n or seal.n < self.n:
            message = f"Entry {max(self.n, 1)}: {where} stands behind it, but is for entry {seal.n}."
            raise VerificationFailed(message, HINT)
        if seal.head != self.hash:
            raise VerificationFailed(f"Entry {self.n} was changed: {where} states another hash for it.", HINT)
        if not signature_fits(seal.key, seal.sig, seal.signed()):
            raise VerificationFailed(f"Entry {self.n}: the signature of {where} does not fit.", HINT)
        used = fingerprint(seal.key)
        if self._key and used != self._key:
            raise VerificationFailed(f"Entry {self.n}: {where} is by another key, {used}.", KEY_HINT)
        self.keys.setdefault(used, self.n)
        self.seals += 1
        self._sealed = self.n

    def finish(self) -> tuple[tuple[str, ...], tuple[Erased, ...]]:
        """Notes and erased payloads, after the last line."""
        if self._anchor and self._anchor.n > self.n:
            message = f"Entry {self.n + 1} is missing: the log ends before the given head, entry {self._anchor.n}."
            raise VerificationFailed(message, HINT)
        if self._anchor and self._anchor.n > self._sealed:
            raise VerificationFailed(f"Entry {self._anchor.n}: the given head was sealed, but its seal is gone.", HINT)
        if self._key and not self.seals:
            raise VerificationFailed("Line 1: the log has no seal, so none by the given key.", KEY_HINT)
        notes = []
        if self._torn:
            notes.append(f"line {self._line} is torn and was ignored: a writer was stopped; the next sealing resumes")
        if self.n > self._sealed:
            notes.append(f"entries {self._sealed + 1} to {self.n} are not sealed yet: no key vouches for them")
        if len(self.keys) > 1:
            first = ", ".join(f"{key} from entry {n}" for key, n in self.keys.items())
            notes.append(f"several keys sealed this log: {first}")
        notes += self._steps
        if self._stepped > _MOST_STEPS:
            notes.append(f"the clock stepped back {self._stepped - _MOST_STEPS} more times")
        book_notes, erased = self._book.finish()
        return (*notes, *book_notes), tuple(erased)


def _has_entry(lines: Iterable[bytes], n: int) -> bool:
    for line in lines:
        try:
            record = read_line(line)
        except Malformed:
            continue
        if isinstance(record, CustodyEntry) and record.n == n:
            return True
    return False
