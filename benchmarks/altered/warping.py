"""Alterations that keep the picture's frame or cut into it: crops, turns, text over it, blur, noise."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SEED = 20261123


def cropped(image: Image.Image, percent: float, *, centred: bool) -> Image.Image:
    """Without this much of the area: all round, or off the top and left sides; the aspect stays."""
    factor = math.sqrt(1 - percent / 100)
    width, height = round(image.width * factor), round(image.height * factor)
    x, y = image.width - width, image.height - height
    if centred:
        x, y = x // 2, y // 2
    return image.crop((x, y, x + width, y + height))


def squashed(image: Image.Image, percent: float) -> Image.Image:
    """Narrower by this much, as high as before."""
    return image.resize((round(image.width * (1 - percent / 100)), image.height), Image.Resampling.LANCZOS)


def rotated(image: Image.Image, degrees: float, *, inside: bool) -> Image.Image:
    """Turned in a frame of its size with black corners, or only the largest part of the same aspect without them."""
    turned = image.rotate(degrees, Image.Resampling.BICUBIC)
    if not inside:
        return turned
    radians = math.radians(degrees)
    cos, sin = math.cos(radians), math.sin(radians)
    width, height = image.size
    factor = min(width / (width * cos + height * sin), height / (width * sin + height * cos))
    x, y = width * (1 - factor) / 2 + 1, height * (1 - factor) / 2 + 1
    return turned.crop((math.ceil(x), math.ceil(y), math.floor(width - x), math.floor(height - y)))


def caption_bar(image: Image.Image) -> Image.Image:
    """A white bar with a line of text above, 12 % of the height."""
    bar = round(image.height * 0.12)
    made = Image.new("RGB", (image.width, image.height + bar), "white")
    made.paste(image, (0, bar))
    _text(ImageDraw.Draw(made), "when the harbour was quiet", (image.width / 2, bar / 2), bar * 0.5, (0, 0, 0))
    return made


def text_across(image: Image.Image) -> Image.Image:
    """Two lines of large white text with a black edge, over the top and the bottom."""
    made = image.copy()
    draw, size = ImageDraw.Draw(made), image.width * 0.07
    _text(draw, "SLOWLY ALONG THE RIVER", (image.width / 2, size), size, (255, 255, 255), edge=4)
    _text(draw, "BETWEEN THE BRIDGES", (image.width / 2, image.height - size), size, (255, 255, 255), edge=4)
    return made


def logo(image: Image.Image) -> Image.Image:
    """A disc with letters in the lower right corner, 15 % of the shorter side."""
    made, size = image.copy(), round(min(image.size) * 0.15)
    draw, x, y = ImageDraw.Draw(made), image.width - 1.2 * size, image.height - 1.2 * size
    draw.ellipse((x, y, x + size, y + size), fill=(200, 30, 50), outline=(255, 255, 255), width=4)
    _text(draw, "AB", (x + size / 2, y + size / 2), size * 0.5, (255, 255, 255))
    return made


def watermark(image: Image.Image) -> Image.Image:
    """Slanted words all over the picture, white, a third opaque."""
    side = round(math.hypot(*image.size))
    words = Image.new("L", (side, side))
    draw, size = ImageDraw.Draw(words), image.width * 0.05
    for row, y in enumerate(np.arange(0, side, 3 * size)):
        for x in np.arange(-size * (row % 2) * 3, side, 6 * size):
            _text(draw, "SAMPLE", (float(x), float(y)), size, 84)
    words = words.rotate(30)
    x, y = (side - image.width) // 2, (side - image.height) // 2
    made = image.copy()
    made.paste((255, 255, 255), mask=words.crop((x, y, x + image.width, y + image.height)))
    return made


def blurred(image: Image.Image, percent: float) -> Image.Image:
    """Gaussian, its standard deviation a share of the shorter side."""
    return image.filter(ImageFilter.GaussianBlur(min(image.size) * percent / 100))


def noise(image: Image.Image, percent: float) -> Image.Image:
    """Gaussian noise per pixel and channel, its standard deviation a share of the full range."""
    pixels = np.asarray(image, np.float32)
    grain = np.random.default_rng(SEED).standard_normal(pixels.shape, np.float32)
    return Image.fromarray(np.clip(pixels + grain * np.float32(2.55 * percent), 0, 255).astype(np.uint8))


def _text(
    draw: ImageDraw.ImageDraw,
    text: str,
    centre: tuple[float, float],
    size: float,
    fill: tuple[int, int, int] | int,
    edge: int = 0,
) -> None:
    font = ImageFont.load_default(max(8, size))
    draw.text(
        centre, text, fill=fill, font=font, anchor="mm", stroke_width=edge, stroke_fill=(0, 0, 0) if edge else None
    )
