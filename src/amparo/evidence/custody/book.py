"""Book: holds each entry of a log against its payload, and each erasure against the entry that records it."""

import uuid
from collections.abc import Iterable

from amparo.evidence.custody.canonical import Malformed
from amparo.evidence.custody.entry import CustodyEntry
from amparo.evidence.custody.event import ERASED
from amparo.evidence.custody.payload import HINT as LINE_HINT
from amparo.evidence.custody.payload import Erased, Kept, digest, read_payload
from amparo.evidence.errors import VerificationFailed
from amparo.evidence.moment import Moment

HINT = "Keep this copy as it is, and compare it with a backup from that entry on."


class Book:
    """All payloads by entry id, read before the log. ``lines`` is None where there is no payload file.

    A torn last line is passed over: its entry was never appended. A line may stand twice, since a sealer killed
    between payload and entry is followed by one that writes both; it must then say the same. Raises
    VerificationFailed naming the line.
    """

    def __init__(self, lines: Iterable[bytes] | None) -> None:
        self._absent = lines is None
        self._payloads: dict[uuid.UUID, Kept | Erased] = {}
        self._numbers: dict[uuid.UUID, int] = {}  # entries that have a payload -> n
        self._erasures: dict[uuid.UUID, tuple[object, int]] = {}  # entries that record one -> of, at
        self._unread = 0
        for number, line in enumerate(lines or (), 1):
            if not line.endswith(b"\n"):
                break
            try:
                payload = read_payload(line)
                if self._payloads.setdefault(payload.id, payload) != payload:
                    raise Malformed("contradicts an earlier line for the same entry")
            except Malformed as error:
                raise VerificationFailed(f"Line {number} of the payload file {error}.", LINE_HINT) from error

    def take(self, entry: CustodyEntry) -> None:
        """The next entry of the log; raises VerificationFailed if its payload is missing or another."""
        if self._absent:
            self._unread += bool(entry.commitments)
            return
        if entry.action == ERASED:
            self._erasures[entry.id] = entry.facts.get("entry"), entry.at
        payload = self._payloads.get(entry.id)
        if payload is None:
            if entry.commitments:
                raise VerificationFailed(f"Entry {entry.n}: its payload is missing, and not as erased.", HINT)
            return
        self._numbers[entry.id] = entry.n
        fits = entry.commitments if isinstance(payload, Erased) else payload.digest == digest(entry.commitments)
        if not fits:
            raise VerificationFailed(f"Entry {entry.n}: its payload is not what the entry commits to.", HINT)

    def finish(self) -> tuple[list[str], list[Erased]]:
        """Notes and erased payloads, after the last entry; raises VerificationFailed."""
        notes, erased = [], []
        if self._unread:
            notes.append(f"there is no payload file: the payloads of {self._unread} entries were not checked")
        if orphans := len(self._payloads) - len(self._numbers):
            notes.append(f"payloads without an entry: {orphans}; a writer was stopped, or the log lacks its end")
        for of, n in self._numbers.items():
            payload = self._payloads[of]
            if isinstance(payload, Erased):
                if not self._recorded(payload):
                    raise VerificationFailed(f"Entry {n}: its payload was removed, and no entry records that.", HINT)
                on = Moment.utc(payload.at, "at").text()
                notes.append(f"payload of entry {n} erased on {on} under {_shown(payload.under)}")
                erased.append(payload)
        recorded = {of for of, _ in self._erasures.values()}
        for of, n in self._numbers.items() if recorded else ():
            if str(of) in recorded and isinstance(self._payloads[of], Kept):
                notes.append(f"payload of entry {n} is recorded as erased, but still there: erase it")
        return notes, erased

    def _recorded(self, payload: Erased) -> bool:
        """Whether the entry it names records just this erasure, with the reason it committed to."""
        reason = self._payloads.get(payload.by)
        if isinstance(reason, Kept) and reason.under != payload.under:
            return False
        return self._erasures.get(payload.by) == (str(payload.id), payload.at)


def _shown(text: str) -> str:
    """Foreign text fit for a terminal: printable, at most 200 characters."""
    return "".join(c if c.isprintable() else "?" for c in text[:200])
