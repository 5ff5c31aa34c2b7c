"""Columns: named numeric arrays in one read-only file that is used where it lies, shared by all processes.

Layout: magic, length of the header (u32 little-endian), the header (JSON: kind, meta, and for each column its name,
type, shape and place), then the arrays in little-endian, each at a multiple of 64 bytes.
"""

import json
import math
import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from amparo.evidence.errors import BadInput

_MAGIC = b"AMPCOLS1"
_PREFIX = struct.Struct("<8sI")
_ALIGN = 64
_HEADER = 64 * 1024 * 1024  # bytes
_TYPES = {"u1": np.uint8, "u4": np.uint32, "u8": np.uint64}
_HINT = "Lock and open the Banks again: amparo bank lock"

Array = NDArray[Any]


def write(stream: BinaryIO, kind: str, meta: Mapping[str, Any], columns: Mapping[str, Array]) -> None:
    """Write arrays of uint8, uint32 or uint64; equal input gives equal bytes."""
    stated, at = [], 0
    for name, array in columns.items():
        code = f"{array.dtype.kind}{array.dtype.itemsize}"
        if code not in _TYPES or array.dtype != _TYPES[code]:
            raise ValueError(f"column {name} is of type {array.dtype}")
        stated.append({"name": name, "type": code, "shape": list(array.shape), "at": at})
        at = _aligned(at + array.nbytes)
    text = json.dumps({"kind": kind, "meta": meta, "columns": stated}, sort_keys=True, separators=(",", ":"))
    header = text.encode("ascii")
    header += b" " * (_aligned(_PREFIX.size + len(header)) - _PREFIX.size - len(header))
    stream.write(_PREFIX.pack(_MAGIC, len(header)) + header)
    for array in columns.values():
        whole = np.ascontiguousarray(array)
        stream.write(whole.reshape(-1).view(np.uint8).data)
        stream.write(bytes(_aligned(whole.nbytes) - whole.nbytes))


class Columns:
    """An open file: O(columns), nothing is loaded."""

    def __init__(self, path: Path, kind: str) -> None:
        """Map the file. Raises BadInput for anything that is not a whole file of this kind."""
        try:
            with path.open("rb") as stream:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise BadInput("A file of the Banks cannot be opened.", _HINT) from error
        if len(self._map) < _PREFIX.size:
            raise damaged("it is too short")
        magic, length = _PREFIX.unpack_from(self._map)
        start = _PREFIX.size + length
        if magic != _MAGIC or length > _HEADER or start > len(self._map):
            raise damaged("it is of another kind or version")
        try:
            header = json.loads(self._map[_PREFIX.size : start])
            found, self.meta = header["kind"], dict(header["meta"])
            self._columns = {str(each["name"]): self._column(each, start) for each in header["columns"]}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            raise damaged("its header cannot be read") from error
        if found != kind:
            raise damaged("it is of another kind or version")

    def array(self, name: str, code: str, *inner: int) -> Array:
        """The column of type ``code`` (u1, u4, u8) and shape (n, *inner), read-only. Raises BadInput."""
        array = self._columns.get(name)
        if array is None or array.dtype != _TYPES[code] or array.shape[1:] != inner or not array.ndim:
            raise damaged(f"column {name} is missing or of another shape")
        return array

    def _column(self, stated: Any, start: int) -> Array:
        dtype, shape, at = np.dtype(_TYPES[stated["type"]]), tuple(stated["shape"]), stated["at"]
        if not all(type(number) is int and number >= 0 for number in (*shape, at)) or at % _ALIGN or len(shape) > 2:
            raise ValueError("shape")
        count = math.prod(shape)
        if start + at + count * dtype.itemsize > len(self._map):
            raise ValueError("a column ends beyond the file")
        if not count:
            return np.empty(shape, dtype)
        return np.frombuffer(self._map, dtype, count, start + at).reshape(shape)


def _aligned(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def damaged(what: str) -> BadInput:
    """The error of a file that is not what its name says."""
    return BadInput(f"A file of the Banks is damaged: {what}.", _HINT)
