"""From block to member: extension headers, damage, and where a member's bytes lie."""

import bisect
import dataclasses
import operator
from typing import BinaryIO

from amparo.evidence.item import Entry
from amparo.pipeline.ports import Unreadable
from amparo.sources.containers import tar_header, tar_sparse
from amparo.sources.containers.extents import Extent, read_at
from amparo.sources.containers.limits import MIB, Limits
from amparo.sources.containers.tar_header import BLOCK, Header

_PAX = 16 * MIB  # longest extended header
_GLOBAL = 100  # records that count for all members: looked up for each, so there must be few
NO_BYTES = frozenset({Entry.SYMLINK, Entry.HARDLINK, Entry.FIFO, Entry.BLOCK, Entry.CHARACTER})


@dataclasses.dataclass(slots=True)
class Pending:
    """What extension headers say about the next member."""

    name: bytes | None = None
    records: list[tuple[bytes, bytes]] = dataclasses.field(default_factory=list)


class TarBlocks:
    """The blocks of one tar file. ``damaged`` is set once something was skipped."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._globals: list[tuple[int, list[tuple[bytes, bytes]]]] = []  # (from this place on, records)
        self.damaged = False

    def block(self, at: int) -> bytes | None:
        """The header block at ``at``, None unless its checksum holds."""
        block = read_at(self._stream, at, BLOCK)
        return block if tar_header.valid(block) else None

    def resume(self, start: int) -> int:
        """Where to go on at a block that is no header: -1 at the end; behind damage, the next ustar header."""
        before = read_at(self._stream, start - 1, BLOCK + 1) if start else b"x" + read_at(self._stream, 0, BLOCK)
        if not before:  # the last member's own bytes end early
            raise Unreadable("damaged")
        if len(before) == 1 or all_zero(before[1:]):
            return -1
        self.damaged = True
        place = start
        while data := read_at(self._stream, place, MIB):
            at = data.find(b"ustar")
            while at >= 0:
                if at >= 257 and (at - 257) % BLOCK == 0 and tar_header.valid(data[at - 257 : at + 255]):
                    return place + at - 257
                at = data.find(b"ustar", at + 1)
            place += MIB - MIB % BLOCK
        return -1

    def read_member(self, at: int, *, note_globals: bool = False) -> tuple[Header, Pending, int]:
        """(header, what its extensions say, where its data begins) of the member that begins at ``at``.

        Raises EOFError where the archive ends behind extension headers.
        """
        pending = Pending()
        if before := bisect.bisect_left(self._globals, at, key=operator.itemgetter(0)):
            pending.records = list(self._globals[before - 1][1])
        while True:
            block = self.block(at)
            if block is None:
                if not (rest := self.read(at, BLOCK)) or all_zero(rest):
                    raise EOFError
                raise Unreadable("damaged")
            header = tar_header.parse(block)
            if header.kind not in b"LKxgX":
                return header, pending, at + BLOCK
            if header.kind in b"LK":
                if header.kind == b"L":
                    text = self.read(at + BLOCK, min(header.size, self._limits.name_bytes + 2))
                    pending.name = text.split(b"\0", 1)[0]
            else:
                if header.size > _PAX:
                    raise Unreadable("limit-memory")
                data = self.read(at + BLOCK, header.size)
                if len(data) < header.size:
                    raise Unreadable("damaged")
                pending.records.extend(tar_header.pax_records(data))
                if header.kind == b"g" and note_globals:
                    if len(pending.records) > _GLOBAL:
                        raise Unreadable("limit-memory")
                    self._globals.append((at, list(pending.records)))
            at += BLOCK + (header.size + BLOCK - 1) // BLOCK * BLOCK

    def stored(self, header: Header, pending: Pending) -> int:
        """Bytes of data behind the header."""
        value = dict(pending.records).get(b"size")
        if value is None:
            return header.size
        if not value.isdigit() or len(value) > 19:
            raise Unreadable("damaged")
        return int(value)

    def extents(self, header: Header, pending: Pending, at: int) -> tuple[int, list[Extent]]:
        """(size of the member, where its bytes lie); nothing but files has bytes."""
        if header.entry in NO_BYTES:
            return 0, []
        stored = self.stored(header, pending)
        records = dict(pending.records)
        if header.kind == b"S":
            pairs, size, at = tar_sparse.old_gnu(header.block, at, self.read)
        elif records.get(b"GNU.sparse.major") == b"1":
            pairs, length = tar_sparse.map_in_data(at, self.read)
            size, at, stored = tar_sparse.real_size(records), at + length, stored - length
        elif b"GNU.sparse.size" in records:
            pairs, size = tar_sparse.pax_map(pending.records), tar_sparse.real_size(records)
        else:
            return stored, [Extent(0, stored, at)]
        return size, tar_sparse.extents(pairs, at, stored, size)

    def read(self, at: int, size: int) -> bytes:
        return read_at(self._stream, at, size)


def all_zero(block: bytes) -> bool:
    """Whether this is the mark of the end."""
    return not block.strip(b"\0")
