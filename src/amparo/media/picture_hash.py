"""The Analyser that hashes pictures: PDQ of the whole, turned, squashed, and of parts that stand out."""

import dataclasses
import struct
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from amparo.evidence.finding import Fact, Finding
from amparo.evidence.outcome import Ok, Outcome
from amparo.media.decoded import PIXELS, decoded, pixels_of
from amparo.media.decoding import FORMATS, prepare
from amparo.media.parts import WHOLE, Rectangle, parts
from amparo.media.pdq import DOUBTFUL, INVERTED, TRANSFORMS, Hasher, squashed
from amparo.media.windows import windows
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.record import PICTURE
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import KnownPicture
from amparo.pipeline.view import View

FLAT = "picture.flat"
VARIANTS = ("pdq", "pdq_512")
_VIEW = struct.Struct(">BBB4H32s")  # variant, transform, quality, rectangle, hash
_PART_TRANSFORMS = ("none", "mirrored")  # of parts: more would cost more searches than they find copies


@dataclasses.dataclass(frozen=True, slots=True)
class Looks:
    """One hash of a picture and what it is of: ``transform`` is what was done to ``part`` of it before hashing."""

    hash: bytes
    quality: int
    variant: str = "pdq"
    transform: str = "none"
    part: Rectangle = WHOLE

    @property
    def is_whole(self) -> bool:
        """Whether it is of the whole picture."""
        return self.part == WHOLE


class PictureHash(Analyser):
    """Perceptual hashes of what `Picture` decodes. ``pixels``: the most pixels of a frame that are decoded.

    ``colour``: JPEGs are hashed by their RGB pixels, which gives exactly the reference's hash, for others to use.
    Without it by their own luma, in two thirds of the time: 0 or 2 bits from it on photographs (docs/benchmarks.md).
    ``known``: a picture that goes into a Bank, of which windows are hashed, too.
    """

    name: ClassVar[str] = "picture_hash"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.SECOND

    def __init__(self, pixels: int = PIXELS, colour: bool = False, known: bool = False) -> None:
        super().__init__(pixels=pixels, colour=colour, known=known)
        self._pixels, self._colour, self._known = pixels, colour, known

    def wants(self, view: View) -> bool:
        """JPEG, PNG, WebP, GIF, BMP, TIFF, HEIF and AVIF."""
        return view.task.content is not None and view.task.content.media_type in FORMATS

    def setup(self) -> Hasher:
        """Register the decoders."""
        prepare()
        return Hasher()

    def analyse(self, view: View, state: Any) -> Outcome:
        """``content.picture``, and ``picture.flat`` where the quality is below DOUBTFUL.

        Nothing where the picture does not decode, or is too large: `Picture` says so. Raises Unreadable, MemoryError.
        """
        image = decoded(view, self._pixels, self._colour).image
        if image is None:
            return Ok(())
        picture = view.cached("picture_hash", lambda: hash_picture(pixels_of(image), state, self._known))
        squashed_hex = None if picture.pdq_512 is None else picture.pdq_512.hex()
        facts: dict[str, Fact] = {"pdq": picture.pdq.hex(), "quality": picture.quality, "pdq_512": squashed_hex}
        found = [Finding(PICTURE, facts | {"views": picture.views.hex()})]
        if picture.quality < DOUBTFUL:
            found.append(Finding(FLAT, {"quality": picture.quality, "threshold": DOUBTFUL}))
        return Ok(tuple(found))


def hash_picture(pixels: NDArray[np.uint8], hasher: Hasher, known: bool = False) -> KnownPicture:
    """All hashes of uint8[height, width] or uint8[height, width, 3]; with ``known`` also of windows.

    The first ones are of the pixels as they are; those of the picture turned, and of parts, of its 8-bit luma.
    """
    luma = luma_of(pixels)
    whole, turned = hasher.turned(luma)
    if pixels.ndim == 3:
        whole = hasher.rgb(pixels)
    looks = [Looks(each, whole.quality, "pdq", way) for way, each in zip(TRANSFORMS[1:], turned[1:], strict=True)]
    pdq_512 = None
    square = squashed(pixels)
    if square is not None:
        small, turned = hasher.turned(luma_of(square))
        pdq_512 = hasher.rgb(square).hash if square.ndim == 3 else small.hash
        looks += [
            Looks(each, small.quality, "pdq_512", way) for way, each in zip(TRANSFORMS[1:], turned[1:], strict=True)
        ]
    for part in parts(luma) + (windows(luma) if known else []):
        looks += _part_looks(part, luma, hasher)
    views = b"".join(
        _VIEW.pack(VARIANTS.index(each.variant), TRANSFORMS.index(each.transform), each.quality, *each.part, each.hash)
        for each in looks
    )
    return KnownPicture(whole.hash, whole.quality, pdq_512, views)


def looks_of(picture: KnownPicture) -> Iterator[Looks]:
    """Every hash to search for, the whole picture as it is first. Raises ValueError for views of another form."""
    if len(picture.views) % _VIEW.size:
        raise ValueError("views of another form")
    yield Looks(picture.pdq, picture.quality)
    if picture.pdq_512 is not None:
        small = next((each[2] for each in _VIEW.iter_unpack(picture.views) if each[0] == 1), picture.quality)
        yield Looks(picture.pdq_512, small, "pdq_512")
    yield Looks(bytes(byte ^ 0xFF for byte in picture.pdq), picture.quality, "pdq", INVERTED)
    for variant, transform, quality, top, left, bottom, right, each in _VIEW.iter_unpack(picture.views):
        if variant >= len(VARIANTS) or transform >= len(TRANSFORMS):
            raise ValueError("views of another form")
        part = Rectangle(top, left, bottom, right)
        yield Looks(each, quality, VARIANTS[variant], TRANSFORMS[transform], part)


def luma_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8[height, width] by ITU-R BT.601, rounded as Pillow does."""
    return pixels if pixels.ndim == 2 else np.asarray(Image.fromarray(pixels).convert("L"))


def _part_looks(part: Rectangle, luma: NDArray[np.uint8], hasher: Hasher) -> Iterator[Looks]:
    cut = part.cut(luma)
    found, turned = hasher.turned(cut)
    if found.quality >= DOUBTFUL:
        for transform in _PART_TRANSFORMS:
            yield Looks(turned[TRANSFORMS.index(transform)], found.quality, "pdq", transform, part)
