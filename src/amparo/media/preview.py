"""The one way in which a picture is shown: small, grey and, unless asked for sharp, blurred beyond any detail."""

import base64
import io
from typing import Any, ClassVar

from PIL import Image, ImageFilter

from amparo.evidence.finding import Finding
from amparo.evidence.outcome import Failed, Ok, Outcome
from amparo.media.decoded import PIXELS, decode, pixels_of
from amparo.media.decoding import FORMATS, Damaged, decoder, prepare
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.stage import Visit
from amparo.pipeline.view import View

PREVIEW = "picture.preview"
SMALL = 240  # pixels of the longer side, blurred
SHARP = 480  # pixels of the longer side, not blurred
_BLUR = 7  # standard deviation in pixels: about 17 by 17 blobs are left of a picture of 240
_ORIENTATION = 0x0112  # EXIF 2.32, 4.6.4
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Preview(Analyser):
    """Makes the preview of a picture, in a worker with limits. ``pixels``: the most of a frame that are decoded.

    Stored nowhere and part of no scan: a finding carries the PNG (base64) back to whoever asked.
    """

    name: ClassVar[str] = "preview"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.SECOND

    def __init__(self, pixels: int = PIXELS, sharp: bool = False) -> None:
        super().__init__(pixels=pixels, sharp=sharp)
        self._pixels = pixels
        self._sharp = sharp

    def wants(self, view: View) -> bool:
        """JPEG, PNG, WebP, GIF, BMP, TIFF, HEIF and AVIF."""
        return view.task.content is not None and view.task.content.media_type in FORMATS

    def setup(self) -> None:
        """Register the decoders."""
        prepare()

    def analyse(self, view: View, state: Any) -> Outcome:
        """``picture.preview`` {png}; Failed("limit-pixels" or "damaged"). Raises Unreadable, MemoryError.

        Bytes whose SHA-256 is not that of the Content raise Unreadable("changed").
        """
        content = view.task.content
        if content is None:
            raise TypeError("previews belong to the second visit")
        return self.look(view.data(), content.media_type)

    def look(self, data: bytes, media_type: str) -> Outcome:
        """:meth:`analyse` on bytes of a media type of FORMATS."""
        found = decode(data, media_type, self._pixels)
        if found.too_large:
            return Failed("limit-pixels")
        if found.image is None:
            return Failed("damaged")
        png = _png(found.image, self._sharp)
        return Ok((Finding(PREVIEW, {"png": base64.b64encode(png).decode("ascii")}),))


def _png(image: Image.Image, sharp: bool) -> bytes:
    """PNG of one channel of 8 bits, made from nothing but pixels, so that no metadata can come along."""
    side = SHARP if sharp else SMALL
    turned = _UPRIGHT.get(_orientation(image))
    grey = Image.fromarray(pixels_of(image)).convert("L")
    grey.thumbnail((side, side), reducing_gap=2.0)
    if turned is not None:
        grey = grey.transpose(turned)
    if not sharp:
        grey = grey.filter(ImageFilter.GaussianBlur(_BLUR))
    stream = io.BytesIO()
    grey.save(stream, "PNG")
    return stream.getvalue()


def _orientation(image: Image.Image) -> int:
    """As the decoder left it: those of HEIF have turned the picture already, and say so."""
    try:
        with decoder("header"):
            for name in ("xmp", "XML:com.adobe.xmp"):  # getexif() would pass XMP's orientation off as EXIF's
                image.info.pop(name, None)
            turned = image.getexif().get(_ORIENTATION)
    except Damaged:
        return 1
    return turned if isinstance(turned, int) else 1
