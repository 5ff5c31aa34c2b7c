"""Bounded: the one stream through which every compressed member is read. Counts real bytes, never declared ones."""

import io
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Protocol

from amparo.pipeline.ports import Unreadable
from amparo.sources.containers.limits import MIB, RATIO_FROM, Limits

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 256 * 1024  # most that is decoded at a time
KEEP = 32 * MIB  # a member up to this size is kept in memory once somebody seeks back in it


class Decoder(Protocol):
    """Decoded bytes from the start of a member, and how many compressed bytes that took."""

    @property
    def consumed(self) -> int:
        """Compressed bytes taken so far."""

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, empty only at the end. Raises Unreadable."""


class Bounded(io.RawIOBase):
    """Seekable stream over a decoder that can be started again.

    ``size`` and ``crc`` (CRC-32) are what the archive declares, None if it does not; the bytes must agree or reading
    raises Unreadable("damaged") no later than with the last byte. Seeking forward decodes, seeking back starts again.
    """

    def __init__(self, start: Callable[[], Decoder], limits: Limits, size: int | None, crc: int | None = None) -> None:
        super().__init__()
        self._start = start
        self._limits = limits
        self._size = size
        self._declared_crc = crc
        self._decoder = start()
        self._produced = 0  # where the decoder is
        self._position = 0  # where the reader is
        self._crc = 0
        self._length: int | None = None  # known once the end was reached
        self._kept: bytes | None = None
        self._may_keep = size is None or size <= KEEP

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Costs nothing until the next read, except from the end when the size is not declared."""
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            offset += self._end()
        if offset < 0:
            raise ValueError("negative seek position")
        self._position = offset
        return offset

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        if self._position < self._produced and self._kept is None:
            self._go_back()
        if self._kept is not None:
            data = self._kept[self._position : self._position + len(view)]
        else:
            while self._produced < self._position:
                if not self._pull(min(CHUNK, self._position - self._produced)):
                    return 0
            data = self._pull(min(CHUNK, len(view)))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _end(self) -> int:
        if self._size is not None:
            return self._size
        while self._length is None:
            self._pull(CHUNK)
        return self._length

    def _pull(self, size: int) -> bytes:
        """Decode on: up to ``size`` more bytes, empty at the end."""
        if self._produced == self._size or self._produced == self._length:
            if self._produced == 0 and self._size == 0 and self._declared_crc:
                raise Unreadable("damaged")
            return b""
        data = self._decoder.read(size)
        self._produced += len(data)
        if self._produced > self._limits.member_bytes:
            raise Unreadable("limit-size")
        if self._produced > max(RATIO_FROM, self._limits.ratio * self._decoder.consumed):
            raise Unreadable("limit-ratio")
        if self._declared_crc is not None:
            self._crc = zlib.crc32(data, self._crc)
        if not data:
            self._length = self._produced
        if self._size is not None and (self._produced > self._size or (not data and self._produced < self._size)):
            raise Unreadable("damaged")
        at_end = not data or self._produced == self._size
        if at_end and self._declared_crc is not None and self._crc != self._declared_crc:
            raise Unreadable("damaged")
        return data

    def _restart(self) -> None:
        self._decoder = self._start()
        self._produced = 0
        self._crc = 0

    def _go_back(self) -> None:
        """Start again; small members are kept whole, so that formats with a directory at the end stay linear."""
        self._restart()
        if not self._may_keep:
            return
        self._may_keep = False  # one try: too long or damaged stays so
        parts: list[bytes] = []
        try:
            while self._produced <= KEEP:
                if not (data := self._pull(CHUNK)):
                    self._kept = b"".join(parts)
                    return
                parts.append(data)
        except Unreadable:  # raised again by whoever reads up to that place
            pass
        self._restart()


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """``raw`` with cheap small reads."""
    return io.BufferedReader(raw, 64 * 1024)
