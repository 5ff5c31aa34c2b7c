"""What of a picture is hashed by ours: what `amparo.media.picture_hash` gives a scan, and nothing else.

Contract of ``views(rgb)``: (name, hash of 32 bytes, quality) per view. A name is ``kind``, ``kind:number``, or either
with ``:transform`` (one of ``amparo.media.pdq.TRANSFORMS[1:]``) behind it; the picture as it is is ``whole``. A query
uses all its views, a known picture those without a transform. A generator is timed per view, a list only in total.

Kinds: ``whole``; ``pdq_512``, the picture squashed to 512 pixels as the C++ reference does; ``part``; ``window``, of
known pictures only. Hash lists hold the whole only. Parts and windows are known where a Bank is built from pictures
(`amparo bank add`).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from amparo.media.pdq import INVERTED, TRANSFORMS, Hasher
from amparo.media.picture_hash import Looks, hash_picture, looks_of, luma_of
from amparo.media.windows import windows

WHOLE = "whole"
_hasher = Hasher()


def views(rgb: NDArray[np.uint8]) -> Iterator[tuple[str, bytes, int]]:
    """Of uint8[height, width, 3]. All are made at once, so the time of all is counted for the first."""
    numbers: dict[tuple[int, ...], int] = {}
    framed = set(windows(luma_of(rgb)))
    for looks in looks_of(hash_picture(rgb, _hasher, known=True)):
        turned = "" if looks.transform == TRANSFORMS[0] else f":{looks.transform}"
        subject = _subject(looks, numbers)
        yield (
            f"{subject.replace('part', 'window') if looks.part in framed else subject}{turned}",
            looks.hash,
            looks.quality,
        )


def _subject(looks: Looks, numbers: dict[tuple[int, ...], int]) -> str:
    if looks.is_whole:
        return WHOLE if looks.variant == "pdq" else looks.variant
    return f"part:{numbers.setdefault(looks.part, len(numbers))}"


def kind(name: str) -> str:
    """Of a view's name: what is counted together, ``part`` and ``part turned``."""
    return name.partition(":")[0] + (" turned" if _turned(name) else "")


def for_query(name: str) -> bool:
    """Whether a picture is searched for with this view."""
    return not name.startswith("window")


def for_known(name: str) -> bool:
    """Whether a known picture has this view."""
    return not _turned(name)


def _turned(name: str) -> bool:
    return name.rpartition(":")[2] in (*TRANSFORMS[1:], INVERTED)
