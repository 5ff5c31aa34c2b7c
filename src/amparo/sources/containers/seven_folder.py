"""Decoding of one 7z folder, piece by piece, with py7zr's decoders."""

import io
import lzma
import struct
import zlib
from typing import BinaryIO

import brotli  # type: ignore[import-untyped]
import py7zr.exceptions
from backports import zstd
from py7zr.compressor import SevenZipDecompressor

from amparo.pipeline.ports import Declined, Unreadable
from amparo.sources.containers.bounded import CHUNK
from amparo.sources.containers.extents import Window
from amparo.sources.containers.limits import KIB, RATIO_FROM, Limits
from amparo.sources.containers.seven_header import Coder, Folder

_DAMAGE = (
    py7zr.exceptions.ArchiveError, lzma.LZMAError, zlib.error, zstd.ZstdError, brotli.error, struct.error, OSError,
    EOFError, ValueError, TypeError, IndexError, KeyError, OverflowError, AssertionError, RuntimeError,
)  # fmt: skip
_LZMA, _LZMA2, _ZSTD, _DEFLATE64 = b"\3\1\1", b"\x21", b"\4\xf7\x11\1", b"\4\1\x09"
# PPMd is left out: its decoder (pyppmd 1.3.1) writes outside its memory when one bit of the data is wrong.
_COMPRESSORS = frozenset({_LZMA, _LZMA2, _ZSTD, _DEFLATE64, b"\4\1\x08", b"\4\2\2", b"\4\xf7\x11\2"})
_FILTERS = frozenset({
    b"\0", b"\3", b"\3\3\1\3", b"\3\3\2\5", b"\3\3\4\1", b"\3\3\5\1", b"\3\3\7\1", b"\3\3\x08\5",
    b"\4", b"\5", b"\6", b"\7", b"\x08", b"\x09",
})  # fmt: skip
# Deflate, Deflate64 and Zstandard decoders give all they have: little input at a time keeps that under 32 MiB.
_INPUT = {_ZSTD: KIB // 2, _DEFLATE64: KIB}
_MOST_INPUT = 16 * KIB


class FolderDecoder:
    """The decoded bytes of a folder from its start. Raises Unreadable or Declined, also when made."""

    def __init__(self, stream: BinaryIO, folder: Folder, limits: Limits) -> None:
        _check(folder, limits)
        coders = [folder.coders[index] for index in folder.order]
        sizes = [folder.sizes[index] for index in folder.order]
        block = min(_INPUT.get(coder.method, _MOST_INPUT) for coder in coders)
        self._window = Window(stream, folder.start, folder.packed)
        self._feed = _Feed(self._window)
        self.position = 0
        try:
            self._decoder = SevenZipDecompressor(
                [_as_py7zr(coder) for coder in coders], folder.packed, sizes, None, None, block
            )
        except py7zr.exceptions.UnsupportedCompressionMethodError as error:
            raise Unreadable("unsupported") from error
        except (*_DAMAGE, MemoryError) as error:
            raise Unreadable("limit-memory" if isinstance(error, MemoryError) else "damaged") from error
        self._feed.watch(self._decoder.chain[0])

    @property
    def consumed(self) -> int:
        """Packed bytes taken so far."""
        return self._window.consumed

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; damage if none come although some were asked for."""
        for _ in range(4):  # a decoder may need to be asked again at its end
            before = self._window.consumed
            while True:
                try:
                    data = bytes(self._decoder.decompress(self._feed, size))
                except MemoryError as error:
                    raise Unreadable("limit-memory") from error
                except _DAMAGE as error:
                    raise Unreadable("damaged") from error
                if data:
                    self.position += len(data)
                    return data
                if self._window.consumed == before:
                    break
                before = self._window.consumed
        raise Unreadable("damaged")


def take(decoder: FolderDecoder, size: int, keep: bool, limits: Limits) -> bytes | None:
    """The next ``size`` bytes, None if they need not be kept."""
    parts = []
    while size:
        data = decoder.read(min(CHUNK, size))
        if decoder.position > max(RATIO_FROM, limits.ratio * decoder.consumed):
            raise Unreadable("limit-ratio")
        size -= len(data)
        if keep:
            parts.append(data)
    return b"".join(parts) if keep else None


class _Feed(io.RawIOBase):
    """Holds input back while the first decoder still has some: py7zr reads ahead without end otherwise."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._first: object = None

    def watch(self, decoder: object) -> None:
        """The object whose ``needs_input`` counts, if it has one, is inside py7zr's."""
        for name in ("_decompressor", "decompressor", "decoder"):
            decoder = getattr(decoder, name, decoder)
        self._first = decoder

    def read(self, size: int = -1, /) -> bytes:
        if self._window.consumed and not getattr(self._first, "needs_input", True):
            return b""
        return self._window.read(size)


def _check(folder: Folder, limits: Limits) -> None:
    if folder.encrypted:
        raise Declined("encrypted")
    methods = [coder.method for coder in folder.coders]
    known = all(method in _COMPRESSORS or method in _FILTERS for method in methods)
    # one compressor behind another could give any amount at once, and no program writes that
    if not folder.simple or not known or sum(method in _COMPRESSORS for method in methods) > 1:
        raise Unreadable("unsupported")
    if any(_memory(coder) > limits.seven_zip_bytes for coder in folder.coders):
        raise Unreadable("limit-memory")


def _memory(coder: Coder) -> int:
    """Bytes the decoder asks for, by its properties."""
    properties = coder.properties or b""
    if coder.method == _LZMA and len(properties) >= 5:
        return int.from_bytes(properties[1:5], "little")
    if coder.method == _LZMA2 and properties:
        return (2 | properties[0] & 1) << (properties[0] // 2 + 11)
    return 0


def _as_py7zr(coder: Coder) -> dict[str, object]:
    return {
        "method": coder.method,
        "properties": coder.properties,
        "numinstreams": coder.inputs,
        "numoutstreams": coder.outputs,
    }
