"""The hashes of a picture: of every format and mode, kept with it and read back, and none of what does not decode."""

import dataclasses
import hashlib
import io
from typing import Any

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from media.test_pdq import WAYS, Pixels, bits, drawn, grey_of, like_a_photo, reference, textured
from numpy.typing import NDArray
from PIL import Image
from pipeline.subjects import FILES, DictReader, task

from amparo.evidence.finding import Finding
from amparo.evidence.outcome import Ok
from amparo.media import picture_hash
from amparo.media.decoded import decode, pixels_of
from amparo.media.parts import FULL, WHOLE, Rectangle
from amparo.media.pdq import DOUBTFUL, TRANSFORMS, Hasher, squashed
from amparo.media.picture_hash import FLAT, Looks, PictureHash, hash_picture, looks_of, luma_of
from amparo.pipeline.record import PICTURE
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import KnownContent, KnownPicture
from amparo.pipeline.view import View

PHOTO = like_a_photo(1, 240, 320)
LARGE = like_a_photo(2, 600, 700)  # squashed too


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def view(data: bytes, media_type: str = "image/png") -> View:
    FILES[b"f"] = data
    content = KnownContent(hashlib.sha256(data).digest(), bytes(20), bytes(16), len(data), media_type)
    return View(task(visit=Visit.SECOND, size=len(data), content=content), DictReader())


def findings(data: bytes, media_type: str = "image/png", **config: Any) -> tuple[Finding, ...]:
    analyser = PictureHash(**config)
    outcome = analyser.analyse(view(data, media_type), analyser.setup())
    assert isinstance(outcome, Ok)
    assert not outcome.children
    return outcome.findings


def hash_of(image: Image.Image, kind: str = "PNG") -> KnownPicture:
    found = decode(saved(image, kind), f"image/{kind.lower()}", 10**7).image
    assert found is not None
    return hash_picture(pixels_of(found), Hasher())


def test_the_finding_is_what_is_kept_of_the_picture() -> None:
    (found,) = findings(saved(Image.fromarray(LARGE)))
    expected = hash_picture(LARGE, Hasher())
    assert found.kind == PICTURE
    assert expected.pdq_512 is not None
    assert dict(found.facts) == {
        "pdq": expected.pdq.hex(), "quality": expected.quality, "pdq_512": expected.pdq_512.hex(),
        "views": expected.views.hex(),
    }  # fmt: skip
    assert (expected.pdq, expected.quality) == reference(LARGE)


def test_the_hashes_are_there_for_the_analysers_after_it() -> None:
    seen, analyser = view(saved(Image.fromarray(PHOTO))), PictureHash()
    analyser.analyse(seen, analyser.setup())
    assert seen.cached("picture_hash", lambda: None) == hash_picture(PHOTO, Hasher())


@pytest.mark.parametrize("flat", [True, False])
def test_a_flat_picture_is_said_to_be_flat(flat: bool) -> None:
    image = Image.fromarray(np.full((90, 120), 130, np.uint8) if flat else PHOTO)
    kinds = {each.kind: dict(each.facts) for each in findings(saved(image))}
    assert (FLAT in kinds) is flat
    assert (kinds[PICTURE]["quality"] < DOUBTFUL) is flat
    if flat:
        assert kinds[FLAT] == {"quality": kinds[PICTURE]["quality"], "threshold": DOUBTFUL}


def test_a_small_picture_is_not_squashed() -> None:
    (found,) = findings(saved(Image.fromarray(PHOTO)))
    assert found.facts["pdq_512"] is None
    assert {each.variant for each in looks_of(hash_picture(PHOTO, Hasher()))} == {"pdq"}


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"", "image/png"), (b"no picture", "image/jpeg"), (saved(Image.fromarray(PHOTO))[:-600], "image/png"),
        (saved(Image.fromarray(PHOTO), "JPEG")[:3000], "image/jpeg"),
        (saved(Image.fromarray(PHOTO), "BMP"), "image/png"),
    ],
)  # fmt: skip
def test_what_does_not_decode_whole_has_no_hash(data: bytes, media_type: str) -> None:
    assert findings(data, media_type) == ()


def test_what_has_more_pixels_than_are_decoded_has_no_hash() -> None:
    data = saved(Image.fromarray(PHOTO))
    assert findings(data, pixels=240 * 320 - 1) == ()
    assert len(findings(data, pixels=240 * 320)) == 1


def test_other_contents_are_not_wanted() -> None:
    assert PictureHash().wants(view(b"", "image/jpeg"))
    assert not PictureHash().wants(view(b"", "text/plain"))
    assert not PictureHash().wants(View(task(), DictReader()))


PALETTE = Image.fromarray(PHOTO).convert("P", palette=Image.Palette.ADAPTIVE)
ALPHA = Image.fromarray(np.tile(np.arange(320, dtype=np.uint32) % 256, (240, 1)).astype(np.uint8))
OF_MODES = {
    "1": (Image.fromarray(PHOTO).convert("1"), "PNG"),
    "L": (Image.fromarray(grey_of(PHOTO)), "PNG"),
    "P": (PALETTE, "PNG"),
    "GIF": (PALETTE, "GIF"),
    "LA": (Image.merge("LA", (Image.fromarray(grey_of(PHOTO)), ALPHA)), "PNG"),
    "RGBA": (Image.merge("RGBA", (*Image.fromarray(PHOTO).split(), ALPHA)), "PNG"),
    "CMYK": (Image.fromarray(PHOTO).convert("CMYK"), "TIFF"),
    "CMYK JPEG": (Image.fromarray(PHOTO).convert("CMYK"), "JPEG"),
    "LAB": (Image.merge("LAB", Image.fromarray(PHOTO).split()), "TIFF"),
    "RGB": (Image.fromarray(PHOTO), "PNG"),
    "grey JPEG": (Image.fromarray(grey_of(PHOTO)), "JPEG"),
}


@pytest.mark.parametrize("mode", OF_MODES)
def test_pictures_of_every_mode_are_hashed_as_their_rgb(mode: str) -> None:
    image, kind = OF_MODES[mode]
    expected = reference(np.asarray(Image.open(io.BytesIO(saved(image, kind))).convert("RGB")))
    found = hash_of(image, kind)
    assert (found.pdq, found.quality) == expected
    assert found.quality >= DOUBTFUL


@pytest.mark.filterwarnings("error")
def test_a_palette_with_transparent_colours_is_hashed_as_its_rgb_without_a_warning() -> None:
    image = PALETTE.copy()
    image.info["transparency"] = bytes(range(256))
    assert hash_of(image).pdq == hash_of(PALETTE).pdq


def test_an_alpha_palette_is_hashed_as_its_rgb() -> None:
    image = Image.fromarray(PHOTO).convert("P").convert("PA")
    assert image.mode == "PA"
    assert hash_picture(pixels_of(image), Hasher()).pdq == reference(np.asarray(image.convert("RGB")))[0]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_are_brought_to_8(kind: str) -> None:
    grey = grey_of(PHOTO)
    image = Image.fromarray(grey.astype(np.uint16) * 257)
    assert image.mode == "I;16"
    found, expected = hash_of(image, kind), reference(np.repeat(grey[..., None], 3, axis=2))
    assert (found.pdq, found.quality) == expected


def test_the_rotation_that_exif_states_is_not_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray(PHOTO)
    assert findings(saved(image, "JPEG", exif=exif), "image/jpeg") == findings(saved(image, "JPEG"), "image/jpeg")


@settings(max_examples=examples(25))
@given(st.integers(0, 99), st.integers(1, 700), st.integers(1, 700), st.booleans())
def test_any_size_is_hashed_the_same_each_time(seed: int, height: int, width: int, grey: bool) -> None:
    pixels = grey_of(textured(seed, height, width)) if grey else textured(seed, height, width)
    used = Hasher()
    used.rgb(PHOTO)
    assert hash_picture(pixels, used) == hash_picture(pixels, Hasher())


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 2), (1, 5000), (5000, 1), (3, 512), (513, 1)])
@pytest.mark.parametrize("draw", [textured, drawn])
def test_the_smallest_and_thinnest_pictures_are_hashed(height: int, width: int, draw: Any) -> None:
    picture = hash_picture(draw(1, height, width), Hasher())
    assert (picture.pdq_512 is not None) is (max(height, width) > 512)
    assert all(len(each.hash) == 32 and 0 <= each.quality <= 100 for each in looks_of(picture))


def test_the_looks_are_the_whole_first_and_then_what_was_done_to_it() -> None:
    picture = hash_picture(LARGE, Hasher())
    looks = list(looks_of(picture))
    ways = list(TRANSFORMS[1:])
    assert [(each.variant, each.transform) for each in looks] == [
        ("pdq", "none"), ("pdq_512", "none"), ("pdq", "inverted"),
        *(("pdq", way) for way in ways), *(("pdq_512", way) for way in ways),
    ]  # fmt: skip
    assert all(each.part == WHOLE and each.is_whole for each in looks)
    square = squashed(LARGE)
    assert square is not None
    assert looks[0] == Looks(picture.pdq, picture.quality)
    assert tuple(each.hash for each in looks[3:10]) == Hasher().turned(luma_of(LARGE))[1][1:]
    negative = Hasher().luma(255 - luma_of(LARGE)).hash
    assert sum((a ^ b).bit_count() for a, b in zip(looks[2].hash, negative, strict=True)) <= 2
    assert tuple(each.hash for each in looks[10:]) == Hasher().turned(luma_of(square))[1][1:]


def test_parts_are_hashed_as_they_are_and_mirrored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second part is flat, so it has no hash of its own."""
    pixels = PHOTO.copy()
    pixels[20:, :110] = 90
    solid, flat = Rectangle(0, FULL // 2, FULL, FULL), Rectangle(8192, 0, FULL, FULL // 4)
    monkeypatch.setattr(picture_hash, "parts", lambda luma: [solid, flat])
    looks = [each for each in looks_of(hash_picture(pixels, Hasher())) if not each.is_whole]
    assert [(each.part, each.transform, each.variant) for each in looks] == [
        (solid, "none", "pdq"), (solid, "mirrored", "pdq"),
    ]  # fmt: skip
    cut = luma_of(pixels)[:, 160:]
    assert [each.hash for each in looks] == [
        Hasher().luma(cut).hash,
        Hasher().turned(cut)[1][TRANSFORMS.index("mirrored")],
    ]
    assert all(each.quality == Hasher().luma(cut).quality for each in looks)


@pytest.mark.parametrize("way", TRANSFORMS[1:])
@pytest.mark.parametrize("pixels", [PHOTO, LARGE])
def test_a_turned_copy_is_found_through_the_view_named_for_it(way: str, pixels: Pixels) -> None:
    """``transform`` is what has to be done to the picture asked about to make it look like the known one."""
    transpose = WAYS[way]
    assert transpose is not None
    known = hash_picture(np.asarray(Image.fromarray(pixels).transpose(transpose)), Hasher())
    nearest = min(looks_of(hash_picture(pixels, Hasher())), key=lambda each: bits(each.hash, known.pdq))
    assert (nearest.transform, nearest.variant) == (way, "pdq")
    assert bits(nearest.hash, known.pdq) <= 4
    if known.pdq_512 is not None:
        squares = (each for each in looks_of(hash_picture(pixels, Hasher())) if each.variant == "pdq_512")
        square = min(squares, key=lambda each: bits(each.hash, known.pdq_512 or b""))
        assert square.transform == way
        assert bits(square.hash, known.pdq_512) <= 12  # nearest neighbours of the mirrored side are other pixels


def test_the_squashed_picture_has_the_quality_of_its_own() -> None:
    noise = np.random.default_rng(1).integers(68, 188, (2000, 2000), np.uint8)  # blurred away before 64 samples of it
    square = squashed(noise)
    assert square is not None
    picture, expected = hash_picture(noise, Hasher()), Hasher().luma(square).quality
    assert picture.quality < DOUBTFUL <= expected
    assert {each.quality for each in looks_of(picture) if each.variant == "pdq_512"} == {expected}


def test_views_of_another_form_are_refused() -> None:
    picture = hash_picture(PHOTO, Hasher())
    for at in (0, 1):
        views = bytearray(picture.views)
        views[at] = 99
        with pytest.raises(ValueError, match="another form"):
            list(looks_of(dataclasses.replace(picture, views=bytes(views))))


def test_views_cut_short_are_refused() -> None:
    picture = hash_picture(PHOTO, Hasher())
    with pytest.raises(ValueError, match="another form"):
        list(looks_of(dataclasses.replace(picture, views=picture.views[:-1])))


def test_luma_is_what_pillow_makes_of_it() -> None:
    grey: NDArray[np.uint8] = luma_of(PHOTO)
    assert np.array_equal(grey, np.asarray(Image.fromarray(PHOTO).convert("L")))
    assert luma_of(grey) is grey
