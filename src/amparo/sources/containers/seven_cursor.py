"""Cursor: numbers, bit vectors and checksums of a 7z header, none of them believed."""

import struct

from amparo.pipeline.ports import Unreadable


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
