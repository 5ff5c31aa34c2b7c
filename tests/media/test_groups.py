"""Groups of near duplicates: exactly what their definition says, whatever the data, at one search a representative."""

import io
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fuzz import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from amparo.media import groups, near_index
from amparo.media.groups import NOT_TURNED, Turned, representatives
from amparo.media.near_index import FLAT, MEDIUM, RADIUS, NearIndex

Case = tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64], Turned]
CENTRES = [((1 << 14 * step) - 1) for step in range(5)]  # 14 bits from one to the next, so chains form


def hash_of(number: int) -> NDArray[np.uint8]:
    return np.frombuffer(number.to_bytes(32, "big"), np.uint8)


def flipped(places: Sequence[int], centre: int = 0) -> int:
    return centre ^ sum(1 << place for place in places)


def stacked(numbers: Sequence[int]) -> NDArray[np.uint8]:
    return np.array([hash_of(number) for number in numbers], np.uint8).reshape(-1, 32)


def solid(*numbers: int, pixels: Sequence[int] = (), turned: Turned = NOT_TURNED) -> list[int]:
    """Pictures of quality 100, the earlier the better unless ``pixels`` says otherwise."""
    sizes = np.array(pixels or [1] * len(numbers))
    return representatives(stacked(numbers), np.full(len(numbers), 100), sizes, turned).tolist()


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Pictures around a few centres; few sizes and qualities, so that many are as good as others."""
    looks = st.builds(
        flipped, st.lists(st.integers(0, 80), max_size=9, unique=True), st.sampled_from(CENTRES)
    ) | st.sampled_from(CENTRES)
    pictures = draw(
        st.lists(st.tuples(looks, st.sampled_from((0, 49, 50, 51, 100)), st.sampled_from((1, 2, 3))), max_size=40)
    )
    extra = draw(st.lists(st.tuples(st.integers(0, len(pictures) - 1), looks), max_size=12)) if pictures else []
    turned = Turned(np.array([at for at, _ in extra], np.int64), stacked([number for _, number in extra]))
    hashes = stacked([number for number, _, _ in pictures])
    quality, pixels = (np.array([each[at] for each in pictures], np.int64) for at in (1, 2))
    return hashes, quality, pixels, turned


def by_definition(case: Case, radius: int) -> list[int]:
    """The docstring of the module, word for word, comparing everything with everything."""
    hashes, quality, pixels, turned = case
    numbers = [int.from_bytes(each.tobytes(), "big") for each in hashes]
    looks = [[number] for number in numbers]
    for at, extra in zip(turned.picture, turned.hashes, strict=True):
        looks[at].append(int.from_bytes(extra.tobytes(), "big"))
    order = sorted(
        (at for at in range(len(numbers)) if quality[at] >= 50), key=lambda at: (-pixels[at], -quality[at], at)
    )
    stands_for = {at: next(better for better in order if numbers[better] == numbers[at]) for at in order}

    def distance(picture: int, representative: int) -> int:
        return min((look ^ numbers[representative]).bit_count() for look in looks[picture])

    chosen: list[int] = []
    for at in order:
        if stands_for[at] == at and all(distance(at, each) > radius for each in chosen):
            chosen.append(at)
    result = list(range(len(numbers)))
    for at in order:
        best = stands_for[at]
        near = [each for each in chosen if distance(best, each) <= radius]
        result[at] = best if best in chosen else min(near, key=lambda each: (distance(best, each), order.index(each)))
    return result


@settings(max_examples=examples(150), deadline=None)
@given(cases(), st.integers(0, RADIUS))
def test_groups_are_what_the_definition_says(case: Case, radius: int) -> None:
    assert representatives(*case, radius=radius).tolist() == by_definition(case, radius)


@pytest.mark.parametrize("crowded", [1, 3, 10**6])
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases(), radius=st.integers(0, RADIUS))
def test_blocks_bands_and_new_indexes_change_nothing(
    case: Case, radius: int, crowded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "_BLOCK", 2)
    monkeypatch.setattr(groups, "_CROWDED", crowded)
    monkeypatch.setattr(groups, "_THIN", 1000)
    monkeypatch.setattr(near_index, "_MEDIUM_FROM", 2)
    assert representatives(*case, radius=radius).tolist() == by_definition(case, radius)


def many(number: int, shared: int) -> Case:
    """A third alone, a third in groups, a third in one burst, the first ``shared`` bytes alike; some turned."""
    chance = np.random.default_rng(number + shared)
    centres = chance.integers(0, 256, (number // 30 + 1, 32), np.uint8)
    hashes = centres[np.concatenate((np.zeros(number // 3, int), chance.integers(1, len(centres), number // 3)))]
    noise = np.packbits(chance.random((len(hashes), 256)) < chance.random((len(hashes), 1)) * 0.1, axis=1)
    hashes = np.concatenate((hashes ^ noise, chance.integers(0, 256, (number - len(hashes), 32), np.uint8)))
    hashes = hashes[chance.permutation(number)]
    turned = chance.integers(0, number, 200)
    extra = hashes[chance.integers(0, number, 200)] ^ np.packbits(chance.random((200, 256)) < 0.05, axis=1)
    hashes[:, :shared] = extra[:, :shared] = 0
    return hashes, chance.integers(40, 101, number), chance.integers(1, 1000, number), Turned(turned, extra)


@pytest.mark.parametrize("shared", [0, 20])
def test_thousands_of_pictures_are_grouped_by_the_definition(shared: int) -> None:
    case = many(1500, shared)
    found = representatives(*case)
    assert found.tolist() == by_definition(case, RADIUS)
    assert 300 < len(np.unique(found)) < 1400


def test_a_chain_of_small_edits_does_not_carry_beyond_the_radius() -> None:
    chain = [flipped(range(20 * step)) for step in range(5)]
    assert solid(*chain) == [0, 0, 2, 2, 4]


def test_the_radius_itself_is_near_and_one_bit_more_is_not() -> None:
    assert solid(0, flipped(range(31))) == [0, 0]
    assert solid(0, flipped(range(32))) == [0, 1]


def test_the_representative_has_most_pixels_then_quality_then_comes_first() -> None:
    hashes, ones = stacked([0, 1, 2]), np.ones(3, np.int64)
    assert representatives(hashes, np.array([100, 60, 100]), np.array([5, 9, 5])).tolist() == [1, 1, 1]
    assert representatives(hashes, np.array([60, 60, 61]), ones).tolist() == [2, 2, 2]
    assert representatives(hashes, np.array([60, 60, 60]), ones).tolist() == [0, 0, 0]


def test_a_picture_joins_the_nearest_representative_and_of_two_as_near_the_better() -> None:
    far = flipped(range(40))
    assert solid(0, far, flipped(range(21))) == [0, 1, 1]
    assert solid(0, far, flipped(range(20))) == [0, 1, 0]
    assert solid(0, far, flipped(range(20)), pixels=[1, 2, 1]) == [0, 1, 1]


def test_a_picture_waits_for_a_nearer_representative_until_none_can_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_BLOCK", 1)
    monkeypatch.setattr(groups, "_THIN", 1000)
    assert solid(0, flipped(range(32)), flipped(range(17))) == [0, 1, 1]
    assert solid(0, flipped(range(32)), flipped(range(16))) == [0, 1, 0]


def test_pictures_with_the_same_hash_stay_together() -> None:
    first, same = flipped(range(20)), flipped(range(20, 60))
    turned = Turned(np.array([2]), stacked([first]))
    assert solid(first, same, same, turned=turned) == [0, 1, 1]


def test_flat_pictures_stay_alone_even_with_the_same_hash() -> None:
    quality = np.array([49, 100, 49, 50, 0])
    assert representatives(stacked([7] * 5), quality, np.arange(5, 0, -1)).tolist() == [0, 1, 2, 1, 4]


def test_a_turned_copy_joins_the_picture_it_was_made_of() -> None:
    upright, on_its_side = flipped(range(0, 256, 2)), flipped(range(0, 256, 5))
    turned = Turned(np.array([1, 1]), stacked([flipped(range(100)), upright ^ 1]))
    assert solid(upright, on_its_side, turned=turned) == [0, 0]
    assert solid(upright, on_its_side) == [0, 1]


def test_turned_hashes_of_flat_pictures_join_nothing() -> None:
    turned = Turned(np.array([0]), stacked([0]))
    assert representatives(stacked([255 << 90, 0]), np.array([10, 90]), np.ones(2), turned).tolist() == [0, 1]


def test_no_pictures_have_no_groups() -> None:
    assert representatives(stacked([]), np.array([], np.int64), np.array([], np.int64)).tolist() == []


def test_only_representatives_are_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[bytes] = []
    search = NearIndex.search

    def noted(index: NearIndex, queries: Sequence[bytes], radius: int = RADIUS) -> near_index.Near:
        searched.extend(queries)
        return search(index, queries, radius)

    monkeypatch.setattr(NearIndex, "search", noted)
    hashes, quality, pixels, turned = many(4000, 0)
    found = representatives(hashes, quality, pixels, turned)
    chosen = np.unique(found[quality >= 50])
    assert sorted(searched) == sorted(hashes[each].tobytes() for each in chosen)


def test_pictures_that_cannot_move_again_leave_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst costs its size once; without that, every later representative would be compared with all of it."""
    sizes: list[int] = []
    build = NearIndex.of.__func__  # type: ignore[attr-defined]

    def noted(kind: type[NearIndex], hashes: NDArray[np.uint8], layout: near_index.Layout) -> NearIndex:
        sizes.append(len(hashes))
        index: NearIndex = build(kind, hashes, layout)
        return index

    monkeypatch.setattr(NearIndex, "of", classmethod(noted))
    chance = np.random.default_rng(1)
    burst = np.packbits(chance.random((3000, 256)) < 0.01, axis=1)
    hashes = np.unique(np.concatenate((burst, chance.integers(0, 256, (500, 32), np.uint8))), axis=0)
    representatives(hashes, np.full(len(hashes), 100), np.arange(len(hashes)))
    assert sizes[0] == len(hashes) and min(sizes[1:]) < 600
    assert all(after <= before for before, after in itertools.pairwise(sizes))


def test_pictures_in_a_crowd_are_compared_with_all_instead() -> None:
    """Or a search would list, and hold in memory, every row once for each band that it shares."""
    hashes = np.concatenate((many(1200, 20)[0], many(1200, 0)[0]))
    live, asked = groups._Live(hashes, np.arange(2400)), np.arange(0, 2400, 10)
    (_, by_bands), (_, with_all) = live.searches(asked)
    shares = np.bitwise_count(hashes.view(np.uint16)[asked, None] ^ hashes.view(np.uint16)) <= 1
    crowded = shares.sum(axis=(1, 2)) > 2400 / groups._CROWDED
    assert with_all.tolist() == asked[crowded].tolist() and by_bands.tolist() == asked[~crowded].tolist()
    assert 100 < len(with_all) < 200


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"radius": RADIUS + 1}, "exact up to"),
        ({"radius": -1}, "exact up to"),
        ({"hashes": np.zeros((3, 31), np.uint8)}, "32 bytes"),
        ({"hashes": np.zeros((3, 32), np.int64)}, "32 bytes"),
        ({"quality": np.full(2, 100)}, "every picture"),
        ({"pixels": np.ones((3, 1))}, "every picture"),
        ({"turned": Turned(np.array([3]), stacked([1]))}, "no picture"),
        ({"turned": Turned(np.array([-1]), stacked([1]))}, "no picture"),
        ({"turned": Turned(np.array([0, 1]), stacked([1]))}, "32 bytes"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(changed: dict[str, object], problem: str) -> None:
    given_ = {"hashes": stacked([1, 2, 3]), "quality": np.full(3, 100), "pixels": np.ones(3, np.int64)}
    with pytest.raises(ValueError, match=problem):
        representatives(**(given_ | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", [FLAT, MEDIUM])
def test_an_index_in_memory_finds_what_one_in_a_file_finds(layout: near_index.Layout, tmp_path: Path) -> None:
    hashes = many(400, 0)[0]
    stream = io.BytesIO()
    near_index.build(stream, hashes, layout)
    (tmp_path / "index").write_bytes(stream.getvalue())
    queries = [each.tobytes() for each in hashes[::7]]
    stored, held = NearIndex(tmp_path / "index").search(queries), NearIndex.of(hashes, layout).search(queries)
    assert len(stored.row) > len(queries)
    for name in ("query", "row", "distance"):
        assert np.array_equal(getattr(stored, name), getattr(held, name))
