"""The Analyser of still pictures: what a picture is, whether all of it decodes, and its EXIF."""

from typing import Any, ClassVar

from amparo.evidence.finding import Finding
from amparo.evidence.outcome import Failed, Ok, Outcome
from amparo.media.decoded import PIXELS, Decoded, decode, decoded
from amparo.media.decoding import FORMATS, prepare
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.stage import Visit
from amparo.pipeline.view import View

PROPERTIES = "picture.properties"
DAMAGED = "picture.damaged"


class Picture(Analyser):
    """Properties, damage and EXIF of a picture. ``pixels``: the most pixels of a frame that are decoded.

    The first frame is decoded whole; frames after it are only counted. JPEG has no checksum: bytes changed inside
    its scan usually still decode, and only missing ones are noticed.
    """

    name: ClassVar[str] = "picture"
    version: ClassVar[str] = "2"
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
        return _outcome(decoded(view, self._pixels))

    def look(self, data: bytes, media_type: str) -> Outcome:
        """:meth:`analyse` on bytes of a media type of FORMATS."""
        return _outcome(decode(data, media_type, self._pixels))


def _outcome(found: Decoded) -> Outcome:
    findings = [] if found.facts is None else [Finding(PROPERTIES, found.facts)]
    if found.problem is not None:
        findings.append(Finding(DAMAGED, {"problem": found.problem}))
    findings += found.exif
    return Failed("limit-pixels", tuple(findings)) if found.too_large else Ok(tuple(findings))
