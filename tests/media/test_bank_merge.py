"""Merging: nothing that can be asked changes, and there are never many segments."""

import itertools
import math
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from media.segments import Shelf, digest, known

from amparo.exchange.known import ALGORITHMS
from amparo.media.bank_merge import MIXED, due, merge
from amparo.media.bank_segment import EXACT, Segment, Stored
from amparo.media.known_banks import OpenBank

EDITIONS = st.lists(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["Owner", "Other"]), st.booleans()), max_size=6),
    min_size=1,
    max_size=6,
)


def merged(shelf: Shelf, folder: Path, number: int) -> Shelf:
    """The same with its newest ``number`` segments as one."""
    other = Shelf(folder)
    path = folder / "merged"
    with path.open("wb") as stream:
        merge(stream, [Segment(each) for each in shelf.paths[-number:]])
    other.paths = [*shelf.paths[:-number], path]
    return other


def told(shelf: Shelf) -> object:
    """Everything that can be asked of these keys."""
    bank = OpenBank(shelf.state(denied=(3,)))
    entries = sorted((each.entry, each.version, each.reason, repr(each.known)) for each in bank.all())
    asked = [(name, digest(name, seed)) for name in EXACT for seed in range(13)]
    hits = []
    for name, wanted in asked:
        hit = bank.exact(name, wanted)
        hits.append(hit and (hit.entry, hit.owner, hit.labels, hit.dated))
    near = [bank.nearest([digest("pdq", seed)], 31) for seed in range(13)]
    keys = [(each.key, bank.with_digest("pdq", digest("pdq", 1))) for each in map(known, range(2))]
    return (
        entries, hits, [each and (each.query, each.hit.entry, each.hit.distance, each.entries) for each in near],
        [(key, [each.entry for each in found]) for key, found in keys],
    )  # fmt: skip


@given(EDITIONS, st.data())
@settings(max_examples=examples(60))
def test_merging_changes_nothing_that_can_be_asked(
    tmp_path_factory: pytest.TempPathFactory, editions: list[list[tuple[int, str, bool]]], data: st.DataObject
) -> None:
    base = tmp_path_factory.mktemp("merge")
    shelf, next_entry = Shelf(base / "parts"), 1
    for version, rows in enumerate(editions, 1):
        entries = [known(seed, *ALGORITHMS, owner=owner, withdrawn=gone) for seed, owner, gone in rows]
        next_entry = shelf.edition(entries, version, next_entry, "why").next_entry
    if not shelf.paths:
        return
    number = data.draw(st.integers(1, len(shelf.paths)))
    once = merged(shelf, base / "once", number)
    assert told(once) == told(shelf)
    twice = merged(once, base / "twice", data.draw(st.integers(1, len(once.paths))))
    assert told(twice) == told(shelf)
    assert len(Segment(merged(shelf, base / "all", len(shelf.paths)).paths[0])) == next_entry - 1


def test_the_frame_survives_only_where_all_are_of_one_list(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "parts")
    for number, frame in enumerate(("one", "", "one", "two"), 1):
        shelf.put(Stored(number, 1, known(number), ""), frame=frame)
    assert Segment(merged(shelf, tmp_path / "all", 4).paths[-1]).frame == MIXED
    shelf.paths.pop()
    assert Segment(merged(shelf, tmp_path / "three", 3).paths[-1]).frame == "one"
    assert Segment(merged(shelf, tmp_path / "one", 1).paths[-1]).frame == "one"


@given(st.lists(st.integers(1, 10_000), max_size=200))
@settings(max_examples=examples(200))
def test_sizes_keep_halving_and_an_entry_is_written_seldom(editions: list[int]) -> None:
    sizes: list[int] = []
    written = 0
    for each in editions:
        sizes.append(each)
        written += each
        number = due(sizes)
        assert number != 1
        assert 0 <= number <= len(sizes)
        if number:
            written += sum(sizes[-number:])
            sizes[-number:] = [sum(sizes[-number:])]
        assert due(sizes) == 0, "one merge is enough"
        assert all(older >= 2 * newer for older, newer in itertools.pairwise(sizes))
    if editions:
        total = sum(editions)
        assert sum(sizes) == total
        assert len(sizes) <= math.log2(total) + 1
        assert written <= total * (math.log(total, 1.5) + 2)


@pytest.mark.parametrize(
    ("sizes", "number"), [([], 0), ([5], 0), ([4, 2], 0), ([3, 2], 2), ([100, 3, 2], 2), ([8, 4, 2, 1, 1], 5)]
)
def test_what_is_due(sizes: list[int], number: int) -> None:
    assert due(sizes) == number
