"""Many short texts in a few compressed blocks, each read back by its number."""

import functools
from typing import Any

import numpy as np
from backports import zstd
from numpy.typing import NDArray

from amparo.evidence.errors import BadInput
from amparo.media.columns import Columns

_BLOCK = 128 * 1024  # bytes of text compressed together
_LARGEST = 64 * 1024 * 1024  # bytes that one block may give


class TextWriter:
    """Collects texts. Memory: what is compressed, and one block."""

    def __init__(self) -> None:
        self._ends: list[int] = []  # of each text, in the whole
        self._firsts: list[int] = [0]  # number of the first text of each block, and of the one to come
        self._places: list[int] = [0]  # of each block in the blob
        self._blob, self._open, self._total = bytearray(), bytearray(), 0

    def add(self, text: bytes) -> None:
        """Append one text, which may be empty."""
        self._open += text
        self._total += len(text)
        self._ends.append(self._total)
        if len(self._open) >= _BLOCK:
            self._close()

    def columns(self) -> dict[str, NDArray[Any]]:
        """``ends``, ``firsts``, ``places``, ``blob``."""
        if len(self._ends) > self._firsts[-1]:
            self._close()
        return {
            "ends": np.array(self._ends, np.uint64),
            "firsts": np.array(self._firsts, np.uint64),
            "places": np.array(self._places, np.uint64),
            "blob": np.frombuffer(self._blob, np.uint8),
        }

    def _close(self) -> None:
        self._blob += zstd.compress(bytes(self._open), level=3)
        self._open.clear()
        self._firsts.append(len(self._ends))
        self._places.append(len(self._blob))


class TextReader:
    """Reads what TextWriter wrote, from columns whose names begin with ``prefix``. Keeps the last few blocks."""

    def __init__(self, columns: Columns, prefix: str) -> None:
        self._ends, self._blob = columns.array(f"{prefix}ends", "u8"), columns.array(f"{prefix}blob", "u1")
        self._firsts, self._places = columns.array(f"{prefix}firsts", "u8"), columns.array(f"{prefix}places", "u8")
        self._block = functools.lru_cache(8)(self._decompress)

    def __len__(self) -> int:
        return len(self._ends)

    def read(self, number: int) -> bytes:
        """Text ``number``. Raises BadInput where the file is damaged."""
        if number >= len(self._ends):
            raise _damaged()
        block = int(np.searchsorted(self._firsts, number, "right")) - 1
        start = self._end(int(self._firsts[block]) - 1)
        text = self._block(block)
        first, last = self._end(number - 1) - start, self._end(number) - start
        if not 0 <= first <= last <= len(text):
            raise _damaged()
        return text[first:last]

    def _end(self, number: int) -> int:
        return int(self._ends[number]) if number >= 0 else 0

    def _decompress(self, block: int) -> bytes:
        if block + 1 >= len(self._places):
            raise _damaged()
        packed = self._blob[int(self._places[block]) : int(self._places[block + 1])].tobytes()
        try:
            text = zstd.ZstdDecompressor().decompress(packed, _LARGEST)
        except zstd.ZstdError as error:
            raise _damaged() from error
        return bytes(text)


def _damaged() -> BadInput:
    return BadInput("A file of the Banks is damaged: a text lies outside.", "Run: amparo doctor")
