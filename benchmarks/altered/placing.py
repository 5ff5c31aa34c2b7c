"""Alterations that place the picture on a larger ground: borders, bars, collages, insets."""

import math
from collections.abc import Sequence

from PIL import Image, ImageFilter, ImageOps


def border(image: Image.Image, percent: float, colour: str) -> Image.Image:
    """On all sides, as wide as a share of the shorter side; ``blurred`` fills it with the picture itself, enlarged."""
    wide = round(min(image.size) * percent / 100)
    return _on_ground(image, (image.width + 2 * wide, image.height + 2 * wide), colour)


def letterbox(image: Image.Image) -> Image.Image:
    """Black bars above and below, the whole 4/3 as high: what a 16:9 film on a 4:3 screen has."""
    return _on_ground(image, (image.width, image.height * 4 // 3), "black")


def pillarbox(image: Image.Image) -> Image.Image:
    """Black bars at both sides, the whole 4/3 as wide: what a 4:3 film on a 16:9 screen has."""
    return _on_ground(image, (image.width * 4 // 3, image.height), "black")


def collage(image: Image.Image, others: Sequence[Image.Image], across: int, down: int, gutter: float) -> Image.Image:
    """Cells of the picture's aspect, the whole picture in the middle one; white gutters, a share of the cell's width.

    The others are cut to their cells.
    """
    most = max(across, down)
    width, height = image.width // most, image.height // most
    gap = round(width * gutter / 100)
    size = across * width + (across - 1) * gap, down * height + (down - 1) * gap
    made, cells = Image.new("RGB", size, "white"), across * down
    pictures = [*others[: cells // 2], image, *others[cells // 2 : cells - 1]]
    for number, picture in enumerate(pictures):
        row, column = divmod(number, across)
        made.paste(ImageOps.fit(picture, (width, height)), (column * (width + gap), row * (height + gap)))
    return made


def split_screen(image: Image.Image, others: Sequence[Image.Image]) -> Image.Image:
    """The middle half of the picture's width at the left, the middle half of another's at the right."""
    half = image.width // 2
    made = Image.new("RGB", image.size)
    for number, picture in enumerate((image, others[0])):
        made.paste(ImageOps.fit(picture, (half, image.height)), (number * half, 0))
    return made


def inset(image: Image.Image, others: Sequence[Image.Image], percent: float, *, as_ground: bool = False) -> Image.Image:
    """One picture over another's lower right corner, covering a share of its area; ours is the inset or the ground."""
    ground, small = (image, others[0]) if as_ground else (others[0], image)
    factor = math.sqrt(percent / 100)
    made = ImageOps.fit(ground, image.size)
    width, height = round(image.width * factor), round(image.height * factor)
    edge = round(min(image.size) * 0.02)
    made.paste(ImageOps.fit(small, (width, height)), (image.width - width - edge, image.height - height - edge))
    return made


def _on_ground(image: Image.Image, size: tuple[int, int], colour: str) -> Image.Image:
    if colour == "blurred":
        made = ImageOps.fit(image, size).filter(ImageFilter.GaussianBlur(min(size) / 30))
    else:
        made = Image.new("RGB", size, colour)
    made.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return made
