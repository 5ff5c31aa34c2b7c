"""PDQ: bit for bit what the reference gives (package pdqhash, Meta's C++); turned, squashed, from a JPEG's luma.

Every picture here is drawn from random numbers.
"""

import io
from collections.abc import Callable

import numpy as np
import pdqhash
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from amparo.media.decoded import decode, pixels_of
from amparo.media.pdq import DOUBTFUL, MIRRORED, TRANSFORMS, Hasher, Pdq, squashed

Pixels = NDArray[np.uint8]
# The reference sums up in float32: its cosine transform was off by up to 0.007 on drawings of 10 to 1,200 pixels. So a
# frequency that lies further than this from the median has the same bit; luma is 0 to 255, frequencies up to 8,000.
TIE = 0.02
WAYS = {
    "none": None,
    "rotated-90": Image.Transpose.ROTATE_90,
    "rotated-180": Image.Transpose.ROTATE_180,
    "rotated-270": Image.Transpose.ROTATE_270,
    "flipped": Image.Transpose.FLIP_TOP_BOTTOM,
    "mirrored": Image.Transpose.FLIP_LEFT_RIGHT,
    "transposed": Image.Transpose.TRANSPOSE,
    "transversed": Image.Transpose.TRANSVERSE,
}
AROUND = [5, 6, 9, 10, 11, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255, 256, 257, 383, 384, 385, 511, 512, 513, 1025]
MODES = st.sampled_from(["grey", "rgb"])


def textured(seed: int, height: int, width: int) -> Pixels:
    """uint8[height, width, 3]: coarse noise scaled up, and fine noise on it. No two frequencies tie."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (*rng.integers(3, 20, 2), 3), np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
    return np.clip(smooth + rng.integers(-40, 41, smooth.shape), 0, 255).astype(np.uint8)


def octaves(rng: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
    """Noise with the spectrum of photographs: an amplitude of 1 / frequency."""
    total = np.zeros((height, width), np.float32)
    for cells in (2, 4, 8, 16, 32, 64, 128):
        noise = Image.fromarray(rng.standard_normal((cells + 1, cells + 1)).astype(np.float32))
        total += np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC)) / cells
    return total


def like_a_photo(seed: int, height: int, width: int, colour: float = 0.5) -> Pixels:
    """uint8[height, width, 3] of such noise in luma and, ``colour`` strong, in each channel, with sensor noise."""
    rng = np.random.default_rng(seed)
    luma = octaves(rng, height, width)
    luma = (luma - luma.min()) / np.ptp(luma) * 215 + 20
    tint = np.stack([octaves(rng, height, width) for _ in range(3)], axis=2) * 40 * colour
    return np.clip(luma[..., None] + tint + rng.normal(0, 3, tint.shape), 0, 255).astype(np.uint8)


def drawn(seed: int, height: int, width: int) -> Pixels:
    """uint8[height, width, 3]: stripes, halves, checks, discs, one colour, ramps; many of their frequencies tie."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    step, one, other = int(rng.integers(1, max(2, width // 2))), *rng.integers(0, 256, 2)
    disc = (x - width / 2) ** 2 + (y - height / 2) ** 2 < step**2
    shapes = [x // step % 2 == 0, x < step, (x // step + y // step) % 2 == 0, disc, x < 0]
    kind = int(rng.integers(len(shapes) + 1))
    grey = np.where(shapes[kind], one, other) if kind < len(shapes) else x * 255 // width
    return np.stack([grey, 255 - grey, grey], axis=2).astype(np.uint8)


def reference(rgb: Pixels) -> tuple[bytes, int]:
    vector, quality = pdqhash.compute(rgb)
    return np.packbits(vector).tobytes(), quality


def grey_of(rgb: Pixels) -> Pixels:
    return np.ascontiguousarray(rgb[..., 1])


def three(grey: Pixels) -> Pixels:
    return np.repeat(grey[..., None], 3, axis=2)


def hashed(rgb: Pixels, mode: str, hasher: Hasher | None = None) -> tuple[Pdq, tuple[bytes, int]]:
    """Ours and the reference's, of colour or of the green channel alone as grey."""
    hasher = hasher or Hasher()
    if mode == "rgb":
        return hasher.rgb(rgb), reference(rgb)
    return hasher.luma(grey_of(rgb)), reference(three(grey_of(rgb)))


def bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


@pytest.mark.parametrize("side", AROUND)
def test_it_is_the_reference_at_every_size(side: int) -> None:
    hasher = Hasher()  # one for all sizes, as workers use it
    for other in (10, 64, 100, 129, 511):
        for height, width in ((side, other), (other, side)):
            for mode in ("grey", "rgb"):
                ours, theirs = hashed(textured(side, height, width), mode, hasher)
                assert (ours.hash, ours.quality) == theirs, (height, width, mode)


@pytest.mark.parametrize(("height", "width"), [(3000, 2000), (2047, 2049), (10, 3000), (3000, 7), (5, 1000), (5, 5)])
def test_it_is_the_reference_for_large_and_thin_pictures(height: int, width: int) -> None:
    for mode in ("grey", "rgb"):
        ours, theirs = hashed(textured(1, height, width), mode)
        assert (ours.hash, ours.quality) == theirs


@settings(max_examples=examples(60))
@given(
    st.sampled_from([textured, drawn, like_a_photo]), st.integers(0, 2**32), st.integers(5, 300), st.integers(5, 300),
    MODES,
)  # fmt: skip
def test_bits_differ_from_the_reference_only_where_frequencies_tie(
    draw: Callable[[int, int, int], Pixels], seed: int, height: int, width: int, mode: str
) -> None:
    ours, (theirs, quality) = hashed(draw(seed, height, width), mode)
    differ = np.unpackbits(np.frombuffer(bytes(a ^ b for a, b in zip(ours.hash, theirs, strict=True)), np.uint8))
    frequencies = ours.dct.ravel()[::-1]
    median = np.partition(frequencies, 127)[127]
    assert np.abs(frequencies - median)[differ == 1].max(initial=0) <= TIE
    # Steps are cut off to whole percents. One that is a whole percent may come out below it; in drawings the same step
    # stands in up to 64 rows, and 90 of them make a point of quality: 7 points off were seen, so none is promised.
    assert draw is drawn or abs(ours.quality - quality) <= 1


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 511), (4, 64), (64, 4), (2, 2)])
def test_what_the_reference_calls_too_small_has_quality_0(height: int, width: int) -> None:
    ours, theirs = hashed(textured(1, height, width), "rgb")
    assert theirs == (bytes(32), 0)
    assert (ours.hash, ours.quality) == theirs


@pytest.mark.parametrize("colour", [0.0, 0.5, 1.0])
def test_the_luma_of_a_jpeg_gives_nearly_the_hash_of_its_rgb_pixels(colour: float) -> None:
    """RGB is rounded, and cut off at 0 and 255, after it was made of luma. Bounds as measured on 2,800 pictures."""
    distances = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        height, width = (int(side) for side in rng.integers(64, 500, 2))
        stream = io.BytesIO()
        quality, subsampling = int(rng.integers(60, 96)), (0, 2)[seed % 2]  # 4:4:4, 4:2:0
        image = Image.fromarray(like_a_photo(seed, height, width, colour))
        image.save(stream, "JPEG", quality=quality, subsampling=subsampling)
        found = decode(stream.getvalue(), "image/jpeg", 10**6).image
        assert found is not None
        assert found.mode == "L"
        ours = Hasher().luma(pixels_of(found))
        theirs, their_quality = reference(np.asarray(Image.open(stream).convert("RGB")))
        assert abs(ours.quality - their_quality) <= 3
        if ours.quality >= DOUBTFUL:
            distances.append(bits(ours.hash, theirs))
    assert len(distances) > 30
    assert max(distances) <= 8
    assert np.mean(np.array(distances) <= 2) >= 0.85


@pytest.mark.parametrize("seed", range(12))
def test_turned_hashes_are_those_of_the_reference_where_it_samples_symmetrically(seed: int) -> None:
    """An odd window, and no sample on an edge: there mirroring the transform, as the reference does, is exact."""
    height, width = (2 * int(side) + 1 for side in np.random.default_rng(seed).integers(130, 190, 2))
    grey = grey_of(textured(seed, height, width))
    theirs = [np.packbits(each).tobytes() for each in pdqhash.compute_dihedral(three(grey))[0]]
    _, ours = Hasher().turned(grey)
    assert len(set(ours)) == len(TRANSFORMS) == 8
    assert all(min(bits(each, other) for other in theirs) <= 2 for each in ours)


def test_transforms_are_named_for_what_was_done_to_the_picture() -> None:
    assert tuple(WAYS) == TRANSFORMS
    grey = grey_of(like_a_photo(1, 300, 321))
    for way, ours in zip(WAYS.values(), Hasher().turned(grey)[1], strict=True):
        image = Image.fromarray(grey)
        assert bits(ours, Hasher().luma(np.asarray(image if way is None else image.transpose(way))).hash) <= 2


@pytest.mark.parametrize("seed", range(40))
def test_turned_hashes_are_those_of_the_turned_picture(seed: int) -> None:
    """0 bits off in 900 pictures with sides of 100 to 1,600 pixels; 2 allow for a frequency at the median."""
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(100, 700, 2)) if seed else (1600, 1155)
    height, width = (height // 128 * 128 + 128, width) if seed % 4 == 1 else (height, width)  # samples on edges
    grey = grey_of(like_a_photo(seed, height, width))
    image = Image.fromarray(grey)
    for way, ours in zip(WAYS.values(), Hasher().turned(grey)[1], strict=True):
        turned = image if way is None else image.transpose(way)
        assert bits(ours, Hasher().luma(np.asarray(turned)).hash) <= 2


@pytest.mark.parametrize(("height", "width"), [(100, 300), (256, 384), (2100, 90)])
def test_turning_gives_the_hash_of_the_picture_itself_too(height: int, width: int) -> None:
    grey = grey_of(like_a_photo(5, height, width))
    (itself, ways), expected = Hasher().turned(grey), Hasher().luma(grey)
    assert (itself.hash, itself.quality, ways[0]) == (expected.hash, expected.quality, expected.hash)
    assert np.array_equal(itself.dct, expected.dct)


def test_turned_hashes_are_near_above_the_size_where_sampling_counts_as_symmetric() -> None:
    grey = grey_of(like_a_photo(3, MIRRORED + 128, MIRRORED + 2))
    image = Image.fromarray(grey)
    for way, ours in zip(WAYS.values(), Hasher().turned(grey)[1], strict=True):
        turned = image if way is None else image.transpose(way)
        assert bits(ours, Hasher().luma(np.asarray(turned)).hash) <= 16


@settings(max_examples=examples(40))
@given(st.integers(1, 1300), st.integers(1, 1300), MODES)
def test_squashed_takes_every_pixel_from_where_the_reference_does(height: int, width: int, mode: str) -> None:
    pixels = np.arange(height * width, dtype=np.uint32).reshape(height, width)  # every pixel tells where it was
    square = squashed(pixels if mode == "grey" else np.stack([pixels] * 3, axis=2))  # type: ignore[arg-type]
    if max(height, width) <= 512:
        assert square is None
        return
    assert square is not None
    rows, columns = ([i * side // 512 for i in range(512)] for side in (height, width))
    for channel in (square,) if mode == "grey" else np.moveaxis(square, 2, 0):
        assert np.array_equal(channel, pixels[rows][:, columns])


@pytest.mark.parametrize(("height", "width"), [(513, 512), (700, 30), (30, 700), (1024, 1536), (1999, 1333)])
def test_the_hash_of_a_squashed_picture_is_the_reference_on_it(height: int, width: int) -> None:
    square = squashed(textured(7, height, width))
    assert square is not None
    assert square.shape == (512, 512, 3)
    ours, theirs = hashed(square, "rgb")
    assert (ours.hash, ours.quality) == theirs


@settings(max_examples=examples(25))
@given(st.integers(0, 99), st.integers(5, 200), st.integers(5, 200))
def test_the_layout_in_memory_does_not_matter(seed: int, height: int, width: int) -> None:
    rgb = textured(seed, height, width)
    wide = np.zeros((height * 2, width * 3, 3), np.uint8)
    wide[::2, ::3] = rgb
    expected, grey = Hasher().rgb(rgb), Hasher().luma(grey_of(rgb))
    turned, swapped = rgb[::-1, ::-1].copy()[::-1, ::-1], rgb[..., ::-1].copy()[..., ::-1]
    for same in (np.asfortranarray(rgb), turned, swapped, wide[::2, ::3]):
        assert Hasher().rgb(same).hash == expected.hash
        assert Hasher().luma(same[..., 1]).hash == grey.hash
        assert Hasher().turned(same[..., 1])[1] == Hasher().turned(grey_of(rgb))[1]
    assert Hasher().luma(grey_of(rgb).astype(np.float32)).hash == grey.hash


@settings(max_examples=examples(15))
@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400), MODES), min_size=2, max_size=6))
def test_a_hasher_used_before_gives_what_a_new_one_gives(sizes: list[tuple[int, int, str]]) -> None:
    hasher = Hasher()
    for number, (height, width, mode) in enumerate(sizes):
        rgb = textured(number, height, width)
        used, new = ((each.rgb(rgb) if mode == "rgb" else each.luma(grey_of(rgb))) for each in (hasher, Hasher()))
        assert (used.hash, used.quality) == (new.hash, new.quality)
        assert np.array_equal(used.dct, new.dct)
        assert hasher.turned(grey_of(rgb))[1] == Hasher().turned(grey_of(rgb))[1]
