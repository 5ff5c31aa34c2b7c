"""Benign pictures drawn from numbers: gradients, shapes, patterns and landscapes, in the formats people have."""

import io
import math
import random

from PIL import Image, ImageDraw

try:  # an encoder for HEIC comes with the development environment only: its licence is not ours to pass on (ADR 0007)
    import pillow_heif
except ImportError:
    HEIC = False
else:
    HEIC = True
    pillow_heif.register_heif_opener()

FORMATS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("jpg", "JPEG", {"quality": 82}),
    ("png", "PNG", {}),
    ("webp", "WEBP", {"quality": 75, "method": 2}),
    ("gif", "GIF", {}),
    ("bmp", "BMP", {}),
    ("tiff", "TIFF", {"compression": "tiff_lzw"}),
    ("heic", "HEIF", {"quality": 60}),
    ("avif", "AVIF", {"quality": 60, "speed": 9, "max_threads": 1}),
)
_WEIGHTS = (40, 24, 9, 6, 4, 5, 6 if HEIC else 0, 6)
_CAMERAS = (("Demo Optics", "DO-1"), ("Sample Camera Works", "Pocket 2"), ("Amparo demo", "Phone 3"))
_POINT_NEMO = ((48, 52, 36), (123, 23, 36))  # the place in the sea that is farthest from any land


def picture(rng: random.Random, day: int) -> tuple[str, bytes]:
    """Extension and bytes of one picture; some carry Exif with camera, time, and a place in the open sea."""
    extension, name, options = rng.choices(FORMATS, _WEIGHTS)[0]
    image = rng.choice((_gradient, _shapes, _pattern, _landscape))(
        rng, *rng.choice(((640, 480), (480, 640), (320, 240)))
    )
    if extension in ("jpg", "webp", "heic", "png", "tiff") and rng.random() < 0.5:
        options = {**options, "exif": _exif(rng, day)}
    return extension, encode(image, name, options)


def encode(image: Image.Image, name: str, options: dict[str, object]) -> bytes:
    """The picture as a file."""
    stream = io.BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def _gradient(rng: random.Random, width: int, height: int) -> Image.Image:
    ramp = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270))).resize((width, height))
    return Image.composite(Image.new("RGB", ramp.size, _colour(rng)), Image.new("RGB", ramp.size, _colour(rng)), ramp)


def _shapes(rng: random.Random, width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randrange(6, 24)):
        x, y, size = rng.randrange(width), rng.randrange(height), rng.randrange(20, 140)
        match rng.randrange(3):
            case 0:
                draw.ellipse((x, y, x + size, y + size // 2), fill=_colour(rng))
            case 1:
                draw.rectangle((x, y, x + size, y + size), fill=_colour(rng))
            case _:
                draw.regular_polygon((x, y, size // 2), rng.randrange(3, 8), fill=_colour(rng))
    return image


def _pattern(rng: random.Random, width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), _colour(rng))
    draw, step, colour = ImageDraw.Draw(image), rng.randrange(12, 48), _colour(rng)
    for row, y in enumerate(range(0, height, step)):
        for x in range((row % 2) * step, width, 2 * step):
            draw.rectangle((x, y, x + step - 1, y + step - 1), fill=colour)
    return image


def _landscape(rng: random.Random, width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), (140 + rng.randrange(80), 180 + rng.randrange(50), 235))
    draw = ImageDraw.Draw(image)
    x, y = rng.randrange(width), rng.randrange(20, height // 4)
    draw.ellipse((x, y, x + 40, y + 40), fill=(255, 225, 120))
    for layer in range(4):
        base, swing, wave = height * (4 + layer) / 8, rng.uniform(8, 40), rng.uniform(0.008, 0.03)
        line = [(x, base + swing * math.sin(x * wave + layer)) for x in range(0, width + 8, 8)]
        green = 150 - 28 * layer
        draw.polygon([(0, height), *line, (width, height)], fill=(40 + 12 * layer, green, 60))
    return image


def _exif(rng: random.Random, day: int) -> Image.Exif:
    exif = Image.Exif()
    maker, model = rng.choice(_CAMERAS)
    taken = f"2026:0{1 + day % 9}:{1 + day % 28:02d} {rng.randrange(24):02d}:{rng.randrange(60):02d}:00"
    exif[0x010F], exif[0x0110], exif[0x0132] = maker, model, taken
    exif.get_ifd(0x8769).update({0x9003: taken, 0x9011: "+02:00"})
    if rng.random() < 0.5:
        south, west = _POINT_NEMO
        exif.get_ifd(0x8825).update({1: "S", 2: south, 3: "W", 4: west})
    return exif
