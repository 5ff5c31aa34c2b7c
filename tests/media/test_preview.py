"""Previews: small, grey, blurred, upright, without metadata, and a declared outcome for whatever is thrown at them."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from amparo.evidence.outcome import Failed, Ok, Outcome
from amparo.media.decoding import prepare
from amparo.media.preview import SHARP, SMALL, Preview
from amparo.pipeline.ports import Unreadable

prepare()
KINDS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/tiff": "TIFF", "image/avif": "AVIF"}


def checks(size: tuple[int, int] = (900, 600), mode: str = "RGB") -> Image.Image:
    """Black and white squares of 15 pixels; the upper left quarter is black."""
    y, x = np.mgrid[: size[1], : size[0]]
    board = (((x // 15 + y // 15) % 2) * 255).astype(np.uint8)
    board[: size[1] // 2, : size[0] // 2] = 0
    return Image.fromarray(board).convert(mode)


def saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    stream = io.BytesIO()
    (image or checks()).save(stream, kind, **options)
    return stream.getvalue()


def shown(outcome: Outcome) -> Image.Image:
    assert isinstance(outcome, Ok)
    png = outcome.findings[0].facts["png"]
    assert isinstance(png, str)
    image = Image.open(io.BytesIO(base64.b64decode(png)))
    image.load()
    return image


@pytest.mark.parametrize("media_type", KINDS)
@pytest.mark.parametrize("sharp", [False, True])
def test_is_small_grey_and_without_metadata(media_type: str, sharp: bool) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    data = saved(KINDS[media_type], exif=exif)
    made = shown(Preview(sharp=sharp).look(data, media_type))
    assert (made.format, made.mode, made.size) == ("PNG", "L", (480, 320) if sharp else (240, 160))
    assert made.info == {}
    assert max(made.size) == (SHARP if sharp else SMALL)


def test_blur_leaves_no_detail_and_sharp_leaves_some() -> None:
    blurred, sharp = (shown(Preview(sharp=each).look(saved("PNG"), "image/png")) for each in (False, True))
    squares = [np.asarray(each)[each.height * 3 // 4 :, each.width // 2 + 30 : -30] for each in (blurred, sharp)]
    assert np.ptp(squares[0]) < 40  # squares of 4 pixels have run into one grey
    assert np.ptp(squares[1]) > 200


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_is_upright(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(kind, exif=exif)
    made = shown(Preview().look(data, f"image/{kind.lower()}"))
    assert (made.height > made.width) is (orientation >= 5)
    pixels = np.asarray(made).astype(int)
    half = [np.array_split(row, 2, 1) for row in np.array_split(pixels, 2, 0)]
    means = [half[y][x].mean() for y in (0, 1) for x in (0, 1)]
    dark = {1: 0, 2: 1, 3: 3, 4: 2, 5: 0, 6: 1, 7: 3, 8: 2}  # where the stored upper left comes to lie
    assert int(np.argmin(means)) == dark[orientation]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_becomes_grey(mode: str) -> None:
    image = checks(mode="L").convert("I").convert("I;16") if mode == "I;16" else checks(mode=mode)
    assert shown(Preview().look(saved("PNG", image), "image/png")).mode == "L"


def test_a_strip_one_pixel_wide_is_shown() -> None:
    assert shown(Preview().look(saved("PNG", checks((4000, 1))), "image/png")).size == (240, 1)


def test_more_pixels_than_allowed_are_not_decoded() -> None:
    assert Preview(pixels=900 * 600 - 1).look(saved("PNG"), "image/png") == Failed("limit-pixels")


def test_damaged_pictures_say_so() -> None:
    whole = saved("PNG")
    for data in (b"", whole[:20], whole[: len(whole) // 2]):
        assert Preview().look(data, "image/png") == Failed("damaged")


@settings(max_examples=examples(60))
@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8),
    st.integers(0, 100),
)
def test_hostile_bytes_end_in_a_declared_way(media_type: str, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(saved(KINDS[media_type], checks((64, 48))))
    for place, value in changes:
        data[place % len(data)] = value
    try:
        found = Preview(pixels=1_000_000).look(bytes(data[: len(data) - cut]), media_type)
    except (Unreadable, MemoryError):
        return
    assert found in (Failed("damaged"), Failed("limit-pixels")) or shown(found).mode == "L"
