"""Generated pictures: textured, deterministic drawings in seven kinds, with words of our own and nothing else."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZES = ((1200, 900), (900, 1200), (1200, 750), (1200, 1200))
_WORDS = (
    "river", "stone", "window", "morning", "table", "winter", "garden", "letter", "station", "paper", "harbour",
    "cloud", "road", "apple", "market", "bridge", "silver", "number", "water", "evening", "forest", "chair",
    "green", "slowly", "between", "northern", "open", "quiet", "under", "along", "every", "seldom",
)  # fmt: skip

_Floats = NDArray[np.float32]


def drawing(seed: int) -> Image.Image:
    """The picture of this seed: RGB, one of SIZES; the kind is ``seed % 7``."""
    rng = np.random.default_rng(seed)
    width, height = SIZES[int(rng.integers(len(SIZES)))]
    return _KINDS[seed % len(_KINDS)](rng, width, height)


def _colour(rng: np.random.Generator, low: int = 0, high: int = 256) -> tuple[int, int, int]:
    red, green, blue = (int(each) for each in rng.integers(low, high, 3))
    return red, green, blue


def _noise(rng: np.random.Generator, width: int, height: int, coarsest: int, octaves: int = 5) -> _Floats:
    """float32[height, width], 0 to 1: random grids of doubling fineness and falling weight, smoothly enlarged."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cells = coarsest * 2**octave
        grid = Image.fromarray(rng.random((cells * height // width + 2, cells + 2), np.float32))
        total += np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC)) * 0.55**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low)


def _tinted(rng: np.random.Generator, grey: _Floats) -> Image.Image:
    """Grey 0 to 1 along a ramp between three colours, dark to light."""
    ramp = np.array([_colour(rng, 0, 90), _colour(rng, 60, 200), _colour(rng, 150, 256)], np.float32)
    channels = [np.interp(grey, (0, 0.5, 1), ramp[:, each]) for each in range(3)]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def _clouds(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    return _tinted(rng, _noise(rng, width, height, int(rng.integers(2, 7))))


def _landscape(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    sky = _tinted(rng, _noise(rng, width, height, 3))
    draw = ImageDraw.Draw(sky)
    x, y, size = int(rng.integers(width)), int(rng.integers(height // 3)), int(rng.integers(30, 120))
    draw.ellipse((x, y, x + size, y + size), fill=_colour(rng, 180, 256))
    layers = int(rng.integers(3, 6))
    for layer in range(layers):
        top = height * (0.35 + 0.6 * layer / layers)
        line = _noise(rng, width, 8, int(rng.integers(2, 5)), 6)[0]
        ground = _tinted(rng, _noise(rng, width, height, 12))
        shape = Image.new("L", (width, height))
        edge = [(x, float(top - 0.3 * height * line[x])) for x in range(0, width, 2)]
        ImageDraw.Draw(shape).polygon([(0, height), *edge, (width, height)], fill=255)
        sky.paste(ground, mask=shape)
    return sky


def _blobs(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    image = _tinted(rng, _noise(rng, width, height, 2))
    for _ in range(int(rng.integers(6, 22))):
        texture = _tinted(rng, _noise(rng, width, height, 8, 3))
        x, y, size = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(60, 340))
        turns = np.linspace(0, math.tau, 24, endpoint=False)
        reach = size * (0.6 + 0.4 * rng.random(24))
        points = [(x + float(r * np.cos(t)), y + float(r * np.sin(t))) for t, r in zip(turns, reach, strict=True)]
        shape = Image.new("L", (width, height))
        ImageDraw.Draw(shape).polygon(points, fill=255)
        image.paste(texture, mask=shape.filter(ImageFilter.GaussianBlur(3)))
    return image


def _page(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A page of neutral words, with a heading, perhaps columns and a picture."""
    image = Image.new("RGB", (width, height), _colour(rng, 225, 256))
    draw, size, columns = ImageDraw.Draw(image), int(rng.integers(16, 40)), int(rng.integers(1, 4))
    ink, y = _colour(rng, 0, 80), 40
    if rng.random() < 0.7:
        draw.text((40, y), _line(rng, 3).title(), fill=ink, font=ImageFont.load_default(2 * size))
        y += 3 * size
    font, across = ImageFont.load_default(size), (width - 80) // columns
    for column in range(columns):
        for row in range(y, height - 40, int(size * 1.5)):
            if rng.random() < 0.85:
                text = _line(rng, 12)[: int(across / size * float(rng.uniform(1.2, 1.9)))]
                draw.text((40 + column * across, row), text, fill=ink, font=font)
    if rng.random() < 0.6:
        part = (width // 3, height // 4)
        place = int(rng.integers(40, width - part[0] - 40)), int(rng.integers(y, height - part[1] - 40))
        image.paste(_clouds(rng, *part), place)
    return image


def _line(rng: np.random.Generator, words: int) -> str:
    return " ".join(str(each) for each in rng.choice(_WORDS, words))


def _chart(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Bars or lines with axes, a grid and labels."""
    image = Image.new("RGB", (width, height), _colour(rng, 215, 256))
    draw, font, ink = ImageDraw.Draw(image), ImageFont.load_default(24), _colour(rng, 0, 90)
    left, top, right, bottom = 110, 100, width - 50, height - 90
    draw.text((left, 30), _line(rng, 4).capitalize(), fill=ink, font=ImageFont.load_default(38))
    for number, y in enumerate(np.linspace(bottom, top, int(rng.integers(4, 8)))):
        draw.line((left, y, right, y), fill=(170, 170, 170), width=2)
        draw.text((30, y - 14), str(10 * number), fill=ink, font=font)
    values = rng.random((int(rng.integers(1, 4)), int(rng.integers(4, 14)))) * 0.9 + 0.05
    step = (right - left) / values.shape[1]
    lines = rng.random() < 0.4
    for series, row in enumerate(values):
        colour = _colour(rng, 20, 220)
        tops = [bottom - float(value) * (bottom - top) for value in row]
        if lines:
            points = [(left + (each + 0.5) * step, y) for each, y in enumerate(tops)]
            draw.line(points, fill=colour, width=8, joint="curve")
        else:
            wide = 0.8 * step / len(values)
            for each, y in enumerate(tops):
                x = left + each * step + series * wide
                draw.rectangle((x, y, x + wide - 3, bottom), fill=colour)
    draw.line((left, top, left, bottom, right, bottom), fill=ink, width=4)
    draw.text((left, bottom + 30), _line(rng, 6), fill=ink, font=font)
    return image


def _stones(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Cells around random points, shaded by how far the next cell is (Worley noise), with texture."""
    points = rng.random((int(rng.integers(12, 60)), 2)) * (height, width)
    rows, columns = np.mgrid[0:height:4, 0:width:4].astype(np.float32)
    far = [np.hypot(rows - y, columns - x) for y, x in points]
    order = np.sort(np.stack(far), axis=0)
    edge = Image.fromarray(np.clip((order[1] - order[0]) / 40, 0, 1)).resize((width, height))
    nearest = Image.fromarray(np.argmin(np.stack(far), axis=0).astype(np.uint8)).resize((width, height), 0)
    shade = rng.random(len(points)).astype(np.float32)[np.asarray(nearest)]
    return _tinted(rng, (0.6 * shade + 0.4 * _noise(rng, width, height, 16, 3)) * np.asarray(edge))


def _street(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Houses with windows before a sky."""
    image = _tinted(rng, _noise(rng, width, height, 2))
    draw, x = ImageDraw.Draw(image), 0
    while x < width:
        wide, top = int(rng.integers(80, 260)), int(rng.integers(height // 8, height * 3 // 4))
        wall = _tinted(rng, 0.3 + 0.4 * _noise(rng, wide, height - top, 10, 4))
        image.paste(wall, (x, top))
        step, glass = int(rng.integers(28, 60)), _colour(rng)
        for down in range(top + 16, height - step, step):
            for along in range(x + 12, x + wide - step // 2 - 6, step):
                if rng.random() < 0.8:
                    draw.rectangle((along, down, along + step // 2, down + step * 2 // 3), fill=glass)
        x += wide
    return image


_KINDS: tuple[Callable[[np.random.Generator, int, int], Image.Image], ...] = (
    _clouds, _landscape, _blobs, _page, _chart, _stones, _street,
)  # fmt: skip
