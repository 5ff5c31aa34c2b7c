"""An edition: what a list changes in a Bank, worked out entry by entry and written as new segments."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence

from amparo.exchange.known import KnownEntry
from amparo.media.bank_segment import Segment, SegmentBuilder, Stored, key_digest, said

_BATCH = 5_000  # entries looked up together
_PART = 200_000  # entries of one new segment: bounds memory to about 200 MB

Publish = Callable[[SegmentBuilder], Segment]


@dataclasses.dataclass(slots=True)
class Changes:
    """How many entries an edition added, changed, found as they were, brought back, and withdrew."""

    added: int = 0
    updated: int = 0
    already: int = 0
    revived: int = 0
    withdrawn: int = 0

    @property
    def any(self) -> bool:
        """Whether the Bank is another one now."""
        return bool(self.added or self.updated or self.revived or self.withdrawn)


class Edition:
    """Applies entries to a Bank of ``segments`` (newest last). Entries that are not named stay as they are.

    ``publish`` writes a segment and opens it; :attr:`segments` grows by what it returns. O(log n) an entry and
    segment.
    """

    def __init__(self, segments: Sequence[Segment], next_entry: int, version: int, publish: Publish) -> None:
        self.segments = list(segments)
        self.next_entry = next_entry
        self.changes = Changes()
        self.version = version
        self._publish = publish
        self._pending: dict[bytes, Stored] = {}

    def apply(self, entries: Iterator[KnownEntry], reason: str = "") -> None:
        """Take every entry in; ``reason`` is stored with those that are withdrawn. Raises what ``entries`` raises."""
        while batch := list(itertools.islice(entries, _BATCH)):
            if len(self._pending) >= _PART:  # not sooner: the last segment is written when the list was read to its end
                self.close()
            keys = [key_digest(each.key) for each in batch]
            known: dict[int, tuple[Segment, int]] = {}
            for segment in self.segments:
                known |= {number: (segment, row) for number, row in segment.find_keys(keys).items()}
            for number, (key, each) in enumerate(zip(keys, batch, strict=True)):
                self._put(key, each, known.get(number), reason)

    def close(self) -> None:
        """Write what is left."""
        if self._pending:
            builder = SegmentBuilder()
            for stored in sorted(self._pending.values(), key=lambda each: each.entry):
                builder.add(stored)
            self._pending.clear()
            self.segments.append(self._publish(builder))

    def _put(self, key: bytes, known: KnownEntry, there: tuple[Segment, int] | None, reason: str) -> None:
        pending = self._pending.get(key)
        if pending is None and there is None:
            if not known.withdrawn:  # a list may take back what it never gave us
                self._write(key, self.next_entry, known, "")
                self.next_entry += 1
                self.changes.added += 1
            return
        if pending is not None:
            entry, before, gone = pending.entry, said(pending.known), pending.known.withdrawn
        elif there is not None:
            segment, row = there
            entry, before, gone = int(segment.entries[row]), segment.said(row), bool(segment.withdrawn[row])
        if known.withdrawn:
            if gone:
                self.changes.already += 1
                return
            old = pending.known if pending is not None else segment.stored(row).known
            self._write(key, entry, dataclasses.replace(old, withdrawn=True), reason)
            self.changes.withdrawn += 1
        elif before == said(known):
            self.changes.already += 1
        else:
            self._write(key, entry, known, "")
            if gone:
                self.changes.revived += 1
            else:
                self.changes.updated += 1

    def _write(self, key: bytes, entry: int, known: KnownEntry, reason: str) -> None:
        self._pending[key] = Stored(entry, self.version, known, reason)
