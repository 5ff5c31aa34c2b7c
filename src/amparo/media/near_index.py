"""Exact search of 256-bit hashes within a Hamming radius, by multi-index hashing (Norouzi, Punjani, Fleet 2012).

Cut a hash into b bands: if two hashes differ in at most r bits, some band differs in at most r // b of them. So the
rows are listed by the value of each band, and a query looks up every value within r // b flips of each of its bands;
what it finds is compared in full. Nothing within the radius is missed, whatever the data.

Cost of a query over n hashes that are spread evenly, with bands of s bits: ``probes + b * n * balls / 2**s``
candidates, where ``balls`` is how many values lie within the flips. A small list is compared whole. Where many hashes
share a band the candidates grow with them; beyond n, all rows are compared in turn instead: O(n) at worst. Memory:
32 bytes a hash and 4 for each band, and ``4 * b * 2**s`` for the table.
"""

import dataclasses
import functools
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from amparo.media.columns import Columns, damaged, write

RADIUS = 31  # of 256 bits: what hash exchanges take for the same picture; the most this index is exact for
_KIND = "near"
_BYTES = 32
_BLOCK = 32  # queries looked up together
_CANDIDATES = 1 << 21  # rows listed at once, at about 100 bytes
_SLICE = 1 << 16  # rows compared together where a list is compared whole

Hashes = NDArray[np.uint8]  # [n, 32]


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """``bands`` bands of ``bits`` bits, probed within ``flips`` flips; no bands: the list is compared whole."""

    bands: int
    bits: int

    @property
    def flips(self) -> int:
        """The fewest that make the search exact."""
        return RADIUS // self.bands


FLAT = Layout(0, 0)
MEDIUM = Layout(16, 16)  # 4 MB of table, 272 probes
LARGE = Layout(11, 23)  # 369 MB of table, 3,047 probes
_MEDIUM_FROM, _LARGE_FROM = 1_000, 250_000  # hashes; measured, see docs/benchmarks.md


@dataclasses.dataclass(frozen=True, slots=True)
class Near:
    """What was found: for each hit the query's number, the row, and their distance, by query and then distance."""

    query: NDArray[np.int64]
    row: NDArray[np.int64]
    distance: NDArray[np.int64]


def layout_for(number: int) -> Layout:
    """The layout that answers soonest for a list of this many hashes."""
    return FLAT if number < _MEDIUM_FROM else MEDIUM if number < _LARGE_FROM else LARGE


def size(number: int, layout: Layout) -> int:
    """About how many bytes the index of this many hashes takes."""
    return number * (_BYTES + 4 * layout.bands) + (4 * layout.bands << layout.bits) + _BLOCK * _BYTES


def build(stream: BinaryIO, hashes: Hashes, layout: Layout | None = None) -> None:
    """Write the index of uint8[n, 32] to an empty stream. O(n log n) for each band; 16 bytes a hash beside it."""
    layout = layout_for(len(hashes)) if layout is None else layout
    columns: dict[str, NDArray[Any]] = {"hashes": np.ascontiguousarray(hashes)}
    if layout.bands:
        columns |= _tables(hashes, layout)
    write(stream, _KIND, {"bands": layout.bands, "bits": layout.bits}, columns)


class NearIndex:
    """An open index, in milliseconds whatever its size; its pages are shared by all processes that map it."""

    def __init__(self, path: Path) -> None:
        """Map the file. Raises BadInput unless it is a whole index."""
        columns = Columns(path, _KIND)
        hashes, layout = columns.array("hashes", "u1", _BYTES), _stated(columns.meta)
        tables = {name: columns.array(name, "u4") for name in ("starts", "rows")} if layout.bands else {}
        if tables and (
            len(tables["starts"]) != (layout.bands << layout.bits) + 1
            or len(tables["rows"]) != layout.bands * len(hashes)
        ):
            raise damaged("its tables are of another length")
        self._take(hashes, layout, tables)

    @classmethod
    def of(cls, hashes: Hashes, layout: Layout | None = None) -> "NearIndex":
        """The index of uint8[n, 32] in memory, for one use; costs what ``build`` costs."""
        index = cls.__new__(cls)
        layout = layout_for(len(hashes)) if layout is None else layout
        index._take(np.ascontiguousarray(hashes), layout, _tables(hashes, layout) if layout.bands else {})
        return index

    def _take(self, hashes: Hashes, layout: Layout, tables: dict[str, NDArray[np.uint32]]) -> None:
        self._hashes, self._words, self._layout = hashes, hashes.view(np.uint64), layout
        if layout.bands:
            self._starts, self._rows, self._masks = tables["starts"], tables["rows"], _masks(layout)

    def __len__(self) -> int:
        return len(self._hashes)

    def search(self, queries: Sequence[bytes], radius: int = RADIUS) -> Near:
        """All rows within ``radius`` of each query of 32 bytes. Raises ValueError beyond RADIUS."""
        if not 0 <= radius <= RADIUS:
            raise ValueError(f"the index is exact up to {RADIUS}")
        if not queries or not len(self):
            return _collect([])
        words = np.frombuffer(b"".join(queries), np.uint64).reshape(len(queries), -1)
        if words.shape[1] != _BYTES // 8:
            raise ValueError(f"a hash has {_BYTES} bytes")
        if not self._layout.bands:
            return _collect([self._whole(number, word, radius) for number, word in enumerate(words)])
        return _collect(
            [self._probe(queries[at : at + _BLOCK], words[at : at + _BLOCK], at, radius)
             for at in range(0, len(queries), _BLOCK)]
        )  # fmt: skip

    def _whole(self, number: int, word: NDArray[np.uint64], radius: int) -> Near:
        found = []
        for at in range(0, len(self._words), _SLICE):
            distance = _distances(self._words[at : at + _SLICE], word)
            row = np.flatnonzero(distance <= radius)
            found.append(Near(np.full(len(row), number), row + at, distance[row].astype(np.int64)))
        return _collect(found)

    def _probe(self, queries: Sequence[bytes], words: NDArray[np.uint64], base: int, radius: int) -> Near:
        """Look the neighbours of every band up, list the rows of all those cells, compare each."""
        cells = (_cells(queries, self._layout)[:, :, None] ^ self._masks).reshape(len(queries), -1)
        first = self._starts[cells]
        number = self._starts[cells + 1] - first
        query, cell = np.nonzero(number)
        first, number = first[query, cell].astype(np.int64), number[query, cell].astype(np.int64)
        if len(number) and int(number.max()) > len(self):
            raise damaged("its tables do not fit its hashes")
        ends = np.cumsum(number)
        if not len(ends):
            return _collect([])
        if ends[-1] > max(_CANDIDATES, len(self)):  # crowded bands: fewer queries at a time, then all rows in turn
            half = len(queries) // 2
            if not half:
                return self._whole(base, words[0], radius)
            parts = [self._probe(queries[:half], words[:half], base, radius)]
            return _collect([*parts, self._probe(queries[half:], words[half:], base + half, radius)])
        at = np.repeat(first - (ends - number), number) + np.arange(ends[-1])
        row, query = self._rows[at], np.repeat(query, number)
        distance = _distances(
            self._words.take(row, axis=0), words.take(query, axis=0) if len(queries) > 1 else words[0]
        )
        near = np.flatnonzero(distance <= radius)
        # A row that shares several bands with the query was listed several times.
        once, index = np.unique(query[near] * len(self) + row[near].astype(np.int64), return_index=True)
        return Near(once // len(self) + base, once % len(self), distance[near][index].astype(np.int64))


def _stated(meta: Mapping[str, Any]) -> Layout:
    bands, bits = meta.get("bands"), meta.get("bits")
    if not (
        type(bands) is int
        and type(bits) is int
        and (bands == bits == 0 or (bands > 0 and 0 < bits <= 32 and bands * bits <= 256))
    ):
        raise damaged("its layout is not one of an index")
    return Layout(bands, bits)


def _tables(hashes: Hashes, layout: Layout) -> dict[str, NDArray[np.uint32]]:
    """``rows``: row numbers of each band ordered by its value; ``starts``: where each value's rows begin there."""
    number, size = len(hashes), 1 << layout.bits
    if number * layout.bands >= 1 << 32:
        raise ValueError("split the list: row places do not fit into 32 bits")
    words = np.ascontiguousarray(hashes).view(">u8").astype(np.uint64)
    starts, rows = np.zeros(layout.bands * size + 1, np.uint32), np.empty(layout.bands * number, np.uint32)
    numbers = np.arange(number, dtype=np.uint64)
    for band in range(layout.bands):
        packed = _band(words, band * layout.bits, layout.bits) << np.uint64(32) | numbers
        packed.sort()
        rows[band * number : (band + 1) * number] = packed
        ends = np.cumsum(np.bincount((packed >> np.uint64(32)).astype(np.int64), minlength=size))
        starts[band * size + 1 : (band + 1) * size + 1] = ends + band * number
    return {"starts": starts, "rows": rows}


def _band(words: NDArray[np.uint64], at: int, bits: int) -> NDArray[np.uint64]:
    """Bits ``at`` to ``at + bits`` of hashes given as four words each, first bit most significant."""
    word, offset = divmod(at, 64)
    over = offset + bits - 64
    if over <= 0:
        part = words[:, word] >> np.uint64(-over)
    else:
        part = words[:, word] << np.uint64(over) | words[:, word + 1] >> np.uint64(64 - over)
    return part & np.uint64((1 << bits) - 1)


def _cells(queries: Sequence[bytes], layout: Layout) -> NDArray[np.int64]:
    """int64[queries, bands]: where in ``starts`` each band's own value stands."""
    mask, shifts = (1 << layout.bits) - 1, [256 - (band + 1) * layout.bits for band in range(layout.bands)]
    values = [[number >> shift & mask for shift in shifts] for number in (int.from_bytes(q, "big") for q in queries)]
    return np.array(values, np.int64) + (np.arange(layout.bands, dtype=np.int64) << layout.bits)


@functools.cache
def _masks(layout: Layout) -> NDArray[np.int64]:
    """Every pattern of at most ``flips`` flipped bits of a band."""
    flips = range(layout.flips + 1)
    sets = itertools.chain.from_iterable(itertools.combinations(range(layout.bits), number) for number in flips)
    return np.array([sum(1 << bit for bit in each) for each in sets], np.int64)


def _distances(words: NDArray[np.uint64], query: NDArray[np.uint64]) -> NDArray[np.uint16]:
    counts = np.bitwise_count(words ^ query).astype(np.uint16)
    distances: NDArray[np.uint16] = (
        counts[:, 0] + counts[:, 1] + counts[:, 2] + counts[:, 3]
    )  # twice as fast as sum(axis=1)
    return distances


def _collect(parts: Sequence[Near]) -> Near:
    """One result of several, ordered by query, distance and row."""
    none = np.empty(0, np.int64)
    query, row, distance = (
        np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in ("query", "row", "distance")
    )
    order = np.lexsort((row, distance, query))
    return Near(query[order], row[order], distance[order])
