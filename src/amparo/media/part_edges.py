"""Straight edges of pasted pictures: seams from side to side, an even frame, and the four sides of an inset.

A pixel votes for an edge where the step across it exceeds the steps beside it: along the edge of a pasted picture
most pixels do, along what a photograph shows rarely more than half, and seldom from end to end.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from amparo.media.part_grounds import Pixels, difference

STEP = 6  # of 255: how far the step must exceed those beside it
SEAM = 0.55  # share of votes along a seam anywhere
SEAM_AT_FRACTION = 0.4  # at halves, thirds and quarters, where most collages have theirs
FRAME = 0.25  # mean share of votes along the four sides of a frame of even width; few photographs reach it by chance
SIDE, SIDES = 0.3, 0.58  # the least and the mean share of votes along the sides of an inset
_NEUTRAL = 0.4  # share of votes that speaks neither for an inset's side nor against it
_LINES = 6  # edges looked at per direction
_PLACES = 14  # coordinates tried per direction
_PIECES = 32  # that a line is cut into to find where its edge begins and ends

Box = tuple[int, int, int, int]  # top, left, bottom, right, in pixels
Least = tuple[float, float]  # height, width


class Edges:
    """The votes of uint8[height, width]. Memory: two bytes a pixel."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    @functools.cached_property
    def _votes(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """For rows uint8[width, height], for columns uint8[height, width]: along the line, then line."""
        return _votes(np.ascontiguousarray(self._pixels.T)), _votes(self._pixels)

    def seams(self, box: Box, axis: int, least: float) -> list[int]:
        """Rows (axis 0) or columns (axis 1) where a seam crosses all of the box, ``least`` apart from all else."""
        start, end, first, last = (box[1], box[3], box[0], box[2]) if axis == 0 else (box[0], box[2], box[1], box[3])
        votes = self._votes[axis][start:end, first:last]
        length, number = votes.shape
        apart = max(int(least) - 2, 4)
        if number < 2 * apart or length < 16:
            return []
        share = votes.mean(axis=0, dtype=np.float32)
        share[:apart] = share[number - apart :] = 0
        enough = np.full(number, SEAM, np.float32)
        for parts in (2, 3, 4):
            for part in range(1, parts):
                at = number * part / parts
                enough[math.floor(at) - 2 : math.ceil(at) + 2] = SEAM_AT_FRACTION
        found: list[int] = []
        for line in sorted(np.flatnonzero(share >= enough).tolist(), key=lambda each: -share[each]):
            if all(abs(line - other) >= apart for other in found) and _from_end_to_end(votes[:, line]):
                found.append(line)
        return sorted(first + line for line in found)

    def frame(self) -> Box | None:
        """What lies inside a frame of the same width on all sides, such as a blurred one."""
        height, width = self._pixels.shape
        widths = np.arange(3, min(height, width) // 4)
        if not len(widths):
            return None
        shares = []
        for votes, side in zip(self._votes, (height, width), strict=True):
            edge = len(votes) // 6  # along the middle only: a frame has corners
            share = _widest(votes[edge : len(votes) - edge].mean(axis=0, dtype=np.float32)[None])[0]
            shares += [share[widths], share[side - 1 - widths]]
        mean = np.mean(shares, axis=0)
        best = int(np.argmax(mean))
        wide = int(widths[best])
        return (wide, wide, height - wide, width - wide) if mean[best] >= FRAME else None

    def inset(self, least: Least) -> Box | None:
        """The rectangle with most votes along its sides, two of which at least lie inside the picture."""
        height, width = self._pixels.shape
        if min(height, width) < _PIECES:
            return None
        rows, columns = (_lines(votes) for votes in self._votes)
        ys = _places([line for line, _, _ in rows], [end for _, *ends in columns for end in ends], height)
        xs = _places([line for line, _, _ in columns], [end for _, *ends in rows for end in ends], width)
        vertical, horizontal = _pairs(ys, least[0]), _pairs(xs, least[1])
        if not len(vertical) or not len(horizontal):
            return None
        across = _shares(self._votes[0], ys, horizontal)  # [y, pair of x]
        down = _shares(self._votes[1], xs, vertical)  # [x, pair of y]
        y, x = np.searchsorted(ys, vertical), np.searchsorted(xs, horizontal)
        tall = (vertical[:, 1] - vertical[:, 0])[:, None] / height
        wide = (horizontal[:, 1] - horizontal[:, 0])[None] / width
        # [side, pair of y, pair of x]; nan along the picture's own edge, which speaks neither way
        sides = np.stack((across[y[:, 0]], across[y[:, 1]], down[x[:, 0]].T, down[x[:, 1]].T))
        known = ~np.isnan(sides)
        number = known.sum(axis=0)
        votes = np.where(known, sides, 0)
        fits = (number >= 2) & (np.where(known, sides, 1).min(axis=0) >= SIDE)
        fits &= (votes.sum(axis=0) >= SIDES * number) & (tall * wide <= 0.9)
        gain = np.where(known, sides - np.float32(_NEUTRAL), 0)
        score = np.where(fits, (gain[0] + gain[1]) * wide + (gain[2] + gain[3]) * tall, 0)
        best = np.unravel_index(int(np.argmax(score)), score.shape)
        if score[best] <= 0:
            return None
        (top, bottom), (left, right) = vertical[best[0]].tolist(), horizontal[best[1]].tolist()
        return top, left, bottom, right


def _votes(pixels: Pixels) -> Pixels:
    """uint8[height, width] of 0 and 1: which pixels vote for an edge along their column."""
    votes = np.zeros(pixels.shape, np.uint8)
    if pixels.shape[1] > 7:
        steps = difference(pixels[:, 2:], pixels[:, :-2])  # over three pixels: reducing mixes those on the edge
        beside = np.minimum(np.maximum(steps[:, :-4], steps[:, 4:]), 255 - STEP)
        votes[:, 3:-3] = steps[:, 2:-2] > beside + np.uint8(STEP)
    return votes


def _from_end_to_end(line: Pixels) -> bool:
    """Whether there are votes in all eighths of the line but one."""
    piece = len(line) // 8
    return float(np.sort(line[: 8 * piece].reshape(8, piece).mean(axis=1))[1]) >= 0.15


def _widest(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n, lines]: the highest of each line and those beside it, since an edge may lie between two."""
    widest = share.copy()
    np.maximum(widest[:, 1:], share[:, :-1], out=widest[:, 1:])
    np.maximum(widest[:, :-1], share[:, 1:], out=widest[:, :-1])
    return widest


def _lines(votes: Pixels) -> list[tuple[int, int, int]]:
    """The strongest edges: line, start and end of the stretch of it with most votes (Kadane's algorithm)."""
    length, number = votes.shape
    piece = length // _PIECES
    shares = votes[: _PIECES * piece].reshape(_PIECES, piece, number).mean(axis=1, dtype=np.float32) - _NEUTRAL
    total, best = np.zeros(number, np.float32), np.zeros(number, np.float32)
    start, first, last = (np.zeros(number, np.int64) for _ in range(3))
    for place, share in enumerate(shares):
        start[total <= 0] = place
        total = np.maximum(total, 0) + share
        better = total > best
        best[better] = total[better]
        first[better], last[better] = start[better], place + 1
    best[last - first < _PIECES / 6] = 0
    found: list[tuple[int, int, int]] = []
    for line in np.argsort(-best, kind="stable")[: 8 * _LINES].tolist():
        if best[line] <= 1 or len(found) == _LINES:
            break
        if all(abs(line - other) > 3 for other, _, _ in found):
            found.append((line, int(first[line]) * piece, int(last[line]) * piece))
    return found


def _places(lines: list[int], ends: list[int], side: int) -> NDArray[np.int64]:
    """Coordinates to try, ascending: the picture's edges, the lines, and where lines of the other direction end."""
    places = [0, side]
    for place in (*lines, *ends):
        if len(places) < _PLACES and all(abs(place - other) > 3 for other in places):
            places.append(place)
    return np.array(sorted(places))


def _pairs(places: NDArray[np.int64], least: float) -> NDArray[np.int64]:
    """int64[n, 2]: two places that are far enough apart."""
    pairs = np.stack(np.triu_indices(len(places), 1), axis=1)
    found = places[pairs]
    return found[found[:, 1] - found[:, 0] >= least]


def _shares(votes: Pixels, lines: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32[lines, pairs]: share of votes along each line from one place to the other; nan for the outer lines."""
    number = votes.shape[1]
    near = [votes[:, max(0, line - 1) : line + 2].max(axis=1) if line < number else votes[:, -1] for line in lines]
    sums = np.zeros((len(lines), len(votes) + 1), np.float32)
    np.cumsum(near, axis=1, out=sums[:, 1:])
    shares: NDArray[np.float32] = (sums[:, pairs[:, 1]] - sums[:, pairs[:, 0]]) / (pairs[:, 1] - pairs[:, 0])
    shares[[0, -1]] = np.nan
    return shares.astype(np.float32, copy=False)
