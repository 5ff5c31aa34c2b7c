"""The one door to the picture decoders: which of them may open what, and what their errors mean."""

import contextlib
import io
import logging
import os
import struct
import warnings
import zlib
from collections.abc import Iterator

import pi_heif
from PIL import AvifImagePlugin, Image, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from amparo.pipeline.ports import Unreadable

# Only the decoders of the detected type may see the bytes; Pillow's forty others (EPS, FITS, PSD...) never do.
FORMATS: dict[str, tuple[str, ...]] = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/bmp": ("BMP",),
    "image/tiff": ("TIFF",),
    "image/avif": ("AVIF",),
    **dict.fromkeys(("image/heic", "image/heic-sequence"), ("HEIF",)),
    **dict.fromkeys(("image/heif", "image/heif-sequence"), ("AVIF", "HEIF")),  # brand mif1: either one
}
_TEXT_CHUNK = 16 * 1024 * 1024  # bytes of one PNG text chunk; editing histories exceed Pillow's 1 MiB
_PLUGINS = (AvifImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)  # imported to be registered

# What Pillow's and libheif's decoders were seen to raise at mutated pictures, beside the documented OSError.
_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, EOFError,
    AssertionError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip


class Damaged(Exception):
    """A decoder refused the bytes. ``problem``: ``header``, ``truncated``, ``not-decodable``, ``frames``."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def prepare() -> None:
    """Set the decoders up for this process; harmless to repeat."""
    Image.preinit()
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # workers are the parallelism
    Image.MAX_IMAGE_PIXELS = None  # its check only warns below twice the limit; callers compare before they decode
    PngImagePlugin.MAX_TEXT_CHUNK = _TEXT_CHUNK
    logging.getLogger("PIL").setLevel(logging.CRITICAL + 1)  # would print parts of metadata


@contextlib.contextmanager
def decoder(problem: str) -> Iterator[list[warnings.WarningMessage]]:
    """Around every call into a decoder: yields the list its warnings go to instead of the screen.

    Raises Damaged(``problem``), or Damaged("truncated") where the bytes end early; MemoryError also where Pillow
    words it as an OSError; Unreadable("limit-pixels"), and Unreadable("limit-metadata") for text beyond what is
    decompressed.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            yield told
        except RecursionError:
            raise
        except _ERRORS as error:
            words = str(error).lower()
            if "security limit exceeded: image size" in words:  # libheif: a tile larger than its picture says
                raise Unreadable("limit-pixels") from error
            if "out of memory" in words or "memory allocation" in words:
                raise MemoryError(problem) from error
            if "max_text" in words:
                raise Unreadable("limit-metadata") from error
            early = problem != "header" and (isinstance(error, EOFError) or "truncated" in words)
            raise Damaged("truncated" if early else problem) from error


def open_picture(data: bytes, media_type: str) -> Image.Image:
    """The picture with its header read and no pixel decoded. Raises Damaged("header")."""
    with decoder("header"):
        return Image.open(io.BytesIO(data), formats=FORMATS[media_type])


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Nothing reaches stderr meanwhile: libtiff complains there itself, past Python. For the whole process."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def exif_block(image: Image.Image) -> bytes | None:
    """The EXIF block as it lies in the file, where it lies in one (not TIFF, not PNG's old text form)."""
    block = image.info.get("exif")
    if isinstance(image, AvifImagePlugin.AvifImageFile):
        # Pillow writes the block anew where the container's rotation differs, which changes texts and orientation.
        block = image._decoder.get_info()[4]
    return block if isinstance(block, bytes) else None


def webp_canvas(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP's canvas in pixels (RFC 9649), None if its header says none.

    Needed because Pillow reserves the canvas while opening, before anyone could look at the size.
    """
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        return None
    if kind == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    return None
