"""The harness of ``benchmarks/altered``: alterations are repeatable, and only pictures of other scenes are false."""

import importlib
import io
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).parents[2] / "benchmarks" / "altered"


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(FOLDER)

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


def _pictures(number: int) -> list[Image.Image]:
    rng = np.random.default_rng(7)
    grids = [Image.fromarray(rng.integers(0, 256, (9, 12, 3), np.uint8)) for _ in range(number)]
    return [grid.resize((240, 180), Image.Resampling.BICUBIC) for grid in grids]


def test_an_alteration_made_twice_is_the_same_file(part):
    alterations = part("alterations").ALTERATIONS
    image, *others = _pictures(9)
    assert len({each.name for each in alterations}) == len(alterations) >= 30
    plain = io.BytesIO()
    image.save(plain, "PNG")
    for each in alterations:
        file = each.file(image, others)
        assert file == each.file(image, others), each.name
        with Image.open(io.BytesIO(file)) as opened:
            opened.load()
    after = io.BytesIO()
    image.save(after, "PNG")
    assert after.getvalue() == plain.getvalue()


@pytest.mark.parametrize("percent", [5, 40])
def test_a_crop_takes_its_share_of_the_area(part, percent):
    image = Image.new("RGB", (1000, 800))
    cut = part("warping").cropped(image, percent, centred=True)
    assert cut.width * cut.height / 800_000 == pytest.approx(1 - percent / 100, abs=0.002)


def test_a_collage_names_how_many_other_pictures_it_shows(part):
    image, *others = (Image.new("RGB", (60, 60), (20 * n, 0, 0)) for n in range(1, 10))
    for each in part("alterations").ALTERATIONS:
        if each.others:
            with Image.open(io.BytesIO(each.file(image, others))) as made:
                reds = np.asarray(made)[..., 0]
            seen = sum(np.isclose(reds, 20 * n, atol=3).any() for n in range(2, 10))
            assert seen == each.others, each.name


def test_the_same_picture_is_false_in_another_scene_only(part):
    measure, originals = part("measure"), part("originals")
    first, second = (np.asarray(each) for each in _pictures(2))
    listed = [originals.Original("generated", scene, 0) for scene in ("one", "one", "two", "three")]
    bank = measure.Bank(listed, [measure.Hashes.of(each) for each in (first, first, first, second)])
    query = bank.query(0, "", bank.hashes[0], bank.scenes != bank.scenes[0])
    assert (query.plain, query.whole, query.pairs) == (0, 0, 2)
    assert {query.false[method] for method in ("plain", "whole", "region")} == {1}


def test_the_interval_of_a_share_is_wilson_s(part):
    assert part("tally").wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
