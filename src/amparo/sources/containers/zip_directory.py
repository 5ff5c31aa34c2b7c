"""The central directory of a ZIP file, read record by record (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5).

Not the standard library's reader: that one refuses a whole archive for one bad name or extra field, cuts names at
NUL, and reads every record into memory.
"""

import array
import dataclasses
import struct
from collections.abc import Iterator
from typing import BinaryIO

from amparo.pipeline.ports import Unreadable
from amparo.sources.containers.extents import read_at, stream_size
from amparo.sources.containers.limits import MIB

_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64 = struct.Struct("<4sIQI")
_RECORD = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_SIGNATURE = b"PK\x01\x02"
_LONGEST = _RECORD.size + 3 * 65_535
_ALL32 = 0xFFFF_FFFF


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """One entry of the central directory; sizes and offsets after ZIP64, ``when`` is (DOS time, DOS date)."""

    name: bytes
    host: int
    flags: int
    method: int
    when: tuple[int, int]
    crc: int
    packed: int
    size: int
    disk: int
    attributes: int
    offset: int
    extra: bytes
    length: int

    @property
    def encrypted(self) -> bool:
        """Traditional, strong or AES encryption, or a masked local header."""
        return bool(self.flags & 0x2041) or self.method == 99


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """(id, bytes) of each extra field; ends at the first that does not fit."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if at + 4 + length > len(extra):
            return
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


class Directory:
    """Where the records lie. ``shift`` is the length of data put in front of the archive (self-extracting files)."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.start, self.end, self.shift, self._number = _find(stream)

    def scan(self) -> Iterator[tuple[int, Record]]:
        """(place, record) in order; Unreadable("damaged") where the chain breaks, or is not as long as was stated."""
        place, block, base = self.start, b"", self.start
        listed = 0
        while place < self.end:
            at = place - base
            if at + _LONGEST > len(block) and base + len(block) < self.end:
                block, base, at = read_at(self._stream, place, min(MIB, self.end - place)), place, 0
            record = parse(block, at)
            if record is None:
                if block[at : at + 4] in (b"PK\x05\x05", b"PK\x06\x06", b"PK\x06\x08"):  # signature, ZIP64 end
                    break
                raise Unreadable("damaged")
            yield place, record
            place += record.length
            listed += 1
        if (listed - self._number) % 65_536:  # without ZIP64 only 16 bits of the number are stored
            raise Unreadable("damaged")

    def record(self, place: int) -> Record:
        """The record at a place that :meth:`scan` gave."""
        record = parse(read_at(self._stream, place, min(_LONGEST, self.end - place)), 0)
        if record is None:
            raise Unreadable("damaged")
        return record

    def data_start(self, record: Record) -> int:
        """Where the bytes of a member begin, behind its local header. Raises Unreadable("damaged")."""
        head = read_at(self._stream, record.offset + self.shift, _LOCAL.size)
        if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
            raise Unreadable("damaged")
        name, extra = _LOCAL.unpack(head)[9:]
        return record.offset + self.shift + _LOCAL.size + int(name) + int(extra)


def parse(block: bytes, at: int) -> Record | None:
    """The record at ``at``, None if there is none or it is cut."""
    if at + _RECORD.size > len(block):
        return None
    (sign, made, _, flags, method, time, date, crc, packed, size, names, extras, comment, disk, _, attributes, offset
     ) = _RECORD.unpack_from(block, at)  # fmt: skip
    length = _RECORD.size + names + extras + comment
    if sign != _SIGNATURE or at + length > len(block):
        return None
    begin = at + _RECORD.size
    extra = block[begin + names : begin + names + extras]
    if _ALL32 in (size, packed, offset) or disk == 0xFFFF:
        size, packed, offset, disk = _zip64(extra, size, packed, offset, disk)
    return Record(
        block[begin : begin + names], made >> 8, flags, method, (time, date), crc,
        packed, size, disk, attributes, offset, extra, length,
    )  # fmt: skip


def _zip64(extra: bytes, size: int, packed: int, offset: int, disk: int) -> tuple[int, int, int, int]:
    for kind, data in extra_fields(extra):
        if kind != 1:
            continue
        values = iter(int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data) - 7, 8))
        size = next(values, size) if size == _ALL32 else size
        packed = next(values, packed) if packed == _ALL32 else packed
        offset = next(values, offset) if offset == _ALL32 else offset
        if disk == 0xFFFF and len(data) % 8 == 4:
            disk = int.from_bytes(data[-4:], "little")
    return size, packed, offset, disk


def _find(stream: BinaryIO) -> tuple[int, int, int, int]:
    """(start, end, shift, stated number of records) of the directory.

    Raises Unreadable: ``damaged`` without one, ``unsupported`` if split.
    """
    total = stream_size(stream)
    base = max(0, total - _END.size - 65_535)
    tail = read_at(stream, base, total - base)
    at = _end_record(tail)
    _, disk, start_disk, _, number, size, offset, _ = _END.unpack_from(tail, at)
    end = base + at
    locator = read_at(stream, end - _LOCATOR64.size, _LOCATOR64.size) if end >= _LOCATOR64.size else b""
    if locator[:4] == b"PK\x06\x07" and (found := _end64(stream, end - _LOCATOR64.size, locator)) is not None:
        end, disk, start_disk, number, size, offset = found
    if disk not in (0, 0xFFFF) or start_disk not in (0, 0xFFFF):
        raise Unreadable("unsupported")
    start = end - size
    if start >= 0 and (size == 0 or read_at(stream, start, 4) == _SIGNATURE):
        return start, end, max(0, start - offset), number
    if offset + 4 <= end and read_at(stream, offset, 4) == _SIGNATURE:
        return offset, end, 0, number
    raise Unreadable("damaged")


def _end_record(tail: bytes) -> int:
    """The last end record whose comment reaches the end of the file, else the last whose fits into it."""
    fits = -1
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if at + _END.size <= len(tail):
            length = at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little")
            if length == len(tail):
                return at
            if length < len(tail) and fits < 0:
                fits = at
        at = tail.rfind(b"PK\x05\x06", 0, at)
    if fits < 0:
        raise Unreadable("damaged")
    return fits


def _end64(stream: BinaryIO, end: int, locator: bytes) -> tuple[int, int, int, int, int, int] | None:
    _, disk, offset, disks = _LOCATOR64.unpack(locator)
    if disk != 0 or disks > 1:
        raise Unreadable("unsupported")
    for place in (end - _END64.size, offset):
        if place < 0:
            continue
        data = read_at(stream, place, _END64.size)
        if len(data) == _END64.size and data[:4] == b"PK\x06\x06":
            _, _, _, _, disk, start_disk, _, number, size, start = _END64.unpack(data)
            return place, disk, start_disk, number, size, start
    return None


def overlapping(offsets: "array.array[int]", packed: "array.array[int]") -> set[int]:
    """Records whose bytes begin inside those of another: the mark of a bomb made of overlapping files.

    The first of each heap is not among them: it can give no more than an ordinary member.
    """
    found = set()
    end = -1
    for index in sorted(range(len(offsets)), key=offsets.__getitem__):
        if offsets[index] < end:
            found.add(index)
        end = max(end, offsets[index] + _LOCAL.size + packed[index])
    return found
