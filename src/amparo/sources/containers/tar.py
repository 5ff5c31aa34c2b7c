"""tar, uncompressed: v7, ustar, GNU (long names, sparse) and pax. Ends where ``tar tf`` ends."""

import array
import bisect
import dataclasses
import operator
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Entry, Step
from amparo.evidence.moment import SECOND, Moment
from amparo.evidence.outcome import Failed
from amparo.pipeline.ports import Declined, Unreadable
from amparo.sources.containers import tar_header, tar_sparse
from amparo.sources.containers.bounded import buffered
from amparo.sources.containers.extents import Extent, Extents, read_at
from amparo.sources.containers.limits import MIB, RATIO_FROM, Limits
from amparo.sources.containers.names import member
from amparo.sources.containers.tar_header import BLOCK, Header

_PAX = 16 * MIB  # longest extended header
_GLOBAL = 100  # records that count for all members: looked up for each, so there must be few
_TIMES = ((b"mtime", "tar.mtime"), (b"atime", "tar.atime"), (b"LIBARCHIVE.creationtime", "tar.btime"))
_NO_BYTES = frozenset({Entry.SYMLINK, Entry.HARDLINK, Entry.FIFO, Entry.BLOCK, Entry.CHARACTER})


@dataclasses.dataclass(slots=True)
class _Pending:
    """What extension headers say about the next member."""

    name: bytes | None = None
    records: list[tuple[bytes, bytes]] = dataclasses.field(default_factory=list)


class TarArchive:
    """An open tar file. Members are found once, in order, as far as they are asked for: 24 bytes of memory each."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._headers = array.array("Q")  # where the first block of each member, extensions included, lies
        self._next = 0
        self._globals: list[tuple[int, list[tuple[bytes, bytes]]]] = []  # (from this place on, records)
        self._ended: str | None = None
        self._damaged = False
        if self._block(0) is None and not _all_zero(read_at(stream, 0, BLOCK)):
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
        header, pending, at = self._read_member(self._headers[index])
        if header.entry in _NO_BYTES:
            raise Declined("special")
        size, extents = self._extents(header, pending, at)
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
        header, pending, at = self._read_member(place)
        records = dict(pending.records)
        name = records.get(b"GNU.sparse.name") or records.get(b"path") or pending.name or header.name
        outcome, size = None, None
        try:
            size, _ = self._extents(header, pending, at)
        except Unreadable as error:
            outcome = Failed(error.reason)
        return member("tar", index, name, header.entry, size, _moments(header, records), outcome, self._limits)

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
                self._ended = "damaged" if self._damaged else ""
        return len(self._headers) > index

    def _advance(self) -> bool:
        """Note the next member and move behind it."""
        start = self._next
        block = self._block(start)
        if block is None and (start := self._resume(start)) < 0:
            return False
        try:
            header, pending, at = self._read_member(start, note_globals=True)
        except EOFError:  # extension headers of nothing
            return False
        self._headers.append(start)
        length = 0 if header.kind == b"1" else self._stored(header, pending)
        if header.kind == b"S":
            at = tar_sparse.old_gnu(header.block, at, self._read)[2]
        self._next = at + (length + BLOCK - 1) // BLOCK * BLOCK
        return True

    def _resume(self, start: int) -> int:
        """Where to go on at a block that is no header: -1 at the end; behind damage, the next ustar header."""
        before = read_at(self._stream, start - 1, BLOCK + 1) if start else b"x" + read_at(self._stream, 0, BLOCK)
        if not before:  # the last member's own bytes end early
            raise Unreadable("damaged")
        if len(before) == 1 or _all_zero(before[1:]):
            return -1
        self._damaged = True
        place = start
        while data := read_at(self._stream, place, MIB):
            at = data.find(b"ustar")
            while at >= 0:
                if at >= 257 and (at - 257) % BLOCK == 0 and tar_header.valid(data[at - 257 : at + 255]):
                    return place + at - 257
                at = data.find(b"ustar", at + 1)
            place += MIB - MIB % BLOCK
        return -1

    def _read_member(self, at: int, *, note_globals: bool = False) -> tuple[Header, _Pending, int]:
        """(header, what its extensions say, where its data begins) of the member that begins at ``at``.

        Raises EOFError where the archive ends behind extension headers.
        """
        pending = _Pending()
        if before := bisect.bisect_left(self._globals, at, key=operator.itemgetter(0)):
            pending.records = list(self._globals[before - 1][1])
        while True:
            block = self._block(at)
            if block is None:
                if not (rest := self._read(at, BLOCK)) or _all_zero(rest):
                    raise EOFError
                raise Unreadable("damaged")
            header = tar_header.parse(block)
            if header.kind not in b"LKxgX":
                return header, pending, at + BLOCK
            if header.kind in b"LK":
                if header.kind == b"L":
                    text = self._read(at + BLOCK, min(header.size, self._limits.name_bytes + 2))
                    pending.name = text.split(b"\0", 1)[0]
            else:
                if header.size > _PAX:
                    raise Unreadable("limit-memory")
                data = self._read(at + BLOCK, header.size)
                if len(data) < header.size:
                    raise Unreadable("damaged")
                pending.records.extend(tar_header.pax_records(data))
                if header.kind == b"g" and note_globals:
                    if len(pending.records) > _GLOBAL:
                        raise Unreadable("limit-memory")
                    self._globals.append((at, list(pending.records)))
            at += BLOCK + (header.size + BLOCK - 1) // BLOCK * BLOCK

    def _stored(self, header: Header, pending: _Pending) -> int:
        """Bytes of data behind the header."""
        value = dict(pending.records).get(b"size")
        if value is None:
            return header.size
        if not value.isdigit() or len(value) > 19:
            raise Unreadable("damaged")
        return int(value)

    def _extents(self, header: Header, pending: _Pending, at: int) -> tuple[int, list[Extent]]:
        """(size of the member, where its bytes lie); nothing but files has bytes."""
        if header.entry in _NO_BYTES:
            return 0, []
        stored = self._stored(header, pending)
        records = dict(pending.records)
        if header.kind == b"S":
            pairs, size, at = tar_sparse.old_gnu(header.block, at, self._read)
        elif records.get(b"GNU.sparse.major") == b"1":
            pairs, length = tar_sparse.map_in_data(at, self._read)
            size, at, stored = _real_size(records), at + length, stored - length
        elif b"GNU.sparse.size" in records:
            pairs, size = tar_sparse.pax_map(pending.records), _real_size(records)
        else:
            return stored, [Extent(0, stored, at)]
        return size, tar_sparse.extents(pairs, at, stored, size)

    def _block(self, at: int) -> bytes | None:
        """The header block at ``at``, None unless its checksum holds."""
        block = read_at(self._stream, at, BLOCK)
        return block if tar_header.valid(block) else None

    def _read(self, at: int, size: int) -> bytes:
        return read_at(self._stream, at, size)


class Tar:
    """The tar container."""

    name = "tar"
    media_types = frozenset({"application/x-tar"})

    def open_archive(self, stream: BinaryIO, name: bytes, limits: Limits) -> TarArchive:
        """Raises Unreadable("damaged") unless it begins with a header or, empty, with zeros."""
        return TarArchive(stream, limits)


def _all_zero(block: bytes) -> bool:
    return not block.strip(b"\0")


def _real_size(records: dict[bytes, bytes]) -> int:
    value = records.get(b"GNU.sparse.realsize") or records.get(b"GNU.sparse.size") or b""
    if not value.isdigit() or len(value) > 19:
        raise Unreadable("damaged")
    return int(value)


def _moments(header: Header, records: dict[bytes, bytes]) -> tuple[Moment, ...]:
    moments = []
    for key, field in _TIMES:
        if (moment := _pax_time(records[key], field) if key in records else None) is not None:
            moments.append(moment)
        elif key == b"mtime":
            moments.append(Moment.utc(header.mtime * SECOND, field, SECOND))
    return tuple(moments)


def _pax_time(value: bytes, field: str) -> Moment | None:
    """Decimal seconds with any number of digits behind the point, cut at nanoseconds."""
    sign = -1 if value.startswith(b"-") else 1
    whole, _, fraction = value.lstrip(b"-").partition(b".")
    fraction = fraction[:9]
    if not whole.isdigit() or len(whole) > 19 or (fraction and not fraction.isdigit()):
        return None
    precision = 10 ** (9 - len(fraction))
    return Moment.utc(sign * (int(whole) * SECOND + int(fraction or b"0") * precision), field, precision)
