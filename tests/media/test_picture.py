"""Pictures: every format, every kind of damage, and nothing but declared outcomes for hostile bytes."""

import hashlib
import io
import logging
import struct
import zlib
from typing import Any, BinaryIO

import pillow_heif
import pytest
from fuzz import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from amparo.evidence.item import Entry, Locator, Step
from amparo.evidence.outcome import Failed, Ok, Outcome
from amparo.media.decoding import FORMATS, prepare, webp_canvas
from amparo.media.picture import Picture
from amparo.pipeline.ports import Unreadable
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import KnownContent, Task
from amparo.pipeline.view import View

prepare()
pillow_heif.register_heif_opener()
prepare()
PICTURE = Picture()
SIZE = (48, 32)


def benign(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """A gradient with some texture: no picture of anything."""
    return Image.linear_gradient("L").resize(size).convert(mode)


def saved(kind: str, mode: str = "RGB", size: tuple[int, int] = SIZE, **options: Any) -> bytes:
    stream = io.BytesIO()
    benign(mode, size).save(stream, kind, **options)
    return stream.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *more: bytes, data: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


SAMPLES = {
    "image/jpeg": saved("JPEG"),
    "image/png": saved("PNG"),
    "image/webp": saved("WEBP"),
    "image/gif": saved("GIF", "P"),
    "image/bmp": saved("BMP"),
    "image/tiff": saved("TIFF", compression="tiff_lzw"),
    "image/avif": saved("AVIF"),
    "image/heic": saved("HEIF"),
}


def facts(outcome: Outcome, kind: str) -> dict[str, Any] | None:
    assert isinstance(outcome, Ok | Failed)
    found = [dict(finding.facts) for finding in outcome.findings if finding.kind == kind]
    return found[0] if found else None


def look(data: bytes, media_type: str, pixels: int = 1_000_000) -> tuple[dict[str, Any] | None, str | None]:
    """Properties and problem of an outcome that is Ok."""
    outcome = Picture(pixels).look(data, media_type)
    assert isinstance(outcome, Ok)
    damage = facts(outcome, "picture.damaged")
    return facts(outcome, "picture.properties"), damage and damage["problem"]


@pytest.mark.parametrize("media_type", SAMPLES)
def test_every_format_decodes(media_type: str) -> None:
    properties, problem = look(SAMPLES[media_type], media_type)
    assert problem is None
    assert properties is not None
    kind = {"heic": "heif"}.get(media_type[6:], media_type[6:])
    mode = "P" if kind == "gif" else "RGB"
    assert properties == {"format": kind, "width": 48, "height": 32, "mode": mode, "frames": 1}


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "L", {}), ("JPEG", "CMYK", {}), ("JPEG", "RGB", {"progressive": True}), ("PNG", "I;16", {}),
        ("PNG", "RGBA", {}), ("WEBP", "RGBA", {"lossless": True}), ("WEBP", "RGB", {"exif": b"Exif\0\0"}),
        ("TIFF", "1", {"compression": "group4"}), ("TIFF", "RGB", {"compression": "jpeg"}), ("AVIF", "RGBA", {}),
    ],
)  # fmt: skip
def test_variants_decode(kind: str, mode: str, options: dict[str, Any]) -> None:
    properties, problem = look(saved(kind, mode, **options), f"image/{kind.lower()}")
    assert (problem, properties and properties["width"]) == (None, 48)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF", "HEIF"])
def test_frames_are_counted(kind: str) -> None:
    others = [benign().rotate(90 * n) for n in (1, 2, 3)]
    data = saved(kind, save_all=True, append_images=others)
    properties, problem = look(data, "image/heic" if kind == "HEIF" else f"image/{kind.lower()}")
    assert (problem, properties and properties["frames"]) == (None, 4)


def test_the_types_of_heif() -> None:
    for media_type in ("image/heic", "image/heif"):
        assert look(SAMPLES["image/heic"], media_type)[1] is None
    mif1 = SAMPLES["image/avif"].replace(b"ftypavif", b"ftypmif1", 1)
    assert look(mif1, "image/heif")[1] is None


@pytest.mark.parametrize("media_type", SAMPLES)
def test_a_header_that_is_none(media_type: str) -> None:
    for data in (b"", b"\0" * 64, SAMPLES[media_type][:12]):
        assert look(data, media_type) == (None, "header")


@pytest.mark.parametrize("media_type", sorted(set(SAMPLES) - {"image/heic", "image/avif"}))
def test_missing_bytes_are_noticed(media_type: str) -> None:
    data = saved(media_type[6:], "P" if media_type == "image/gif" else "RGB", (480, 320))
    properties, problem = look(data[: len(data) * 4 // 5], media_type)
    if media_type in ("image/jpeg", "image/png", "image/bmp", "image/gif"):
        assert (problem, properties and properties["width"]) == ("truncated", 480)
    assert problem in ("truncated", "not-decodable", "header")


@pytest.mark.parametrize("media_type", ["image/heic", "image/avif"])
def test_missing_bytes_of_heif(media_type: str) -> None:
    data = SAMPLES[media_type]
    assert look(data[:-40], media_type)[1] in ("truncated", "not-decodable", "header")


def test_only_the_decoder_of_the_type_sees_the_bytes() -> None:
    assert look(SAMPLES["image/png"], "image/jpeg") == (None, "header")
    assert look(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "image/png") == (None, "header")


def test_corrupt_pixels_of_a_png() -> None:
    data = bytearray(png(48, 32, data=(b"\0" + bytes(range(144))) * 32))
    assert look(bytes(data), "image/png")[1] is None
    data[60] ^= 0xFF
    assert look(bytes(data), "image/png")[1] in ("not-decodable", "truncated")


@pytest.mark.parametrize(
    ("data", "media_type", "size"),
    [
        (png(50_000, 50_000), "image/png", (50_000, 50_000)),
        (
            b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2",
            "image/gif",
            (65_535, 65_535),
        ),
        (b"RIFF\x64\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\0\xff\xff\0" + bytes(70), "image/webp", (65_536, 65_536)),
        (
            b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 50_000, 50_000, 1, 24, *[0] * 6),
            "image/bmp",
            (50_000, 50_000),
        ),
    ],
)
def test_pixels_above_the_limit_are_not_decoded(
    data: bytes, media_type: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_: object) -> None:
        pytest.fail("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    outcome = PICTURE.look(data, media_type)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "limit-pixels"
    properties = facts(outcome, "picture.properties")
    assert properties
    assert (properties["width"], properties["height"], properties["frames"]) == (*size, None)


def test_the_limit_is_exact() -> None:
    assert isinstance(Picture(48 * 32).look(SAMPLES["image/png"], "image/png"), Ok)
    assert isinstance(Picture(48 * 32 - 1).look(SAMPLES["image/png"], "image/png"), Failed)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"save_all": True, "append_images": [benign("L")]}])
def test_the_canvas_of_webp(options: dict[str, Any]) -> None:
    data = saved("WEBP", **options)
    assert webp_canvas(data) == SIZE
    assert isinstance(Picture(100).look(data, "image/webp"), Failed)
    assert webp_canvas(data[:25]) is None


def test_much_text_in_a_png_is_no_damage() -> None:
    history = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 8_000_000))
    assert look(png(1, 1, history, data=bytes(4)), "image/png")[1] is None
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 80_000_000))
    with pytest.raises(Unreadable, match="limit-metadata"):
        PICTURE.look(png(1, 1, bomb, data=bytes(4)), "image/png")


class OneFile:
    """A Reader of one file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, locator: Locator, size: int | None = None) -> BinaryIO:
        return io.BytesIO(self._data)


def view(data: bytes, media_type: str, sha256: bytes | None = None) -> View:
    content = KnownContent(sha256 or hashlib.sha256(data).digest(), b"", b"", len(data), media_type)
    task = Task(1, Visit.SECOND, Locator((Step("folder", b"x"),)), Entry.FILE, len(data), (0,), content=content)
    return View(task, OneFile(data))  # type: ignore[arg-type]


def test_the_analyser() -> None:
    data = SAMPLES["image/jpeg"]
    assert PICTURE.wants(view(data, "image/jpeg"))
    assert not PICTURE.wants(view(data, "image/svg+xml"))
    outcome = PICTURE.analyse(view(data, "image/jpeg"), PICTURE.setup())
    assert facts(outcome, "picture.properties")
    with pytest.raises(Unreadable, match="changed"):
        PICTURE.analyse(view(data, "image/jpeg", bytes(32)), None)
    assert Picture(5).config_digest != PICTURE.config_digest


def test_decoders_print_nothing(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for media_type, data in SAMPLES.items():
            for cut in range(0, len(data), max(1, len(data) // 40)):
                PICTURE.look(data[:cut], media_type)
                PICTURE.look(data[:cut] + b"\xff" + data[cut + 1 :], media_type)
    printed = capfd.readouterr()
    assert (printed.out, printed.err, caplog.text) == ("", "", "")


MUTATIONS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4)), max_size=6)


@settings(deadline=None, max_examples=examples(400), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SAMPLES)), MUTATIONS, st.floats(0.1, 1))
def test_mutated_pictures(media_type: str, changes: list[tuple[float, bytes]], keep: float) -> None:
    data = bytearray(SAMPLES[media_type])
    for at, value in changes:
        start = int(at * len(data))
        data[start : start + len(value)] = value
    check(bytes(data), media_type)
    check(bytes(data[: int(keep * len(data))]), media_type)


@settings(deadline=None)
@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=200))
def test_arbitrary_bytes(media_type: str, data: bytes) -> None:
    check(data, media_type)
    start = SAMPLES.get(media_type, SAMPLES["image/heic"])
    check(start[:40] + data, media_type)


def check(data: bytes, media_type: str) -> None:
    try:
        outcome = Picture(1_000_000).look(data, media_type)
    except (Unreadable, MemoryError):  # both declared
        return
    assert isinstance(outcome, Ok) or outcome == Failed("limit-pixels", outcome.findings)  # type: ignore[union-attr]
    damage = facts(outcome, "picture.damaged")
    assert damage is None or damage["problem"] in ("header", "truncated", "not-decodable", "frames")
