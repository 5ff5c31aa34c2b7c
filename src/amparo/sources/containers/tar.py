"""tar, uncompressed: v7, ustar, GNU (long names, sparse) and pax. Ends where ``tar tf`` ends."""

import array
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Step
from amparo.evidence.outcome import Failed
from amparo.pipeline.ports import Declined, Unreadable
from amparo.sources.containers import tar_sparse, tar_times
from amparo.sources.containers.bounded import buffered
from amparo.sources.containers.extents import Extents, read_at
from amparo.sources.containers.limits import RATIO_FROM, Limits
from amparo.sources.containers.names import member
from amparo.sources.containers.tar_blocks import NO_BYTES, TarBlocks, all_zero
from amparo.sources.containers.tar_header import BLOCK


class TarArchive:
    """An open tar file. Members are found once, in order, as far as they are asked for: 24 bytes of memory each."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._headers = array.array("Q")  # where the first block of each member, extensions included, lies
        self._next = 0
        self._ended: str | None = None
        self._blocks = TarBlocks(stream, limits)
        if self._blocks.block(0) is None and not all_zero(read_at(stream, 0, BLOCK)):
            raise Unreadable("damaged")

    def members(self) -> Iterator[Child]:
        """As ``tar tf``: also what follows a damaged header, then Unreadable("damaged")."""
        index = 0
        while self._reach(index):
            place = self._headers[index]
            yield self._member(index, place)
            index += 1
        if self._ended:
            raise Unreadable(self._ended)

    def open(self, step: Step) -> BinaryIO:
        """The member ``step.record``; finds the way there once per open archive."""
        index = step.record
        if index is None or index < 0 or not self._reach(index):
            raise Unreadable(self._ended or "read-error")
        header, pending, at = self._blocks.read_member(self._headers[index])
        if header.entry in NO_BYTES:
            raise Declined("special")
        size, extents = self._blocks.extents(header, pending, at)
        if size > self._limits.member_bytes:
            raise Unreadable("limit-size")
        if size > max(RATIO_FROM, self._limits.ratio * max(BLOCK, sum(extent.length for extent in extents))):
            raise Unreadable("limit-ratio")  # a sparse file that is nearly all hole
        return buffered(Extents(self._stream, extents, size))

    def findings(self) -> Sequence[Finding]:
        """None: what is wrong shows with the members."""
        return ()

    def close(self) -> None:
        """Nothing is held."""

    def _member(self, index: int, place: int) -> Child:
        header, pending, at = self._blocks.read_member(place)
        records = dict(pending.records)
        name = records.get(b"GNU.sparse.name") or records.get(b"path") or pending.name or header.name
        outcome, size = None, None
        try:
            size, _ = self._blocks.extents(header, pending, at)
        except Unreadable as error:
            outcome = Failed(error.reason)
        return member("tar", index, name, header.entry, size, tar_times.moments(header, records), outcome, self._limits)

    def _reach(self, index: int) -> bool:
        """Walk on until the member ``index`` is known; False if there is none."""
        while len(self._headers) <= index and self._ended is None:
            if len(self._headers) >= self._limits.entries:
                self._ended = "limit-entries"
                break
            try:
                found = self._advance()
            except Unreadable as error:
                self._ended = error.reason
                break
            if not found:
                self._ended = "damaged" if self._blocks.damaged else ""
        return len(self._headers) > index

    def _advance(self) -> bool:
        """Note the next member and move behind it."""
        start = self._next
        block = self._blocks.block(start)
        if block is None and (start := self._blocks.resume(start)) < 0:
            return False
        try:
            header, pending, at = self._blocks.read_member(start, note_globals=True)
        except EOFError:  # extension headers of nothing
            return False
        self._headers.append(start)
        length = 0 if header.kind == b"1" else self._blocks.stored(header, pending)
        if header.kind == b"S":
            at = tar_sparse.old_gnu(header.block, at, self._blocks.read)[2]
        self._next = at + (length + BLOCK - 1) // BLOCK * BLOCK
        return True


class Tar:
    """The tar container."""

    name = "tar"
    media_types = frozenset({"application/x-tar"})

    def open_archive(self, stream: BinaryIO, name: bytes, limits: Limits) -> TarArchive:
        """Raises Unreadable("damaged") unless it begins with a header or, empty, with zeros."""
        return TarArchive(stream, limits)
