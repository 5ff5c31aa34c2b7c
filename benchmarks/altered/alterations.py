"""Alterations: what happens to pictures as they are passed on, each deterministic and named as the table names it.

An alteration takes the picture and pictures of other scenes (used by collages only) and returns a picture, which is
stored as JPEG of quality 90, or the bytes of a file where the format itself is the alteration.
Percentages of crops and insets are of the area, of borders and blur of the shorter side, of noise of the full range.
"""

import dataclasses
import functools
import io
from collections.abc import Callable, Sequence

from PIL import Image, ImageEnhance, ImageOps
from placing import border, collage, inset, letterbox, pillarbox, split_screen
from screens import desktop, phone, photographed_screen
from warping import blurred, caption_bar, cropped, logo, noise, rotated, squashed, text_across, watermark

Others = Sequence[Image.Image]
Altered = Image.Image | bytes
Alter = Callable[[Image.Image, Others], Altered]


@dataclasses.dataclass(frozen=True, slots=True)
class Alteration:
    """``others``: how many pictures of other scenes are visible in the result; they are no decoys for it."""

    group: str
    name: str
    apply: Alter
    others: int = 0

    def file(self, image: Image.Image, others: Others) -> bytes:
        """The altered picture as a file."""
        altered = self.apply(image, others)
        return altered if isinstance(altered, bytes) else encoded(altered, "JPEG", 90)


def encoded(image: Image.Image, name: str, quality: int) -> bytes:
    """The picture as the bytes of a JPEG or WEBP file."""
    stream = io.BytesIO()
    image.convert("RGB").save(stream, name, quality=quality)
    return stream.getvalue()


def _alone(function: Callable[..., Altered], *given: object, **named: object) -> Alter:
    return lambda image, _: function(image, *given, **named)


def _resized(image: Image.Image, factor: float) -> Image.Image:
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS)


def _gamma(image: Image.Image, gamma: float) -> Image.Image:
    return image.point([round(255 * (value / 255) ** gamma) for value in range(256)] * 3)


def _contrast(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(factor)


def _brightness(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(factor)


def _sepia(image: Image.Image) -> Image.Image:
    return ImageOps.colorize(ImageOps.grayscale(image), (30, 18, 8), (255, 240, 205), mid=(150, 112, 74))


def _hue(image: Image.Image, degrees: float) -> Image.Image:
    hue, saturation, value = image.convert("HSV").split()
    turned = hue.point([(each + round(degrees * 256 / 360)) % 256 for each in range(256)])
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


def _smaller_again(image: Image.Image) -> bytes:
    return encoded(cropped(_resized(image, 0.5), 5, centred=False), "JPEG", 50)


def _mirrored_with_border(image: Image.Image) -> Image.Image:
    return border(ImageOps.mirror(image), 5, "white")


def _screenshot_of_a_mirrored_crop(image: Image.Image) -> Image.Image:
    return phone(ImageOps.mirror(cropped(image, 5, centred=True)), "black")


def _listed() -> list[Alteration]:
    found: list[Alteration] = []

    def add(group: str, name: str, function: Callable[..., Altered], *given: object, **named: object) -> None:
        found.append(Alteration(group, name, _alone(function, *given, **named)))

    for percent in (50, 25, 200):
        add("size", f"resized to {percent} %", _resized, percent / 100)
    add("size", "squashed 10 %", squashed, 10)
    for quality in (90, 70, 50, 30, 10):
        add("compression", f"JPEG {quality}", encoded, "JPEG", quality)
    add("compression", "WebP 30", encoded, "WEBP", 30)
    for percent in (5, 10, 20, 30, 40):
        add("crop", f"cropped {percent} %, off a corner", cropped, percent, centred=False)
        add("crop", f"cropped {percent} %, centred", cropped, percent, centred=True)
    for percent in (5, 15):
        for colour in ("black", "white", "blurred"):
            add("border", f"{colour} border {percent} %", border, percent, colour)
    add("border", "letterboxed (16:9 on 4:3)", letterbox)
    add("border", "pillarboxed (4:3 on 16:9)", pillarbox)
    for turn in ("ROTATE_90", "ROTATE_180", "ROTATE_270"):
        add("turn", f"rotated {turn[7:]}°", Image.Image.transpose, Image.Transpose[turn])
    add("turn", "mirrored", ImageOps.mirror)
    add("turn", "flipped", ImageOps.flip)
    for degrees in (1, 2, 5, 10):
        add("turn", f"rotated {degrees}°, black corners", rotated, degrees, inside=False)
        add("turn", f"rotated {degrees}°, cropped", rotated, degrees, inside=True)
    add("overlay", "caption bar", caption_bar)
    add("overlay", "text across", text_across)
    add("overlay", "logo in the corner", logo)
    add("overlay", "watermark all over", watermark)
    for percent in (1, 3):
        add("noise", f"blurred {percent} %", blurred, percent)
    for percent in (5, 15):
        add("noise", f"noise {percent} %", noise, percent)
    for change, contrast, brightness in (("+", 1.4, 1.25), ("-", 0.6, 0.75)):
        add("colour", f"contrast {change}40 %", _contrast, contrast)
        add("colour", f"brightness {change}25 %", _brightness, brightness)
    for gamma in (0.5, 2.0):
        add("colour", f"gamma {gamma:g}", _gamma, gamma)
    add("colour", "grey", ImageOps.grayscale)
    add("colour", "sepia", _sepia)
    add("colour", "hue turned 60°", _hue, 60)
    add("colour", "inverted", ImageOps.invert)
    for colour in ("black", "white"):
        add("screen", f"phone screenshot, {colour}", phone, colour)
    add("screen", "desktop screenshot", desktop)
    add("screen", "photographed screen", photographed_screen)
    for across, down in ((2, 1), (1, 2), (2, 2), (3, 3)):
        for gutter in (0, 2):
            made = functools.partial(collage, across=across, down=down, gutter=gutter)
            name = f"collage {across}×{down}, gutter {gutter} %"  # noqa: RUF001
            found.append(Alteration("several", name, made, across * down - 1))
    found.append(Alteration("several", "split screen, half of it", split_screen, 1))
    small, ground = functools.partial(inset, percent=30), functools.partial(inset, percent=10, as_ground=True)
    found.append(Alteration("several", "as an inset of 30 %", small, 1))
    found.append(Alteration("several", "under an inset of 10 %", ground, 1))
    add("combined", "half size, JPEG 50, cropped 5 %", _smaller_again)
    add("combined", "mirrored, white border 5 %", _mirrored_with_border)
    add("combined", "phone, mirrored, cropped 5 %", _screenshot_of_a_mirrored_crop)
    return found


ALTERATIONS = tuple(_listed())
