"""Figures of a classifier that orders job offers, with intervals.

The share of deceptive offers in a test set is rarely that of the world. Weighting the legitimate ones by

    (1 - prevalence) / prevalence * deceptive / legitimate

gives what would have been measured at a prevalence, as far as both groups were drawn fairly.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]
Groups = npt.NDArray[np.int64]

EMSCAD_PREVALENCE = 866 / 17_880
"""Deceptive offers in the whole of EMSCAD (Vidros et al. 2017)."""


def average_precision(scores: Scores, deceptive: Labels, prevalence: float) -> float:
    """Area under precision and recall in steps, at a prevalence; equal scores are one step. NaN without both kinds.

    ``scores`` and ``deceptive``: one-dimensional, as long as one another. O(n log n).
    """
    positives, negatives = int(deceptive.sum()), int((~deceptive).sum())
    if not positives or not negatives:
        return math.nan
    weight = (1 - prevalence) / prevalence * positives / negatives
    order = np.argsort(-scores, kind="stable")
    steps = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    true = np.cumsum(deceptive[order])[steps]
    false = np.cumsum(~deceptive[order])[steps] * weight
    recall = true / positives
    return float(np.sum(np.diff(recall, prepend=0.0) * true / (true + false)))


def recall_at(scores: Scores, deceptive: Labels, false_positives: float) -> float:
    """The highest share of deceptive offers above a threshold that at most this share of the legitimate ones reach."""
    positives, negatives = int(deceptive.sum()), int((~deceptive).sum())
    if not positives or not negatives:
        return math.nan
    legitimate = np.sort(scores[~deceptive])[::-1]
    allowed = math.floor(false_positives * negatives + 1e-9)
    if allowed >= negatives:
        return 1.0
    return float((scores[deceptive] > legitimate[allowed]).sum() / positives)


def wilson(hits: int, of: int, z: float = 1.959964) -> tuple[float, float]:
    """Interval of a share (Wilson 1927), 95 % unless told; (0, 1) for nothing counted."""
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, z * z
    centre = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(
    figure: Callable[[npt.NDArray[np.int64]], float], groups: Groups, draws: int = 2_000, seed: int = 5
) -> tuple[float, float]:
    """95 % interval of a figure when whole groups are drawn again, since the offers of one group are not independent.

    ``figure`` is given the places of the offers drawn, repeated ones repeatedly; draws where it is NaN do not count.
    """
    random = np.random.default_rng(seed)
    names, inverse = np.unique(groups, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
    found = []
    for _ in range(draws):
        drawn = random.integers(0, len(names), len(names))
        value = figure(np.concatenate([members[one] for one in drawn]))
        if not math.isnan(value):
            found.append(value)
    if not found:
        return math.nan, math.nan
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
