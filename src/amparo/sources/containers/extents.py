"""Windows on the archive's own stream: members that are stored as they are."""

import bisect
import dataclasses
import io
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from amparo.pipeline.ports import Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def read_at(stream: BinaryIO, offset: int, size: int) -> bytes:
    """Up to ``size`` bytes from ``offset``, short only at the end. Raises Unreadable("read-error")."""
    try:
        stream.seek(offset)
        data = stream.read(size)
        while 0 < len(data) < size and (more := stream.read(size - len(data))):
            data += more
        return data
    except (OSError, ValueError, OverflowError) as error:  # an offset no file can have
        raise Unreadable("read-error") from error


def stream_size(stream: BinaryIO) -> int:
    """Length in bytes. Raises Unreadable("read-error")."""
    try:
        return stream.seek(0, io.SEEK_END)
    except OSError as error:
        raise Unreadable("read-error") from error


class Window:
    """The bytes ``start`` to ``start + length`` (None: to the end) of a stream that others move too, read once."""

    def __init__(self, stream: BinaryIO, start: int, length: int | None = None) -> None:
        self._stream = stream
        self._start = start
        self._length = length
        self.consumed = 0

    def read(self, size: int) -> bytes:
        """Up to ``size`` more bytes, empty at the end."""
        if self._length is not None:
            size = min(size, self._length - self.consumed)
        data = read_at(self._stream, self._start + self.consumed, size) if size > 0 else b""
        self.consumed += len(data)
        return data


@dataclasses.dataclass(frozen=True, slots=True)
class Extent:
    """``length`` bytes of a member from ``logical`` on lie at ``physical`` in the archive."""

    logical: int
    length: int
    physical: int


class Extents(io.RawIOBase):
    """Seekable stream over sorted, disjoint extents; what lies between them is zeros (sparse files).

    A CRC-32 is checked when the bytes are read in order. Raises Unreadable("damaged") where the archive ends early.
    """

    def __init__(self, stream: BinaryIO, extents: Sequence[Extent], size: int, crc: int | None = None) -> None:
        super().__init__()
        self._stream = stream
        self._extents = [extent for extent in extents if extent.length]
        self._starts = [extent.logical for extent in self._extents]
        self._size = size
        self._declared_crc = crc
        self._crc = 0
        self._checked = 0  # the CRC covers the bytes before this
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            offset += self._size
        if offset < 0:
            raise ValueError("negative seek position")
        self._position = offset
        return offset

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._size - self._position)
        if wanted <= 0:
            return 0
        index = bisect.bisect_right(self._starts, self._position) - 1
        extent = self._extents[index] if index >= 0 else Extent(0, 0, 0)
        within = self._position - extent.logical
        if within < extent.length:
            data = read_at(self._stream, extent.physical + within, min(wanted, extent.length - within))
            if not data:
                raise Unreadable("damaged")
        else:
            until = self._starts[index + 1] if index + 1 < len(self._starts) else self._size
            data = bytes(min(wanted, until - self._position))
        self._check(data)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _check(self, data: bytes) -> None:
        if self._declared_crc is None or self._position != self._checked:
            return
        self._crc = zlib.crc32(data, self._crc)
        self._checked += len(data)
        if self._checked == self._size and self._crc != self._declared_crc:
            raise Unreadable("damaged")
