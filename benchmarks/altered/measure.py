"""Measures in worker processes: first what is known of each original, then each altered copy against all of it."""

import collections
import dataclasses
import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import ours
import pdqhash  # type: ignore[import-untyped]
from alterations import ALTERATIONS, encoded
from numpy.typing import NDArray
from originals import Original
from PIL import Image

from amparo.media.pdq import DOUBTFUL

WITHIN = 31  # bits: the distance of ThreatExchange for a match
COMPANIONS = 8  # pictures of other scenes in the largest collage
_Pixels = NDArray[np.uint8]
_state: dict[str, Any] = {}  # of this worker process


@dataclasses.dataclass(frozen=True, slots=True)
class Hashes:
    """Of one picture. ``plain``: hash and quality by pdqhash; ``ours``: the views; seconds per view kind."""

    plain: tuple[bytes, int]
    ours: tuple[tuple[str, bytes, int], ...]
    seconds: dict[str, float]

    @classmethod
    def of(cls, rgb: _Pixels) -> "Hashes":
        """Times pdqhash on uint8[height, width, 3], then each view as it is made."""
        seconds: dict[str, float] = collections.defaultdict(float)
        start = time.perf_counter()
        bits, quality = pdqhash.compute(rgb)
        seconds["pdqhash"] = time.perf_counter() - start
        found, start = [], time.perf_counter()
        for view in ours.views(rgb):
            found.append(view)
            now = time.perf_counter()
            seconds[ours.kind(view[0])] += now - start
            start = now
        return cls((np.packbits(bits).tobytes(), int(quality)), tuple(found), dict(seconds))


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """One known hash of an original (its index) by a view kind; ``plain`` for pdqhash."""

    original: int
    kind: str
    hash: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """What one picture found. ``alteration`` is empty for an original as it is.

    Distances in bits to its own original, None where a quality is doubtful: ``plain``, ``whole`` (any view against
    the known whole), ``region`` (any view against any known view). ``found``: (view kind, known view kind) within
    WITHIN of its own. ``false``: for each such pair, and for the methods "plain", "whole", "region", how many pictures
    of other scenes it found; ``pairs``: of how many, none where the picture's quality is doubtful.
    """

    original: int
    alteration: str
    plain: int | None
    whole: int | None
    region: int | None
    doubtful: bool
    found: frozenset[tuple[str, str]]
    false: dict[tuple[str, str] | str, int]
    pairs: int
    seconds: dict[str, float]


def prepare(original: Original, number: int, folder: Path) -> Hashes:
    """Draws or decodes the original, keeps it as the JPEG of quality 95 that counts as the known picture, hashes it."""
    path = _path(folder, number)
    path.write_bytes(encoded(original.image(), "JPEG", 95))
    return Hashes.of(_pixels(path.read_bytes()))


class Bank:
    """All known hashes; answers which are near, exactly (faiss compares with every one)."""

    def __init__(self, originals: Sequence[Original], hashes: Sequence[Hashes]) -> None:
        self.originals, self.hashes = originals, hashes
        scenes = {original.scene: number for number, original in enumerate(originals)}
        self.scenes = np.array([scenes[original.scene] for original in originals])
        self._plain = [Known(n, "plain", h.plain[0]) for n, h in enumerate(hashes) if h.plain[1] >= DOUBTFUL]
        self._ours = [
            Known(number, ours.kind(name), value)
            for number, each in enumerate(hashes)
            for name, value, quality in each.ours
            if quality >= DOUBTFUL and ours.for_known(name)
        ]
        self._own: dict[int, list[Known]] = collections.defaultdict(list)
        for known in (*self._plain, *self._ours):
            self._own[known.original].append(known)
        self.usable = np.array([each.plain[1] >= DOUBTFUL for each in hashes])
        self._indexes = _index(self._plain), _index(self._ours)
        faiss.omp_set_num_threads(1)

    def query(self, number: int, alteration: str, hashes: Hashes, strange: NDArray[np.bool_]) -> Query:
        """``strange[original]``: which usable originals show nothing of what this picture shows."""
        plain = [("plain", hashes.plain[0])] if hashes.plain[1] >= DOUBTFUL else []
        seen = [
            (ours.kind(name), value)
            for name, value, quality in hashes.ours
            if quality >= DOUBTFUL and ours.for_query(name)
        ]
        near = _near(self._indexes[0], self._plain, plain) | _near(self._indexes[1], self._ours, seen)
        false: dict[tuple[str, str] | str, set[int]] = collections.defaultdict(set)
        for view, known in near:
            if strange[known.original]:
                false[view, known.kind].add(known.original)
                if view == "plain":
                    false["plain"].add(known.original)
                else:
                    false["region"].add(known.original)
                    if known.kind == ours.WHOLE:
                        false["whole"].add(known.original)
        own = self._own[number]
        return Query(
            number,
            alteration,
            _least(plain, [known for known in own if known.kind == "plain"]),
            _least(seen, [known for known in own if known.kind == ours.WHOLE]),
            _least(seen, [known for known in own if known.kind != "plain"]),
            hashes.plain[1] < DOUBTFUL,
            frozenset((view, known.kind) for view, known in near if known.original == number and view != "plain"),
            {key: len(value) for key, value in false.items()},
            int(strange.sum()) if plain else 0,
            hashes.seconds,
        )


def begin(originals: Sequence[Original], hashes: Sequence[Hashes], folder: Path) -> None:
    """What `altered` works with, once per worker: an index cannot be sent to another process."""
    _state["bank"], _state["folder"] = Bank(originals, hashes), folder


def altered(task: tuple[int, Sequence[int]]) -> list[Query]:
    """Of (original, its companions): it as it is, and each alteration of it; without companions none."""
    number, companions = task
    bank, folder = _state["bank"], _state["folder"]
    strange = bank.usable & (bank.scenes != bank.scenes[number])
    queries = [bank.query(number, "", bank.hashes[number], strange)]
    if not companions:
        return queries
    image, others = _image(_path(folder, number)), [_image(_path(folder, each)) for each in companions]
    for alteration in ALTERATIONS:
        shown = bank.scenes[list(companions[: alteration.others])]
        hashes = Hashes.of(_pixels(alteration.file(image, others)))
        queries.append(bank.query(number, alteration.name, hashes, strange & ~np.isin(bank.scenes, shown)))
    return queries


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number}.jpg"


def _image(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.convert("RGB")


def _pixels(file: bytes) -> _Pixels:
    with Image.open(io.BytesIO(file)) as opened:
        return np.asarray(opened.convert("RGB"))


def _packed(hashes: Sequence[bytes]) -> _Pixels:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)


def _index(known: Sequence[Known]) -> faiss.IndexBinaryFlat:
    index = faiss.IndexBinaryFlat(256)
    index.add(_packed([each.hash for each in known]))
    return index


def _near(
    index: faiss.IndexBinaryFlat, known: Sequence[Known], seen: Sequence[tuple[str, bytes]]
) -> set[tuple[str, Known]]:
    if not seen:
        return set()
    ends, _, found = index.range_search(_packed([value for _, value in seen]), WITHIN + 1)  # faiss: less than
    return {(seen[row][0], known[each]) for row in range(len(seen)) for each in found[ends[row] : ends[row + 1]]}


def _least(seen: Sequence[tuple[str, bytes]], known: Sequence[Known]) -> int | None:
    if not seen or not known:
        return None
    left, right = _packed([value for _, value in seen]), _packed([each.hash for each in known])
    return int(np.bitwise_count(left[:, None] ^ right[None]).sum(axis=2, dtype=int).min())
