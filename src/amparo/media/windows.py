"""Windows of a known picture, so that a copy cut out of its middle is found.

PDQ bears a centred cut of about two percent of each side. So windows about the centre lie four percent apart, and find
centred cuts of up to 40 % of the area; one is the middle half of the width, as split screens show it. A cut off a
corner is borne up to one percent: each corner would take a window for every two, other aspects as many again.
"""

import numpy as np
from numpy.typing import NDArray

from amparo.media.parts import FULL, SMALLEST, Rectangle

CENTRED = (0.955, 0.915, 0.875, 0.835, 0.79)  # of both sides
HALF = (1.0, 0.5)  # of height, width


def windows(luma: NDArray[np.uint8]) -> list[Rectangle]:
    """Rectangles of uint8[height, width] to hash where a picture becomes known; none of a picture that is too small.

    A hash list states hashes of whole pictures only: this is for Banks built from pictures.
    """
    if min(luma.shape) < 2 * SMALLEST:
        return []
    return [_centred(height, width) for height, width in (*((each, each) for each in CENTRED), HALF)]


def _centred(height: float, width: float) -> Rectangle:
    top, left = round(FULL * (1 - height) / 2), round(FULL * (1 - width) / 2)
    return Rectangle(top, left, FULL - top, FULL - left)
