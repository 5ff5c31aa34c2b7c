"""A small linear model of words and pairs of words, which knows them only by their hash.

A word's weight is that of its bucket, so the file holds no text of the offers it was trained on. The model learned from
English offers of 2012 to 2014 (EMSCAD; Vidros et al. 2017) and knows the style of those more than deceit: see its card.
It may count for at most one weak sign.
"""

import json
import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from amparo.text.words import Words

BUCKETS = 2**16
_SECOND = 0x9E3779B1  # spreads the hash of a pair; Knuth, The Art of Computer Programming 3, 6.4
_DISTINCT = 200_000
_FEWEST = 3
_known: dict[str, int] = {}


@cache
def _never() -> frozenset[str]:
    """Words that say who somebody is or where, not what is offered (``data/no_feature.txt``)."""
    text = (files("amparo.joboffers") / "data" / "no_feature.txt").read_text()
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def buckets(words: Words) -> npt.NDArray[np.int64]:
    """The bucket of each word, then that of each pair of neighbours: 2 n - 1 numbers below `BUCKETS`. Linear in n.

    A word of ``data/no_feature.txt`` has bucket 0, which has no weight, and so has a pair with one.
    """
    if len(_known) > _DISTINCT:
        _known.clear()
    found = []
    for word in words.words:
        number = _known.get(word)
        if number is None:
            number = _known[word] = _number(word)
        found.append(number)
    single = np.array(found, dtype=np.uint64)
    double = (single[:-1] * np.uint64(_SECOND) + single[1:]) & np.uint64(0xFFFFFFFF)
    double = np.where((single[:-1] > 0) & (single[1:] > 0), double ^ (double >> np.uint64(15)), np.uint64(0))
    return (np.concatenate([single, double]) % np.uint64(BUCKETS)).astype(np.int64)


def _number(word: str) -> int:
    return 0 if word in _never() else zlib.crc32(word.encode(errors="surrogatepass"))


@dataclass(frozen=True, slots=True, eq=False)
class TextModel:
    """``weights``: one per bucket, with the inverse document frequency in them; ``frequency``: that alone."""

    weights: npt.NDArray[np.float32]
    frequency: npt.NDArray[np.float32]
    bias: float
    version: str

    def score(self, words: Words) -> float:
        """Log-odds of a deceptive offer in the balanced set it was trained on; 0 for a text without words."""
        if not words.words:
            return 0.0
        seen, counts = np.unique(buckets(words), return_counts=True)
        values = 1.0 + np.log(counts)
        norm = math.sqrt(float(np.sum((values * self.frequency[seen]) ** 2))) or 1.0
        return float(np.dot(values * self.frequency[seen], self.weights[seen])) / norm + self.bias

    def reasons(self, words: Words, most: int = 5) -> list[tuple[int, int, float]]:
        """Words and pairs that speak loudest for deceit: first and last character, and their part of the score."""
        if not words.words:
            return []
        at = buckets(words)
        parts = self.frequency[at] * self.weights[at]
        size, taken = len(words.words), set[int]()
        out: list[tuple[int, int, float]] = []
        for place in np.argsort(-parts, kind="stable"):
            first, last = (int(place), int(place)) if place < size else (int(place) - size, int(place) - size + 1)
            if parts[place] <= 0 or len(out) >= most:
                break
            if not taken & {first, last}:
                taken |= {first, last}
                out.append((words.start(first), words.end(last), round(float(parts[place]), 4)))
        return out

    def to_bytes(self) -> bytes:
        """As in ``data/model.bin``: a line of JSON, then frequencies and weights as little-endian float16."""
        head = json.dumps({"v": 1, "buckets": BUCKETS, "bias": self.bias, "version": self.version}, sort_keys=True)
        body = self.frequency.astype("<f2").tobytes() + self.weights.astype("<f2").tobytes()
        return head.encode() + b"\n" + zlib.compress(body, 9)

    @classmethod
    def of_bytes(cls, data: bytes) -> "TextModel":
        """Inverse of `to_bytes`. The file is ours: ValueError for anything else."""
        head, _, body = data.partition(b"\n")
        told = json.loads(head)
        if told["v"] != 1 or told["buckets"] != BUCKETS:
            raise ValueError("no text model of this version")
        numbers = np.frombuffer(zlib.decompress(body), dtype="<f2").astype(np.float32)
        return cls(numbers[BUCKETS:], numbers[:BUCKETS], told["bias"], told["version"])


def fitted_frequency(groups: Iterable[npt.NDArray[np.int64]]) -> npt.NDArray[np.float32]:
    """Inverse frequency of each bucket over groups of texts: ln((1 + groups) / (1 + groups with it)) + 1.

    0, so that it has no part in anything, for bucket 0 and for those of fewer than three groups: such are the names
    of employers.
    """
    seen, number = np.zeros(BUCKETS), 0
    for group in groups:
        seen[np.unique(group)] += 1
        number += 1
    frequency = np.log((1 + number) / (1 + seen)) + 1
    frequency[(seen < _FEWEST) | (np.arange(BUCKETS) == 0)] = 0
    return frequency.astype(np.float32)


@cache
def shipped() -> TextModel:
    """The model of the package, made by ``scripts/train_joboffers.py``."""
    return TextModel.of_bytes((files("amparo.joboffers") / "data" / "model.bin").read_bytes())
