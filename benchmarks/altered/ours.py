"""What of a picture is hashed by ours: the one place to swap in ``amparo.media.views.views``.

Contract of ``views(rgb)``: (name, hash of 32 bytes, quality) per view. A name is ``kind``, ``kind:number``, or either
with ``:transform`` (one of ``amparo.media.pdq.TRANSFORMS[1:]``) behind it; the picture as it is is ``whole``. A query
uses all its views, a known picture those without a transform. A generator is timed per view, a list only in total.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from amparo.media.pdq import TRANSFORMS, Hasher, dihedral

WHOLE = "whole"
_hasher = Hasher()


def views(rgb: NDArray[np.uint8]) -> Iterator[tuple[str, bytes, int]]:
    """Stand-in: the whole of uint8[height, width, 3] in its eight positions."""
    pdq = _hasher.rgb(rgb)
    yield WHOLE, pdq.hash, pdq.quality
    for transform, turned in zip(TRANSFORMS[1:], dihedral(pdq.dct)[1:], strict=True):
        yield f"{WHOLE}:{transform}", turned, pdq.quality


def kind(name: str) -> str:
    """Of a view's name: what is counted together, ``region`` and ``region turned``."""
    return name.partition(":")[0] + (" turned" if _turned(name) else "")


def for_known(name: str) -> bool:
    """Whether a known picture has this view."""
    return not _turned(name)


def _turned(name: str) -> bool:
    return name.rpartition(":")[2] in TRANSFORMS[1:]
