"""Groups of near duplicates: the same picture in other sizes and edits, judged once at its representative.

Better is: more pixels, then higher quality, then earlier. In this order each picture becomes a representative unless
it lies within the radius of one already chosen ("leader clustering", Hartigan 1975); every other picture joins the
nearest representative, the better of two that are as near. So a member is never further than the radius from what was
judged, and no chain of small edits carries a Decision to another picture. Pictures with the same hash count as one,
the best of them. A member may have more pixels than its representative, where a still better picture kept it from
becoming one but lies further away.

Flat pictures (quality below DOUBTFUL) stay alone, even where their hashes are the same: of a blank wall and an empty
page the hash keeps little but noise, so nearness, or even equality, says nothing about what they show. The same bytes
are the same Content already.

Cost: one exact search for each representative, none for members; pictures that no later representative can take over
leave the index, so a burst is listed once. Where hashes are spread evenly a search lists n / 241 rows beside its 272
probes: measured, time grows as n log n up to 100,000 pictures and faster beyond (benchmarks/groups.py). At worst, where
all share bands and none is near to another, each is compared with all that are left: O(n * n), 32 bytes a time.
Memory: about 300 bytes a hash, and 50 MB.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from amparo.media.near_index import FLAT, MEDIUM, RADIUS, Hashes, NearIndex, layout_for
from amparo.media.pdq import DOUBTFUL

_BLOCK = 64  # pictures taken and searched for together; more of them fall out of the processor's cache
_CROWDED = 16  # rows compared one after the other in about the time that listing one by its bands takes
_THIN = 3  # the index is built again without the settled rows when they are more than this part of it
_NOBODY = -1

Numbers = NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True)
class Turned:
    """More hashes of pictures, turned or mirrored: ``hashes`` uint8[k, 32], of the pictures ``picture`` int64[k].

    A picture is as near to a representative as the nearest of its hashes is to the representative's own.
    """

    picture: Numbers
    hashes: Hashes


NOT_TURNED = Turned(np.empty(0, np.int64), np.empty((0, 32), np.uint8))


def representatives(
    hashes: Hashes, quality: Numbers, pixels: Numbers, turned: Turned = NOT_TURNED, radius: int = RADIUS
) -> Numbers:
    """int64[n]: for each picture the number of its representative, its own where it stays alone or is one.

    ``hashes`` uint8[n, 32] are PDQ, ``quality`` int64[n] is 0 to 100, ``pixels`` int64[n] is width times height,
    ``radius`` is in bits of 256. Raises ValueError for a radius beyond RADIUS and where the arrays do not fit together.
    """
    _check(hashes, quality, pixels, turned, radius)
    result = np.arange(len(hashes))
    order = np.lexsort((-quality, -pixels))
    ranked = order[quality[order] >= DOUBTFUL]
    if not len(ranked):
        return result
    best, kind = _kinds(hashes[ranked])
    chosen = ranked[best]  # the pictures that stand for all with the same hash, best first
    place = np.full(len(hashes), _NOBODY)
    place[chosen] = np.arange(len(chosen))
    owner = place[turned.picture]
    of_chosen = np.flatnonzero(owner != _NOBODY)
    of_chosen = of_chosen[np.argsort(owner[of_chosen], kind="stable")]
    grouping = _Grouping(hashes[chosen], turned.hashes[of_chosen], owner[of_chosen], radius)
    result[ranked] = chosen[grouping.run()[kind]]
    return result


def _check(hashes: Hashes, quality: Numbers, pixels: Numbers, turned: Turned, radius: int) -> None:
    if not 0 <= radius <= RADIUS:
        raise ValueError(f"the search is exact up to {RADIUS}")
    for each, number in ((hashes, len(hashes)), (turned.hashes, len(turned.picture))):
        if each.shape != (number, 32) or each.dtype != np.uint8:
            raise ValueError("a hash has 32 bytes")
    if quality.shape != (len(hashes),) or pixels.shape != (len(hashes),):
        raise ValueError("every picture has a hash, a quality and a size")
    if len(turned.picture) and not 0 <= turned.picture.min() <= turned.picture.max() < len(hashes):
        raise ValueError("a turned hash belongs to no picture")


def _kinds(hashes: Hashes) -> tuple[Numbers, Numbers]:
    """First row of each different hash, in the order of rows; and for each row the number of its hash there."""
    words = np.ascontiguousarray(hashes).view(np.uint64)
    by_hash = np.lexsort(words.T)  # stable, so the first of equal rows comes first
    new = np.ones(len(words), bool)
    new[1:] = (words[by_hash[1:]] != words[by_hash[:-1]]).any(axis=1)
    firsts = by_hash[new]
    kind = np.empty(len(words), np.int64)
    kind[by_hash] = np.argsort(np.argsort(firsts))[np.cumsum(new) - 1]
    return np.sort(firsts), kind


class _Grouping:
    """Pictures in order, best first: row i of ``own`` is the hash of picture i; ``owner``, ascending: whose each row of
    ``turned`` is."""

    def __init__(self, own: Hashes, turned: Hashes, owner: Numbers, radius: int) -> None:
        self._count, self._radius = len(own), radius
        self._views = np.concatenate((own, turned))
        self._words = self._views.view(np.uint64)
        self._owner = np.concatenate((np.arange(self._count), owner))
        self._ends = np.searchsorted(owner, np.arange(self._count + 1)) + self._count
        self._joined = np.full(self._count, _NOBODY)
        self._distance = np.full(self._count, radius + 1)
        # Representatives are more than the radius apart, so what lies within half of that has no nearer one. Turned
        # hashes know no such triangle: there only the distance 0 cannot be beaten.
        self._final = np.where(np.diff(self._ends) > 0, 0, (radius + 1) // 2)
        self._settled = 0  # rows

    def run(self) -> Numbers:
        """int64[pictures]: the representative of each."""
        live = _Live(self._views, np.arange(len(self._views)))
        for at in range(0, self._count, _BLOCK):
            block = np.arange(at, min(at + _BLOCK, self._count))
            chosen = self._choose(block[self._joined[block] == _NOBODY])
            self._set(chosen, chosen, 0)
            for index, part in live.searches(chosen):
                self._join(part, index, live.rows)
            if self._settled * _THIN > len(live.rows):
                keep = self._distance > self._final
                live, self._settled = _Live(self._views, live.rows[keep[self._owner[live.rows]]]), 0
        return self._joined

    def _choose(self, block: Numbers) -> Numbers:
        """The representatives among pictures that no representative before the block is near to."""
        member = np.repeat(np.arange(len(block)), self._ends[block + 1] - self._ends[block])
        turned = [np.arange(self._ends[each], self._ends[each + 1]) for each in block]
        rows, member = np.concatenate((block, *turned)), np.concatenate((np.arange(len(block)), member))
        apart = np.bitwise_count(self._words[block, None] ^ self._words[rows]).sum(axis=2, dtype=np.uint16)
        near, free, chosen = apart <= self._radius, np.ones(len(block), bool), []
        for number in range(len(block)):
            if free[number]:
                chosen.append(number)
                free[member[near[number]]] = False
        return block[chosen]

    def _join(self, part: Numbers, index: NearIndex, rows: Numbers) -> None:
        """Move the pictures to which a representative of this part is nearer, or as near and better."""
        found = index.search([self._views[each].tobytes() for each in part], self._radius)
        picture = self._owner[rows[found.row]]
        order = np.lexsort((found.query, found.distance, picture))
        picture, first = np.unique(picture[order], return_index=True)
        distance, to = found.distance[order[first]], part[found.query[order[first]]]
        now = self._distance[picture]
        moves = (distance < now) | (distance == now) & (to < self._joined[picture])
        self._set(picture[moves], to[moves], distance[moves])

    def _set(self, picture: Numbers, representative: Numbers, distance: Numbers | int) -> None:
        before = self._distance[picture] > self._final[picture]
        self._joined[picture], self._distance[picture] = representative, distance
        done = picture[before & (self._distance[picture] <= self._final[picture])]
        self._settled += int((self._ends[done + 1] - self._ends[done] + 1).sum())


class _Live:
    """The rows whose pictures may still move, to search in; ``rows``: their numbers among all."""

    def __init__(self, views: Hashes, rows: Numbers) -> None:
        hashes = views[rows]
        self._views, self.rows = views, rows
        self._whole = NearIndex.of(hashes, FLAT)
        self._bands, self._crowd = self._whole, None
        if layout_for(len(rows)) != FLAT:
            self._bands, self._crowd = NearIndex.of(hashes, MEDIUM), _crowd(hashes)

    def searches(self, pictures: Numbers) -> Iterator[tuple[NearIndex, Numbers]]:
        """The pictures, and where each is best searched for: one that shares bands with many is compared with all."""
        if self._crowd is None:
            yield self._whole, pictures
            return
        cells = self._views[pictures].view(np.uint16)
        crowded = self._crowd[np.arange(MEDIUM.bands), cells].sum(axis=1) > len(self.rows) // _CROWDED
        yield self._bands, pictures[~crowded]
        yield self._whole, pictures[crowded]


def _crowd(hashes: Hashes) -> Numbers:
    """int64[16, 65536]: for each value of each band how many rows a search with MEDIUM lists."""
    values = np.arange(1 << MEDIUM.bits)
    counts = np.stack([np.bincount(band, minlength=len(values)) for band in hashes.view(np.uint16).T])
    return counts + sum(counts[:, values ^ (1 << bit)] for bit in range(MEDIUM.bits))
