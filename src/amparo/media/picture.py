"""The Analyser of still pictures: what a picture is, whether all of it decodes, and its EXIF."""

import contextlib
from typing import Any, ClassVar

from PIL import Image

from amparo.evidence.finding import Fact, Finding
from amparo.evidence.outcome import Failed, Ok, Outcome
from amparo.media.decoding import FORMATS, Damaged, decoder, muted, open_picture, prepare, webp_canvas
from amparo.media.exif import exif_findings
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.stage import Visit
from amparo.pipeline.view import View

PROPERTIES = "picture.properties"
DAMAGED = "picture.damaged"
PIXELS = 256_000_000


class Picture(Analyser):
    """Properties, damage and EXIF of a picture. ``pixels``: the most pixels of a frame that are decoded.

    The first frame is decoded whole; frames after it are only counted. JPEG has no checksum: bytes changed inside
    its scan usually still decode, and only missing ones are noticed.
    """

    name: ClassVar[str] = "picture"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.SECOND

    def __init__(self, pixels: int = PIXELS) -> None:
        super().__init__(pixels=pixels)
        self._pixels = pixels

    def wants(self, view: View) -> bool:
        """JPEG, PNG, WebP, GIF, BMP, TIFF, HEIF and AVIF."""
        return view.task.content is not None and view.task.content.media_type in FORMATS

    def setup(self) -> None:
        """Register the decoders."""
        prepare()

    def analyse(self, view: View, state: Any) -> Outcome:
        """``picture.properties``, ``picture.damaged``, ``picture.exif``, ``picture.exif_damaged``.

        Failed("limit-pixels") above the limit, with what the header says. Raises Unreadable, MemoryError.
        """
        if view.task.content is None:
            raise TypeError("Picture belongs to the second visit")
        return self.look(view.data(), view.task.content.media_type)

    def look(self, data: bytes, media_type: str) -> Outcome:
        """:meth:`analyse` on bytes of a media type of FORMATS."""
        canvas = webp_canvas(data) if media_type == "image/webp" else None
        if canvas and canvas[0] * canvas[1] > self._pixels:
            return Failed("limit-pixels", (_properties("webp", canvas, None, None),))
        try:
            image = open_picture(data, media_type)
        except Damaged as damage:
            return Ok((_damaged(damage),))
        with image:
            kind, size, mode = (image.format or "").lower(), image.size, image.mode
            exif = exif_findings(image)
            if size[0] * size[1] > self._pixels:
                return Failed("limit-pixels", (_properties(kind, size, mode, None), *exif))
            frames, damaged = _decode(image)
            if not exif and kind == "png":  # its eXIf chunk may follow the pixels
                exif = exif_findings(image)
        return Ok((_properties(kind, size, mode, frames), *damaged, *exif))


def _decode(image: Image.Image) -> tuple[int | None, tuple[Finding, ...]]:
    """Decode the first frame, then count frames: their number if known, and the first damage met."""
    try:
        with muted() if image.format == "TIFF" else contextlib.nullcontext(), decoder("not-decodable"):
            image.load()
        with decoder("frames"):
            return int(getattr(image, "n_frames", 1)), ()
    except Damaged as damage:
        return None, (_damaged(damage),)


def _properties(kind: str, size: tuple[int, int], mode: str | None, frames: int | None) -> Finding:
    facts: dict[str, Fact] = {"format": kind, "width": size[0], "height": size[1], "mode": mode, "frames": frames}
    return Finding(PROPERTIES, facts)


def _damaged(damage: Damaged) -> Finding:
    return Finding(DAMAGED, {"problem": damage.problem})
