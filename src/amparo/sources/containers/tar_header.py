"""Blocks of a tar file (POSIX.1-2017 pax, ustar; GNU tar manual, "Basic Tar Format" and "Storing Sparse Files").

Not the standard library's reader: in the Python 3.11 releases we must run on, a crafted header makes it loop for
ever (CVE-2025-8194), take quadratic time (CVE-2024-6232) or recurse until it dies.
"""

import dataclasses
import struct

from amparo.evidence.item import Entry
from amparo.pipeline.ports import Unreadable

BLOCK = 512
_HEADER = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12s")
_UNSIGNED = struct.Struct("148B8x356B")
_SIGNED = struct.Struct("148b8x356b")
_KINDS = {
    b"1": Entry.HARDLINK, b"2": Entry.SYMLINK, b"3": Entry.CHARACTER,
    b"4": Entry.BLOCK, b"5": Entry.DIRECTORY, b"6": Entry.FIFO, b"D": Entry.DIRECTORY,
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    """One header block. ``size`` and ``mtime`` (seconds) as the block says; the raw block is kept for sparse maps."""

    name: bytes
    kind: bytes
    size: int
    mtime: int
    block: bytes

    @property
    def entry(self) -> Entry:
        """Unknown types count as files, as POSIX asks."""
        if self.kind in (b"0", b"\0") and self.name.endswith(b"/"):
            return Entry.DIRECTORY  # before ustar there was no type for it
        return _KINDS.get(self.kind, Entry.FILE)


def number(field: bytes) -> int:
    """Octal digits, or base 256 if the first bit is set (GNU). Raises Unreadable("damaged")."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big") & ((1 << (len(field) * 8 - 1)) - 1)
        return value if not field[0] & 0x40 else value - (1 << (len(field) * 8 - 1))
    digits = field.split(b"\0", 1)[0].strip(b" ")
    if not digits:
        return 0
    if not digits.isdigit():
        raise Unreadable("damaged")
    try:
        return int(digits, 8)
    except ValueError as error:
        raise Unreadable("damaged") from error


def valid(block: bytes) -> bool:
    """Whether the checksum holds; some old programs summed signed bytes."""
    if len(block) < BLOCK:
        return False
    try:
        declared = number(block[148:156])
    except Unreadable:
        return False
    return declared in (256 + sum(_UNSIGNED.unpack_from(block)), 256 + sum(_SIGNED.unpack_from(block)))


def parse(block: bytes) -> Header:
    """A valid block's header. Raises Unreadable("damaged") for numbers that are none."""
    name, _, _, _, size, mtime, _, kind, _, magic, _, _, _, _, prefix, _ = _HEADER.unpack(block)
    name = name.split(b"\0", 1)[0]
    if magic[:6] == b"ustar\0" and prefix[0] and kind not in b"LKxgX":
        name = prefix.split(b"\0", 1)[0] + b"/" + name
    length = number(size)
    if length < 0:
        raise Unreadable("damaged")
    return Header(name, kind, length, number(mtime), block)


def pax_records(data: bytes) -> list[tuple[bytes, bytes]]:
    """``length key=value newline`` records in order. Raises Unreadable("damaged")."""
    records, at = [], 0
    while at < len(data) and data[at : at + 1] != b"\0":
        space = data.find(b" ", at, at + 20)
        if space < 0 or not data[at:space].isdigit():
            raise Unreadable("damaged")
        end = at + int(data[at:space])
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if end > len(data) or end <= space + 1 or not equals or data[end - 1 : end] != b"\n":
            raise Unreadable("damaged")
        records.append((key, value))
        at = end
    return records
