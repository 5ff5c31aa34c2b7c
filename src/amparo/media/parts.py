"""Parts of a picture that stand out: what lies inside a border, the cells of a collage, the picture on a screen.

A copy inside something larger is found by a hash of the very part that it fills: PDQ bears a part that is off by two
or three percent of its side, no more. So edges are sought in a reduced picture and then placed in the full one.

The picture is cut along even grounds (XY-cut, Nagy and Seth 1984) as often as there are any, then along seams. What
is inside a frame that is not even (a blurred one), or an inset, is sought by its four edges. How many copies that
finds, and at what cost: docs/altered-copies/altered.md.
"""

import dataclasses
import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from amparo.media.part_edges import Box, Edges, Least
from amparo.media.part_grounds import Run, content, difference

FULL = 65535
MOST = 12  # parts of a picture: each is two searches, and more chance of a false match
REDUCED = 384  # pixels of the longer side in which edges are sought
SMALLEST = 64  # pixels of a part's shorter side: PDQ samples as many
_SHARE = 6  # a part is at least the picture's sides divided by this
_INSET_SHARE = 4  # photographs show smaller rectangles of their own: windows, signs
_DEPTH = 4  # grounds inside grounds
_SEAMS = 2  # collages inside collages
_REGIONS = 3 * MOST  # looked at, wanted or not
_ALIKE = 0.01  # of a side: parts nearer than that are one


class Rectangle(NamedTuple):
    """A part of a picture in 65535ths of its sides, edges included above and left, excluded below and right."""

    top: int
    left: int
    bottom: int
    right: int

    def cut(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """That part of uint8[height, width, ...], not copied."""
        height, width = pixels.shape[:2]
        top, bottom = round(self.top * height / FULL), round(self.bottom * height / FULL)
        left, right = round(self.left * width / FULL), round(self.right * width / FULL)
        return pixels[top:bottom, left:right]


WHOLE = Rectangle(0, 0, FULL, FULL)


def parts(luma: NDArray[np.uint8]) -> list[Rectangle]:
    """At most MOST rectangles of uint8[height, width] worth a hash of their own, none for most photographs.

    O(pixels) to reduce the picture; what follows depends on REDUCED and MOST only.
    """
    height, width = luma.shape
    factor = max(1, math.ceil(max(height, width) / REDUCED))
    if min(height, width) < max(SMALLEST, 16 * factor):
        return []
    reduced = np.asarray(Image.fromarray(luma).reduce(factor)) if factor > 1 else luma
    found: list[Box] = [(0, 0, height, width)]
    for box in _Search(reduced, SMALLEST / factor).boxes():
        placed = _placed(luma, box, factor)
        if min(placed[2] - placed[0], placed[3] - placed[1]) >= SMALLEST and not any(
            _alike(placed, other, height, width) for other in found
        ):
            found.append(placed)
            if len(found) > MOST:
                break
    sides = (height, width, height, width)
    return [Rectangle(*(round(edge * FULL / side) for edge, side in zip(box, sides, strict=True))) for box in found[1:]]


@dataclasses.dataclass(frozen=True, slots=True)
class _Region:
    """``depth``: in how many grounds it lies; ``seams``: in how many collages."""

    box: Box
    depth: int = 0
    seams: int = 0


class _Search:
    """Boxes in the pixels of the reduced picture, outer ones first."""

    def __init__(self, pixels: NDArray[np.uint8], smallest: float) -> None:
        height, width = pixels.shape
        self._pixels, self._edges = pixels, Edges(pixels)
        self._least: Least = (max(height / _SHARE, smallest), max(width / _SHARE, smallest))

    def boxes(self) -> list[Box]:
        """Up to about _REGIONS, some of them nearly the same."""
        height, width = self._pixels.shape
        found: list[Box] = []
        regions = [_Region((0, 0, height, width))]
        while regions and len(found) < _REGIONS:
            region = regions.pop(0)
            inside = self._between_grounds(region.box) if region.depth < _DEPTH else [region.box]
            sides = 0
            if inside != [region.box]:
                found += inside
                regions += [_Region(box, region.depth + 1, region.seams) for box in inside]
                if len(inside) == 1:
                    sides = sum(edge != other for edge, other in zip(inside[0], region.box, strict=True))
                    found += self._otherwise(region.box, inside[0])
            if sides > 1:
                continue
            if region == _Region((0, 0, height, width)):
                framed = self._edges.frame(), self._edges.inset((height / _INSET_SHARE, width / _INSET_SHARE))
                found += [box for box in framed if box is not None]
            if region.seams < _SEAMS:
                cells = self._between_seams(region.box)
                if cells != [region.box]:
                    found += cells
                    regions += [_Region(box, region.depth, region.seams + 1) for box in cells]
        return found

    def _between_grounds(self, box: Box) -> list[Box]:
        top, left, bottom, right = box
        found = []
        for first, last in self._long_enough(content(self._pixels[top:bottom, left:right]), 0):
            band = self._pixels[top + first : top + last, left:right]
            for start, end in self._long_enough(content(band.T), 1):
                found.append((top + first, left + start, top + last, left + end))
        return found

    def _long_enough(self, runs: list[Run], axis: int) -> list[Run]:
        return [(first, last) for first, last in runs if last - first >= self._least[axis] - 2]

    def _otherwise(self, box: Box, inside: Box) -> list[Box]:
        """Where the picture may reach to as well, because at its edges it looks like the ground.

        Borders are mostly as wide at opposite sides; and if they differ in colour, one of them may be the picture's.
        """
        top, left, bottom, right = box
        above, before = inside[0] - top, inside[1] - left
        below, behind = bottom - inside[2], right - inside[3]
        even = min(above, below), min(before, behind)
        found = [(top + even[0], left + even[1], bottom - even[0], right - even[1])]
        if above and below and self._differ(self._pixels[top + 1, left:right], self._pixels[bottom - 2, left:right]):
            found += [(top, inside[1], inside[2], inside[3]), (inside[0], inside[1], bottom, inside[3])]
        if before and behind and self._differ(self._pixels[top:bottom, left + 1], self._pixels[top:bottom, right - 2]):
            found += [(inside[0], left, inside[2], inside[3]), (inside[0], inside[1], inside[2], right)]
        return [each for each in found if each not in (box, inside)]

    @staticmethod
    def _differ(line: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
        return abs(float(line.mean()) - float(other.mean())) > 20

    def _between_seams(self, box: Box) -> list[Box]:
        top, left, bottom, right = box
        rows = [top, *self._edges.seams(box, 0, self._least[0]), bottom]
        through = self._edges.seams(box, 1, self._least[1])
        found = []
        for first, last in itertools.pairwise(rows):
            # A seam that crosses the whole collage is there in each of its rows, even where it cannot be seen.
            columns = [left, *through, right]
            if len(rows) > 2:
                for each in self._edges.seams((first, left, last, right), 1, self._least[1]):
                    if all(abs(each - other) >= self._least[1] - 2 for other in columns):
                        columns.append(each)
            columns.sort()
            found += [(first, start, last, end) for start, end in itertools.pairwise(columns)]
        return found


def _placed(luma: NDArray[np.uint8], box: Box, factor: int) -> Box:
    """The box in pixels of the full picture, each edge at the strongest step near it."""
    height, width = luma.shape
    top, left, bottom, right = (
        min(edge * factor, side) for edge, side in zip(box, (height, width, height, width), strict=True)
    )
    across, down = max(1, (right - left) // 128), max(1, (bottom - top) // 128)  # every so many pixels of a line
    rows, columns = luma[:, left:right:across], luma[top:bottom:down].T
    return (
        _edge(rows, top, factor, inward=1),
        _edge(columns, left, factor, inward=1),
        _edge(rows, bottom, factor, inward=-1),
        _edge(columns, right, factor, inward=-1),
    )


def _edge(lines: NDArray[np.uint8], at: int, factor: int, inward: int) -> int:
    """Outwards the search is short, since a narrow gutter has an edge at its other side as well."""
    if at in (0, len(lines)):
        return at
    outer, inner = at - inward * (factor + 1), at + inward * max(2 * factor + 1, 6)
    first, last = max(1, min(outer, inner)), min(len(lines), max(outer, inner) + 1)
    near = lines[first - 1 : last]
    steps = np.minimum(difference(near[1:], near[:-1]), 48).sum(axis=1, dtype=np.int64)
    strongest = int(np.argmax(steps))
    return at if steps[strongest] < near.shape[1] else first + strongest  # nothing to see: as dark as the ground


def _alike(box: Box, other: Box, height: int, width: int) -> bool:
    sides = (height, width, height, width)
    return all(abs(edge - last) <= _ALIKE * side for edge, last, side in zip(box, other, sides, strict=True))
