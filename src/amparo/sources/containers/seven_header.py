"""Headers of 7z archives (7-Zip's DOC/7zFormat.txt), read without believing a single count.

Not py7zr's own reader: it refuses an archive for one lone surrogate in a name, turns backslashes into slashes, stops
at 65,536 blocks, and cannot tell an empty file from a directory. Its decoders are used (seven_folder.py).
"""

import dataclasses
import itertools
import struct
from collections.abc import Sequence

from amparo.pipeline.ports import Unreadable
from amparo.sources.containers.limits import Limits

MAGIC = b"7z\xbc\xaf\x27\x1c"
AES = b"\x06\xf1\x07\x01"
(END, HEADER, _, _, MAIN, FILES, PACK, UNPACK, SUBSTREAMS, SIZE, CRC, FOLDER, CODERS_SIZE, NUM_STREAMS, EMPTY_STREAM,
 EMPTY_FILE, ANTI, NAME, CTIME, ATIME, MTIME, ATTRIBUTES, _, ENCODED) = range(24)  # fmt: skip
_TIMES = {CTIME: "btime", ATIME: "atime", MTIME: "mtime"}


@dataclasses.dataclass(slots=True)
class Coder:
    """One method of a folder, in the form py7zr's decoders take."""

    method: bytes
    inputs: int
    outputs: int
    properties: bytes | None


@dataclasses.dataclass(slots=True)
class Folder:
    """A block of compressed data: its coders in decoding order (None if they form no simple chain), where it lies."""

    coders: list[Coder]
    simple: bool
    order: list[int]
    packed_streams: int
    sizes: list[int] = dataclasses.field(default_factory=list)
    final: int = 0  # index of the size of what comes out in the end
    crc: int | None = None
    start: int = 0
    packed: int = 0
    streams: list[tuple[int, int | None]] = dataclasses.field(default_factory=list)  # (size, CRC-32) of members

    @property
    def encrypted(self) -> bool:
        """Whether a password is needed."""
        return any(coder.method == AES for coder in self.coders)


@dataclasses.dataclass(slots=True)
class SevenEntry:
    """One file record; ``name`` is UTF-8 of the stored UTF-16 (lone surrogates kept), times are FILETIME."""

    name: bytes = b""
    has_stream: bool = True
    empty_file: bool = False
    anti: bool = False
    attributes: int = 0
    times: dict[str, int] = dataclasses.field(default_factory=dict)


class Cursor:
    """Reads a header; every method raises Unreadable("damaged") where bytes run out."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise Unreadable("damaged")
        self.at += size
        return self.data[self.at - size : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """7z's variable length: as many bytes follow as the first has leading ones."""
        first = self.byte()
        length = 8 - (first ^ 0xFF).bit_length()
        value = int.from_bytes(self.take(length), "little")
        return value | (first & (0x7F >> length)) << 8 * length if length < 8 else value

    def count(self, bits_each: int) -> int:
        """A number of things of which each takes so many bits of the rest."""
        value = self.number()
        if value * bits_each > (len(self.data) - self.at) * 8:
            raise Unreadable("damaged")
        return value

    def bits(self, count: int) -> list[bool]:
        raw = self.take((count + 7) // 8)
        return [bool(raw[i >> 3] & 0x80 >> (i & 7)) for i in range(count)]

    def defined(self, count: int) -> list[bool]:
        return [True] * count if self.byte() else self.bits(count)

    def crcs(self, count: int) -> list[int | None]:
        return [struct.unpack("<I", self.take(4))[0] if there else None for there in self.defined(count)]

    def expect(self, kind: int) -> None:
        if self.byte() != kind:
            raise Unreadable("damaged")


def read_streams(cursor: Cursor, base: int) -> list[Folder]:
    """Pack, coder and substream information; ``base`` is where packed data begins in the file."""
    starts: list[int] = [base]
    folders: list[Folder] = []
    kind = cursor.byte()
    if kind == PACK:
        starts = _pack_info(cursor, base)
        kind = cursor.byte()
    if kind == UNPACK:
        folders = _unpack_info(cursor)
        kind = cursor.byte()
    at = 0
    for folder in folders:
        if at + folder.packed_streams >= len(starts):
            raise Unreadable("damaged")
        folder.start = starts[at]
        folder.packed = starts[at + folder.packed_streams] - starts[at]
        folder.streams = [(folder.sizes[folder.final], folder.crc)]
        at += folder.packed_streams
    if kind == SUBSTREAMS:
        _substreams(cursor, folders)
        kind = cursor.byte()
    if kind != END:
        raise Unreadable("damaged")
    return folders


def _pack_info(cursor: Cursor, base: int) -> list[int]:
    base += cursor.number()
    count = cursor.count(8)
    sizes = [0] * count
    while (kind := cursor.byte()) != END:
        if kind == SIZE:
            sizes = [cursor.number() for _ in range(count)]
        elif kind == CRC:
            cursor.crcs(count)
        else:
            raise Unreadable("damaged")
    return list(itertools.accumulate(sizes, initial=base))


def _unpack_info(cursor: Cursor) -> list[Folder]:
    cursor.expect(FOLDER)
    count = cursor.count(16)
    cursor.expect(0)  # external data: no program writes it
    folders = [_folder(cursor) for _ in range(count)]
    cursor.expect(CODERS_SIZE)
    for folder in folders:
        folder.sizes = [cursor.number() for coder in folder.coders for _ in range(coder.outputs)]
    while (kind := cursor.byte()) != END:
        if kind != CRC:
            raise Unreadable("damaged")
        for folder, crc in zip(folders, cursor.crcs(count), strict=True):
            folder.crc = crc
    return folders


def _folder(cursor: Cursor) -> Folder:
    coders = []
    for _ in range(cursor.count(8)):
        flags = cursor.byte()
        method = cursor.take(flags & 15) or b"\0"
        inputs, outputs = (cursor.number(), cursor.number()) if flags & 0x10 else (1, 1)
        properties = cursor.take(cursor.number()) if flags & 0x20 else None
        coders.append(Coder(method, inputs, outputs, properties))
        if len(coders) > 32 or inputs > 32 or outputs > 1 or outputs < 1 or flags & 0x80:
            raise Unreadable("unsupported")
    if not coders:
        raise Unreadable("damaged")
    total = sum(coder.inputs for coder in coders)
    bonds = {cursor.number(): cursor.number() for _ in range(len(coders) - 1)}  # input -> output that feeds it
    packed = total - (len(coders) - 1)
    if packed < 1 or len(bonds) != len(coders) - 1:
        raise Unreadable("damaged")
    first = [cursor.number() for _ in range(packed)] if packed > 1 else [i for i in range(total) if i not in bonds]
    finals = set(range(len(coders))) - set(bonds.values())
    if len(finals) != 1:
        raise Unreadable("damaged")
    order: list[int] = []
    simple = total == len(coders)
    if simple:  # one input each: follow the bonds from the packed stream to the end
        feeds = {output: into for into, output in bonds.items()}
        at: int | None = first[0] if first else None
        while at is not None and len(order) <= len(coders) and at < len(coders):
            order.append(at)
            at = feeds.get(at)
        simple = sorted(order) == list(range(len(coders)))
    return Folder(coders, simple, order, packed, final=finals.pop())


def _substreams(cursor: Cursor, folders: Sequence[Folder]) -> None:
    counts = [1] * len(folders)
    kind = cursor.byte()
    if kind == NUM_STREAMS:
        counts = [cursor.number() for _ in folders]
        kind = cursor.byte()
    if sum(counts) > len(cursor.data) * 8:
        raise Unreadable("damaged")
    sizes: list[list[int]] = []
    for folder, count in zip(folders, counts, strict=True):
        known = [cursor.number() for _ in range(count - 1)] if kind == SIZE else []
        rest = folder.sizes[folder.final] - sum(known)
        if rest < 0 or (count > 1 and kind != SIZE):
            raise Unreadable("damaged")
        sizes.append([*known, rest] if count else [])
    if kind == SIZE:
        kind = cursor.byte()
    whole = [len(size) == 1 and folder.crc is not None for folder, size in zip(folders, sizes, strict=True)]
    missing = sum(len(size) for size, known in zip(sizes, whole, strict=True) if not known)
    crcs: list[int | None] = [None] * missing
    while kind != END:
        if kind == CRC:
            crcs = cursor.crcs(missing)
        else:
            raise Unreadable("damaged")
        kind = cursor.byte()
    following = iter(crcs)
    for folder, size, one in zip(folders, sizes, whole, strict=True):
        folder.streams = [(length, folder.crc if one else next(following)) for length in size]


def read_files(cursor: Cursor, limits: Limits) -> list[SevenEntry]:
    """The file records in their order."""
    count = cursor.count(1)
    if count > limits.entries:
        raise Unreadable("limit-entries")
    entries = [SevenEntry() for _ in range(count)]
    while (kind := cursor.byte()) != END:
        part = Cursor(cursor.take(cursor.number()))
        if kind == EMPTY_STREAM:
            for entry, empty in zip(entries, part.bits(count), strict=True):
                entry.has_stream = not empty
        elif kind in (EMPTY_FILE, ANTI):
            field = "empty_file" if kind == EMPTY_FILE else "anti"
            empties = [entry for entry in entries if not entry.has_stream]
            for entry, flag in zip(empties, part.bits(len(empties)), strict=True):
                setattr(entry, field, flag)
        elif kind == NAME:
            _names(part, entries)
        elif kind in _TIMES or kind == ATTRIBUTES:
            defined = part.defined(count)
            part.expect(0)
            for entry in itertools.compress(entries, defined):
                if kind == ATTRIBUTES:
                    entry.attributes = int.from_bytes(part.take(4), "little")
                else:
                    entry.times[_TIMES[kind]] = int.from_bytes(part.take(8), "little")
    return entries


def _names(part: Cursor, entries: Sequence[SevenEntry]) -> None:
    part.expect(0)
    data, at = part.data, part.at
    for entry in entries:
        end = at
        while (end := data.find(b"\0\0", end)) >= 0 and (end - at) % 2:
            end += 1
        if end < 0:
            raise Unreadable("damaged")
        entry.name = data[at:end].decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")
        at = end + 2
