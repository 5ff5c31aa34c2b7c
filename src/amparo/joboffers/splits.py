"""Splits of a table of job offers: random, and by groups of offers that were written from one another.

In a random split the same template stands on both sides, so a model is praised for its memory; what counts is how it
does on offers that resemble none it was made from.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from amparo.text.words import Words

JOINED = 0.4
"""Jaccard similarity of word trigrams from which two offers are one group."""

Folds = npt.NDArray[np.int64]


def trigrams(text: str) -> frozenset[int]:
    """Runs of three words, as 64-bit numbers that are the same on every computer."""
    words = Words.of(text).words
    return frozenset(_number(" ".join(words[at : at + 3])) for at in range(len(words) - 2))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big")


def group(texts: Sequence[str], same: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
    """The group of each text: near duplicates and those with an equal, filled key are one, and what is joined to them.

    ``same``: per text its keys, such as the words of its company profile. Every pair that shares a trigram is compared:
    the square of the texts at worst, for tables of a few thousand.
    """
    parent = list(range(len(texts)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first: dict[str, int] = {}
    for at, keys in enumerate(same):
        for key in filter(None, keys):
            parent[root(at)] = root(first.setdefault(key, at))
    shingles = [trigrams(text) for text in texts]
    holders: dict[int, list[int]] = {}
    for at, mine in enumerate(shingles):
        shared: dict[int, int] = {}
        for one in mine:
            for other in holders.get(one, ()):
                shared[other] = shared.get(other, 0) + 1
            holders.setdefault(one, []).append(at)
        for other, count in shared.items():
            if count >= JOINED * (len(mine) + len(shingles[other]) - count):
                parent[root(at)] = root(other)
    return np.unique([root(at) for at in range(len(texts))], return_inverse=True)[1].astype(np.int64)


def random_folds(size: int, folds: int = 5, seed: int = 5) -> Folds:
    """The fold of each offer, all folds as large as one another to within one."""
    return np.random.default_rng(seed).permutation(np.arange(size) % folds)


def group_folds(groups: npt.NDArray[np.int64], folds: int = 5, seed: int = 5) -> Folds:
    """The fold of each offer; a group is never parted. The largest group goes first, always to the emptiest fold."""
    sizes = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled = np.zeros(folds, dtype=np.int64)
    fold_of = np.zeros(len(sizes), dtype=np.int64)
    for one in order:
        fold_of[one] = int(np.argmin(filled))
        filled[fold_of[one]] += sizes[one]
    return fold_of[groups]
