"""Altered copies of known pictures, and decoys: scenes full of shapes, changed as pictures change on their way."""

import io
import random
from collections.abc import Callable, Iterator

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

SIZE = (1024, 768)
SCENES = 24  # of which every second one is known

Alteration = Callable[[Image.Image, Image.Image], Image.Image]


def scenes(seed: int) -> list[Image.Image]:
    """Pictures with enough detail to be told apart."""
    return [_scene(random.Random(f"{seed} scene {number}")) for number in range(SCENES)]


def copies(seed: int) -> Iterator[tuple[str, bytes, int]]:
    """File name, bytes and number of the scene of each altered copy; the originals are not among them.

    Of known and of unknown scenes alike: what is found must be the scene and not the way it was changed.
    """
    made = scenes(seed)
    for number, scene in enumerate(made):
        name, change = ALTERATIONS[number // 2 % len(ALTERATIONS)]
        stream = io.BytesIO()
        changed = change(scene, made[(number + 6) % SCENES | 1])  # beside it stands none that is known
        changed.save(stream, "JPEG", quality=random.Random(f"{seed} {number}").choice((60, 75, 90)))
        yield f"{number:02d}-{name}.jpg", stream.getvalue(), number


def _scene(rng: random.Random) -> Image.Image:
    image = Image.effect_noise((SIZE[0] // 8, SIZE[1] // 8), rng.randrange(40, 90)).resize(
        SIZE, Image.Resampling.BICUBIC
    )
    image = ImageOps.colorize(image, _colour(rng), _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randrange(25, 45)):
        x, y, size = rng.randrange(SIZE[0]), rng.randrange(SIZE[1]), rng.randrange(40, 260)
        box = (x - size, y - size // 2, x + size, y + size // 2)
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(box, fill=_colour(rng))
    return image.filter(ImageFilter.GaussianBlur(1.5))


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def _small(image: Image.Image, other: Image.Image) -> Image.Image:
    return image.resize((image.width // 3, image.height // 3), Image.Resampling.LANCZOS)


def _grey(image: Image.Image, other: Image.Image) -> Image.Image:
    return image.convert("L")


def _mirror(image: Image.Image, other: Image.Image) -> Image.Image:
    return ImageOps.mirror(image)


def _turn(image: Image.Image, other: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_90)


def _bright(image: Image.Image, other: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(ImageEnhance.Brightness(image).enhance(1.2)).enhance(0.8)


def _blur(image: Image.Image, other: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(5))


def _squash(image: Image.Image, other: Image.Image) -> Image.Image:
    return image.resize((image.width, image.height * 4 // 5))


def _text(image: Image.Image, other: Image.Image) -> Image.Image:
    image = image.copy()
    ImageDraw.Draw(image).text((40, image.height - 60), "Sunday at the lake", fill=(255, 255, 255), font_size=28)
    return image


def _frame(image: Image.Image, other: Image.Image) -> Image.Image:
    return ImageOps.expand(image, border=90, fill=(12, 12, 12))


def _phone(image: Image.Image, other: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (1080, 2160), (250, 250, 250))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1080, 80), fill=(30, 30, 30))
    draw.text((40, 20), "12:04", fill=(255, 255, 255), font_size=36)
    screen.paste(image.resize((1080, 810)), (0, 620))
    draw.text((60, 1500), "Look what I found", fill=(40, 40, 40), font_size=44)
    return screen


def _collage(image: Image.Image, other: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (2 * SIZE[0] + 60, SIZE[1] + 40), (255, 255, 255))
    sheet.paste(image, (20, 20))
    sheet.paste(other, (SIZE[0] + 40, 20))
    return sheet


def _negative(image: Image.Image, other: Image.Image) -> Image.Image:
    return ImageOps.invert(image)


ALTERATIONS: tuple[tuple[str, Alteration], ...] = (
    ("small", _small),
    ("grey", _grey),
    ("mirrored", _mirror),
    ("turned", _turn),
    ("brighter", _bright),
    ("blurred", _blur),
    ("squashed", _squash),
    ("captioned", _text),
    ("framed", _frame),
    ("on-a-phone", _phone),
    ("in-a-collage", _collage),
    ("negative", _negative),
)
