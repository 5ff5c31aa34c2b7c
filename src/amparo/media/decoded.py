"""A picture decoded once for all Analysers of a visit."""

import contextlib
import dataclasses

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from amparo.evidence.finding import Fact, Finding
from amparo.media.decoding import Damaged, decoder, muted, open_picture, webp_canvas
from amparo.media.exif import exif_findings
from amparo.pipeline.view import View

PIXELS = 256_000_000
_EIGHT_BITS = {"I;16": 257, "I;16B": 257, "I;16L": 257, "I;16N": 257}  # modes of 16 bits: what brings them to 8


@dataclasses.dataclass(frozen=True, slots=True)
class Decoded:
    """What the decoder gave. ``image`` is None where there are no whole pixels.

    ``facts`` are those of ``picture.properties``, None where not even the header could be read. ``problem`` is a
    Damaged.problem. ``exif``: what it states. ``too_large``: more pixels than are decoded.
    """

    image: Image.Image | None
    facts: dict[str, Fact] | None
    problem: str | None = None
    exif: tuple[Finding, ...] = ()
    too_large: bool = False


def decoded(view: View, pixels: int, colour: bool = False) -> Decoded:
    """The picture of this visit's subject, decoded by the first who asks. Raises Unreadable, MemoryError."""
    content = view.task.content
    if content is None:
        raise TypeError("pictures belong to the second visit")
    return view.cached("picture", lambda: decode(view.data(), content.media_type, pixels, colour))


def decode(data: bytes, media_type: str, pixels: int, colour: bool = False) -> Decoded:
    """The first frame of bytes of a media type of FORMATS; frames after it are counted.

    A JPEG in colour is decoded to its own luma only, unless ``colour`` is asked for: that takes two thirds of the time
    and is all that hashing needs.
    """
    canvas = webp_canvas(data) if media_type == "image/webp" else None
    if canvas and canvas[0] * canvas[1] > pixels:
        return Decoded(None, _facts("webp", canvas, None), too_large=True)
    try:
        image = open_picture(data, media_type)
    except Damaged as damage:
        return Decoded(None, None, damage.problem)
    kind = (image.format or "").lower()
    facts = _facts(kind, image.size, image.mode)
    exif = exif_findings(image)
    if image.size[0] * image.size[1] > pixels:
        return Decoded(None, facts, exif=exif, too_large=True)
    problem = None
    try:
        with muted() if kind == "tiff" else contextlib.nullcontext(), decoder("not-decodable"):
            if kind == "jpeg" and image.mode == "RGB" and not colour:
                image.draft("L", image.size)
            image.load()
        with decoder("frames"):
            facts["frames"] = int(getattr(image, "n_frames", 1))
    except Damaged as damage:
        problem = damage.problem
    if not exif and kind == "png":  # its eXIf chunk may follow the pixels
        exif = exif_findings(image)
    return Decoded(image if problem in (None, "frames") else None, facts, problem, exif)


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """uint8[height, width] of grey pictures, uint8[height, width, 3] of others: as stored, EXIF rotation not applied.

    Palettes, CMYK and the like are converted to RGB, transparency is dropped, 16 bits become 8.
    """
    scale = _EIGHT_BITS.get(image.mode)
    if scale is not None:
        return (np.asarray(image).astype(np.uint32) // scale).astype(np.uint8)
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))


def _facts(kind: str, size: tuple[int, int], mode: str | None) -> dict[str, Fact]:
    return {"format": kind, "width": size[0], "height": size[1], "mode": mode, "frames": None}
