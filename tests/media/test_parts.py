"""Parts of pictures: what was pasted somewhere is found where it was pasted, and plain pictures have no parts."""

import io
import time

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from amparo.media.part_edges import Edges
from amparo.media.part_grounds import content
from amparo.media.parts import FULL, MOST, SMALLEST, WHOLE, Rectangle, parts
from amparo.media.windows import CENTRED, windows

Luma = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # top, left, bottom, right


def textured(seed: int, height: int, width: int) -> Luma:
    """Like a photograph: smooth noise of several finenesses, of full contrast."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width), np.float32)
    for cells, weight in ((3, 1.0), (7, 0.6), (17, 0.35), (41, 0.2)):
        grid = Image.fromarray(rng.random((cells, cells + 1), np.float32))
        total += weight * np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC))
    low, high = total.min(), total.max()
    return ((total - low) * (225 / (high - low)) + 15).astype(np.uint8)


def as_jpeg(luma: Luma, quality: int = 85) -> Luma:
    stream = io.BytesIO()
    Image.fromarray(luma).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream))


def off(luma: Luma, box: Box) -> float:
    """How far the nearest part is from the box, at its worst edge, as a share of the box's side."""
    height, width = luma.shape
    tall, wide = box[2] - box[0], box[3] - box[1]

    def worst(part: Rectangle) -> float:
        edges = (part.top * height, part.left * width, part.bottom * height, part.right * width)
        return max(abs(e / FULL - b) / s for e, b, s in zip(edges, box, (tall, wide, tall, wide), strict=True))

    return min((worst(part) for part in parts(luma)), default=1.0)


def placed(ground: Luma, picture: Luma, top: int, left: int) -> tuple[Luma, Box]:
    made, (height, width) = ground.copy(), picture.shape
    made[top : top + height, left : left + width] = picture
    return as_jpeg(made), (top, left, top + height, left + width)


@settings(max_examples=examples(40), deadline=None)
@given(
    seed=st.integers(0, 999), height=st.integers(260, 1100), width=st.integers(260, 1100),
    margins=st.tuples(*[st.integers(24, 200)] * 4), colour=st.sampled_from((0, 8, 247, 255)),
)  # fmt: skip
def test_a_picture_on_an_even_ground_is_found(seed, height, width, margins, colour):
    top, left, below, behind = margins
    ground = np.full((top + height + below, left + width + behind), colour, np.uint8)
    luma, box = placed(ground, textured(seed, height, width), top, left)
    assert off(luma, box) <= 0.01


@settings(max_examples=examples(25), deadline=None)
@given(
    seed=st.integers(0, 999), across=st.integers(1, 3), down=st.integers(1, 3), gutter=st.sampled_from((12, 25)),
    height=st.integers(240, 400), width=st.integers(240, 400), colour=st.sampled_from((0, 255)),
)  # fmt: skip
def test_each_cell_of_a_collage_with_gutters_is_found(seed, across, down, gutter, height, width, colour):
    tall, wide = down * (height + gutter) - gutter, across * (width + gutter) - gutter
    luma = np.full((tall, wide), colour, np.uint8)
    boxes = []
    for cell in range(across * down):
        top, left = cell // across * (height + gutter), cell % across * (width + gutter)
        luma[top : top + height, left : left + width] = textured(9 * seed + cell, height, width)
        boxes.append((top, left, top + height, left + width))
    luma = as_jpeg(luma)
    if len(boxes) > 1:
        assert max(off(luma, box) for box in boxes) <= 0.01


@pytest.mark.parametrize(("across", "down"), [(2, 1), (1, 2), (2, 2), (3, 3)])
def test_cells_that_touch_are_told_apart_by_their_seams(across, down):
    rows = [np.hstack([textured(90 + 3 * y + x, 240, 320) for x in range(across)]) for y in range(down)]
    luma = as_jpeg(np.vstack(rows))
    boxes = [(240 * y, 320 * x, 240 * y + 240, 320 * x + 320) for y in range(down) for x in range(across)]
    assert sum(off(luma, box) <= 0.01 for box in boxes) >= 0.75 * len(boxes)


def test_an_inset_is_found_by_its_four_edges():
    found = 0
    for seed in range(20):
        luma, box = placed(textured(seed, 700, 1000), textured(50 + seed, 330, 480), 60 + 9 * seed, 40 + 20 * seed)
        found += off(luma, box) <= 0.01
    assert found >= 16


def test_a_picture_on_its_own_blurred_enlargement_is_found():
    found = 0
    for seed in range(20):
        picture = textured(seed, 600, 800) // 2 + np.random.default_rng(seed).integers(0, 120, (600, 800), np.uint8)
        ground = Image.fromarray(picture).resize((1000, 800)).filter(ImageFilter.GaussianBlur(25))
        luma, box = placed(np.asarray(ground), picture, 100, 100)
        found += off(luma, box) <= 0.01
    assert found >= 16


def test_a_picture_between_the_bars_of_a_screenshot_is_found():
    luma = np.full((1560, 720), 0, np.uint8)
    luma[:168] = luma[1420:] = 24
    luma[20:42, 40:110:4] = luma[96:130, 100:300:6] = luma[1460:1500, 100:600:20] = 230
    luma, box = placed(luma, textured(5, 540, 720), 524, 0)
    assert off(luma, box) <= 0.01


def test_a_window_before_a_shaded_wallpaper_is_found():
    ground = np.repeat(np.linspace(20, 200, 900).astype(np.uint8)[:, None], 1440, axis=1)
    luma, box = placed(ground, textured(6, 640, 980), 90, 220)
    assert off(luma, box) <= 0.01


def test_a_picture_as_dark_at_one_side_as_its_border_is_found_by_the_other_side():
    picture = textured(7, 600, 900)
    picture[480:] = 0
    luma, box = placed(np.zeros((720, 1020), np.uint8), picture, 60, 60)
    assert off(luma, box) <= 0.01


def test_a_picture_with_a_white_sky_inside_a_black_border_keeps_its_sky():
    picture = textured(8, 600, 900)
    picture[:150] = 255
    luma, box = placed(np.zeros((760, 900), np.uint8), picture, 80, 0)
    assert off(luma, box) <= 0.01


def test_plain_pictures_have_hardly_any_parts():
    numbers = [len(parts(as_jpeg(textured(seed, 750, 1000)))) for seed in range(40)]
    assert sum(numbers) <= 8
    assert np.median(numbers) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (10, 10), (64, 64), (64, 5000), (63, 900), (65, 385)])
@pytest.mark.parametrize("kind", ["even", "noise", "shaded"])
def test_odd_sizes_are_borne(size, kind):
    luma = {
        "even": np.full(size, 200, np.uint8),
        "noise": np.random.default_rng(1).integers(0, 256, size, np.uint8),
        "shaded": np.broadcast_to(np.linspace(0, 255, size[1]).astype(np.uint8), size),
    }[kind]
    for part in parts(luma):
        assert min(part.cut(luma).shape) >= SMALLEST


@pytest.mark.parametrize("value", [0, 127, 255])
def test_an_even_picture_has_no_parts(value):
    assert parts(np.full((700, 900), value, np.uint8)) == []


@st.composite
def heaps(draw):
    """Rectangles on top of each other, even or of noise."""
    height, width = draw(st.integers(1, 700)), draw(st.integers(1, 700))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    luma = np.full((height, width), int(rng.integers(256)), np.uint8)
    for _ in range(draw(st.integers(0, 12))):
        top, left = int(rng.integers(height)), int(rng.integers(width))
        box = luma[top : top + int(rng.integers(1, height + 1)), left : left + int(rng.integers(1, width + 1))]
        box[...] = rng.integers(0, 256, box.shape) if rng.random() < 0.5 else int(rng.integers(256))
    return luma


@settings(max_examples=examples(80), deadline=None)
@given(heaps())
def test_parts_are_few_large_enough_inside_and_always_the_same(luma):
    found = parts(luma)
    assert found == parts(luma.copy())
    assert len(found) <= MOST
    assert WHOLE not in found
    assert len(set(found)) == len(found)
    for part in found:
        assert 0 <= part.top < part.bottom <= FULL
        assert 0 <= part.left < part.right <= FULL
        assert min(part.cut(luma).shape) >= SMALLEST


def test_parts_do_not_depend_on_how_the_pixels_lie_in_memory():
    luma, _ = placed(np.zeros((720, 1020), np.uint8), textured(7, 600, 900), 60, 60)
    padded = np.zeros((1440, 1020), np.uint8)
    padded[::2] = luma
    assert parts(padded[::2]) == parts(np.asfortranarray(luma)) == parts(luma) != []


def test_a_large_picture_takes_little_time():
    luma = np.tile(textured(1, 1000, 1000), (3, 4))
    parts(luma)
    start = time.process_time()
    parts(luma)
    assert time.process_time() - start < 0.5  # about 10 ms; tests may share the machine


def test_content_is_what_lies_between_the_grounds():
    lines = np.full((100, 60), 255, np.uint8)
    lines[20:50] = textured(3, 30, 60)
    lines[60:90] = textured(4, 30, 60)
    assert content(lines) == [(20, 50), (60, 90)]


def test_a_seam_is_where_two_pictures_meet():
    pixels = np.hstack((textured(1, 200, 150), 255 - textured(2, 200, 150)))
    edges = Edges(pixels)
    (seam,) = edges.seams((0, 0, 200, 300), 1, 50)
    assert abs(seam - 150) <= 1
    assert edges.seams((0, 0, 200, 140), 1, 50) == []


def test_windows_lie_about_the_centre_and_shrink():
    luma = textured(1, 600, 800)
    found = [window.cut(luma).shape for window in windows(luma)]
    assert found[-1] == (600, 400)
    for (height, width), share in zip(found, CENTRED, strict=False):
        assert (height, width) == pytest.approx((600 * share, 800 * share), abs=2)
    assert windows(luma[:100]) == []
