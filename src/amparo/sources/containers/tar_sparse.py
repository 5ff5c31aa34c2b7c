"""Sparse files in tar: the old GNU map in header blocks, and the three pax maps (GNU tar manual, appendix E)."""

from collections.abc import Callable, Iterable

from amparo.pipeline.ports import Unreadable
from amparo.sources.containers.extents import Extent
from amparo.sources.containers.tar_header import BLOCK, number

MOST = 1_000_000  # extents of one file
ReadAt = Callable[[int, int], bytes]


def old_gnu(block: bytes, at: int, read: ReadAt) -> tuple[list[tuple[int, int]], int, int]:
    """(map, real size, where the data begins) from a type S header; ``at`` is behind the header block."""
    pairs = _old_entries(block, 386, 4)
    more = block[482]
    while more:
        extension = read(at, BLOCK)
        at += BLOCK
        if len(extension) < BLOCK or len(pairs) > MOST:
            raise Unreadable("damaged")
        pairs += _old_entries(extension, 0, 21)
        more = extension[504]
    return pairs, number(block[483:495]), at


def _old_entries(block: bytes, at: int, count: int) -> list[tuple[int, int]]:
    entries = [block[at + 24 * i : at + 24 * (i + 1)] for i in range(count)]
    return [(number(entry[:12]), number(entry[12:])) for entry in entries if entry[0]]


def pax_map(records: Iterable[tuple[bytes, bytes]]) -> list[tuple[int, int]]:
    """The map of pax formats 0.0 (pairs of records, in order) and 0.1 (one list)."""
    numbers: list[bytes] = []
    for key, value in records:
        if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            numbers.append(value)
        elif key == b"GNU.sparse.map":
            numbers = value.split(b",")
    return _pairs(numbers)


def map_in_data(at: int, read: ReadAt) -> tuple[list[tuple[int, int]], int]:
    """(map, length of the map in bytes) of pax format 1.0: lines of decimal numbers, filled up to a block."""
    text, lines, wanted = b"", 0, 1
    while lines < wanted:
        block = read(at + len(text), BLOCK)
        if len(block) < BLOCK or len(text) > 32 * MOST:
            raise Unreadable("damaged")
        if not text:
            wanted = 1 + 2 * _decimal(block.split(b"\n", 1)[0])
            if wanted > 2 * MOST:
                raise Unreadable("damaged")
        text += block
        lines += block.count(b"\n")
    return _pairs(text.split(b"\n")[1:wanted]), len(text)


def extents(pairs: list[tuple[int, int]], data: int, stored: int, size: int) -> list[Extent]:
    """The map as extents from ``data`` on. Raises Unreadable("damaged") unless sorted, disjoint, and all stored."""
    found, at, end = [], data, 0
    for offset, length in pairs:
        if offset < end or length < 0 or offset + length > size or at + length > data + stored:
            raise Unreadable("damaged")
        found.append(Extent(offset, length, at))
        at += length
        end = offset + length
    return found


def real_size(records: dict[bytes, bytes]) -> int:
    """The size with its holes, as pax says it. Raises Unreadable("damaged")."""
    value = records.get(b"GNU.sparse.realsize") or records.get(b"GNU.sparse.size") or b""
    if not value.isdigit() or len(value) > 19:
        raise Unreadable("damaged")
    return int(value)


def _pairs(numbers: list[bytes]) -> list[tuple[int, int]]:
    if len(numbers) % 2 or len(numbers) > 2 * MOST:
        raise Unreadable("damaged")
    values = [_decimal(number) for number in numbers]
    return list(zip(values[::2], values[1::2], strict=True))


def _decimal(text: bytes) -> int:
    if not text.isdigit() or len(text) > 20:
        raise Unreadable("damaged")
    return int(text)
