"""Codecs: compressed bytes in, bounded pieces out, whichever library decodes them."""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable
from typing import Protocol

import inflate64
from backports import zstd

from amparo.pipeline.ports import Unreadable
from amparo.sources.containers.extents import Window
from amparo.sources.containers.limits import KIB, Limits

ERRORS = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, EOFError, ValueError, OverflowError)
_INPUT = 64 * KIB  # compressed bytes taken at a time
_INPUT_64 = 512  # Deflate64 gives up to 29,000 bytes per byte and its library cannot stop in between
_OUT_OF_MEMORY = ("Memory usage limit", "too much memory", "Frame requires")


class Codec(Protocol):
    """What bz2, lzma and zstd offer; the classes below give the others the same face."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Inflate:
    """zlib; ``wbits`` -15 is raw deflate (RFC 1951), 31 one gzip member with its checksum (RFC 1952)."""

    def __init__(self, wbits: int) -> None:
        self._object = zlib.decompressobj(wbits)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._object.eof and not self._object.unconsumed_tail and not self._full

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        out = self._object.decompress(self._object.unconsumed_tail + data, max_length)
        self._full = len(out) == max_length  # zlib may hold more although it has taken all input
        return out


class Inflate64:
    """Deflate64, through a library that returns all it has."""

    unused_data = b""

    def __init__(self) -> None:
        self._object = inflate64.Inflater()
        self._input = b""
        self._output = b""

    @property
    def eof(self) -> bool:
        return self._object.eof and not self._output

    @property
    def needs_input(self) -> bool:
        return not self._input and not self._output

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        self._input += data
        if not self._output and self._input and not self._object.eof:
            self._output = self._object.inflate(self._input[:_INPUT_64])
            self._input = self._input[_INPUT_64:]
        out, self._output = self._output[:max_length], self._output[max_length:]
        return out


def zip_lzma(window: Window, limits: Limits) -> Codec:
    """LZMA as in ZIP (APPNOTE 5.8.8): two bytes version, two bytes length, the properties; ends with the size."""
    head = window.read(4)
    if len(head) < 4 or struct.unpack("<H", head[2:])[0] != 5:
        raise Unreadable("damaged")
    return _raw_lzma1(window.read(5), limits)


def _raw_lzma1(properties: bytes, limits: Limits) -> Codec:
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise Unreadable("damaged")
    packed, dictionary = struct.unpack("<BI", properties)
    if dictionary > limits.seven_zip_bytes:
        raise Unreadable("limit-memory")
    chain = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(dictionary, 4 * KIB),
        "lc": packed % 9,
        "lp": packed // 9 % 5,
        "pb": packed // 45,
    }
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain])
    except (lzma.LZMAError, ValueError) as error:  # lc + lp > 4
        raise Unreadable("damaged") from error


def xz(limits: Limits) -> Codec:
    """One .xz stream; refuses dictionaries over the memory limit."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=limits.seven_zip_bytes)


def zstandard(limits: Limits) -> Codec:
    """One Zstandard frame (RFC 8878); refuses windows over the memory limit."""
    log = max(10, min(31, limits.seven_zip_bytes.bit_length() - 1))
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: log})


def bzip2() -> Codec:
    """One bzip2 stream."""
    return bz2.BZ2Decompressor()


class Stream:
    """Decoder over a Window: one codec after another while ``more`` says that another one follows.

    ``more`` gets the next bytes after an ended codec (at most 64 KiB, and more behind them) and returns True for
    another stream, False for the end; it is not asked for formats that hold one stream.
    """

    def __init__(
        self, window: Window, codec: Callable[[], Codec], more: Callable[[bytes, Window], bool] | None = None
    ) -> None:
        self._window = window
        self._new = codec
        self._codec = codec()
        self._more = more
        self._pending = b""
        self._ended = False

    @property
    def consumed(self) -> int:
        """Compressed bytes taken so far."""
        return self._window.consumed

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, empty at the end. Raises Unreadable."""
        while not self._ended:
            data = b""
            if self._codec.needs_input and not self._codec.eof:
                data, self._pending = self._pending or self._window.read(_INPUT), b""
                if not data:
                    raise Unreadable("damaged")
            if out := self._decompress(data, size):
                return out
            if self._codec.eof:
                self._next(self._codec.unused_data)
        return b""

    def _decompress(self, data: bytes, size: int) -> bytes:
        if self._codec.eof:
            return b""
        try:
            return self._codec.decompress(data, size)
        except MemoryError as error:
            raise Unreadable("limit-memory") from error
        except ERRORS as error:
            memory = any(text in str(error) for text in _OUT_OF_MEMORY)
            raise Unreadable("limit-memory" if memory else "damaged") from error

    def _next(self, unused: bytes) -> None:
        if self._more is None:
            self._ended = True
            return
        self._pending = unused or self._window.read(_INPUT)
        while self._pending and not self._pending.strip(b"\0"):  # padding: xz has it by its rules, tapes give it
            self._pending = self._window.read(_INPUT)
        if len(self._pending) < 16:  # enough for any magic number
            self._pending += self._window.read(_INPUT)
        if self._pending and self._more(self._pending, self._window):
            self._pending = self._pending.lstrip(b"\0")
            self._codec = self._new()
        else:
            self._ended = True
