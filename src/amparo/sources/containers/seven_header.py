"""Headers of 7z archives (7-Zip's DOC/7zFormat.txt), read without believing a single count.

Not py7zr's own reader: it refuses an archive for one lone surrogate in a name, turns backslashes into slashes, stops
at 65,536 blocks, and cannot tell an empty file from a directory. Its decoders are used (seven_folder.py).
"""

import dataclasses
import itertools
from collections.abc import Sequence

from amparo.pipeline.ports import Unreadable
from amparo.sources.containers.seven_cursor import Cursor

MAGIC = b"7z\xbc\xaf\x27\x1c"
AES = b"\x06\xf1\x07\x01"
(END, HEADER, _, _, MAIN, FILES, PACK, UNPACK, SUBSTREAMS, SIZE, CRC, FOLDER, CODERS_SIZE, NUM_STREAMS, EMPTY_STREAM,
 EMPTY_FILE, ANTI, NAME, CTIME, ATIME, MTIME, ATTRIBUTES, _, ENCODED) = range(24)  # fmt: skip


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
