"""Even grounds: the margins, bars and gutters that pictures are placed on, told from what the pictures show."""

import itertools

import numpy as np
from numpy.typing import NDArray

EVEN = 8  # of 255: the most that a line of an even ground spans; compression leaves some ringing beside a picture
EXACT = 4  # what drawn grounds span; above it, the line must change abruptly to what lies inside
ABRUPT = 18
SAME = 2  # how far lines of a shaded ground may differ
MARGIN = 6  # lines: the least width of a shaded ground

Pixels = NDArray[np.uint8]
Run = tuple[int, int]  # first line, and the one behind the last


def content(lines: Pixels) -> list[Run]:
    """Runs of lines of uint8[number, length] that are not of an even ground, in order.

    A ground is a run of lines of one colour; or, at either end, of lines that equal the outermost one up to a step.
    """
    number, length = lines.shape
    inside = lines[:, 1:-1] if length > 8 else lines  # the outline of a window does not make its ground uneven
    grounds = _shaded(inside) if number > 2 * MARGIN else []
    for ground in sorted(_even(inside), key=lambda run: (min(run[0], number - run[1]), run)):
        # From the outside in: what touches a ground but has another colour belongs to the picture, a white sky say.
        if not any(first <= ground[1] and ground[0] <= last for first, last in grounds):
            grounds.append(ground)
    covered = np.zeros(number + 2, np.int8)
    covered[[0, -1]] = 1
    for first, last in grounds:
        covered[first + 1 : last + 1] = 1
    ends = np.flatnonzero(np.diff(covered)).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def _even(lines: Pixels) -> list[Run]:
    """Runs of lines that span no more than EVEN, cut where their colour changes."""
    number = len(lines)
    low, high = lines.min(axis=1), lines.max(axis=1)
    spans, colour = high - low, (low.astype(np.int16) + high) // 2
    even = spans <= EVEN
    changes = np.flatnonzero((even[1:] != even[:-1]) | (np.abs(np.diff(colour)) > EVEN - SAME)) + 1
    ends = [0, *changes.tolist(), number]
    runs = []
    for first, last in itertools.pairwise(ends):
        if not even[first]:
            continue
        beside = np.concatenate((spans[max(0, first - 3) : first], spans[last : last + 3]))
        abrupt = len(beside) > 0 and int(beside.max()) >= ABRUPT
        if (abrupt or float(np.median(spans[first:last])) <= EXACT) and (last - first > 1 or _gutter(lines, first)):
            runs.append((first, last))
    return runs


def _gutter(lines: Pixels, at: int) -> bool:
    """Whether one even line alone parts two pictures: it differs from both sides along most of its length."""
    if not 3 < at < len(lines) - 4:
        return False
    return all(float(difference(lines[at], lines[at + way]).mean()) > 20 for way in (-2, 2))


def _shaded(lines: Pixels) -> list[Run]:
    """Grounds at the ends with a shade along the line, as wallpapers have."""
    grounds = []
    for ordered in (lines, lines[::-1]):
        if int(difference(ordered[1], ordered[3]).max()) > SAME:  # nearly always: no need to compare all
            continue
        apart = difference(ordered, ordered[1:2])
        same = apart.max(axis=1) <= SAME
        same[0] = True  # mixed with what lies outside
        width = int(np.argmin(same)) if not same.all() else len(same)
        if MARGIN <= width < len(same) - 2 and float((apart[width + 1] > 8).mean()) > 0.4:
            grounds.append((0, width) if ordered is lines else (len(lines) - width, len(lines)))
    return grounds


def difference(left: Pixels, right: Pixels) -> Pixels:
    """How far two arrays of bytes differ, without a wider type."""
    apart: Pixels = np.maximum(left, right) - np.minimum(left, right)
    return apart
