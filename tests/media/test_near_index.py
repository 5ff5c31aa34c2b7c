"""The near index: everything within the radius and nothing else, as brute force finds it, whatever the data."""

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from amparo.evidence.errors import BadInput
from amparo.media.columns import write
from amparo.media.near_index import FLAT, LARGE, MEDIUM, RADIUS, Layout, Near, NearIndex, build, layout_for, size

Hashes = NDArray[np.uint8]
# Bands that end within a word and across two, that cover all bits and few of them; probed within 1 to 15 flips.
LAYOUTS = [FLAT, MEDIUM, Layout(11, 13), Layout(8, 12), Layout(2, 12), Layout(31, 8), Layout(5, 20)]
ZERO, ONES = bytes(32), b"\xff" * 32


def index_of(folder: Path, hashes: Hashes, layout: Layout | None = None) -> NearIndex:
    path = folder / "near"
    path.unlink(missing_ok=True)  # a file that is mapped is not written over
    with path.open("wb") as stream:
        build(stream, hashes, layout)
    return NearIndex(path)


def random_hashes(seed: int, number: int) -> Hashes:
    return np.random.default_rng(seed).integers(0, 256, (number, 32), np.uint8)


def flipped(one: bytes, places: Any) -> bytes:
    """``one`` with the bits at these places, counted from the first, turned over."""
    number = int.from_bytes(one, "big")
    for place in {int(each) for each in places}:
        number ^= 1 << (255 - place)
    return number.to_bytes(32, "big")


def around(seed: int, centres: list[bytes], number: int, most: int) -> Hashes:
    """Hashes up to ``most`` bits away from one of ``centres``: many within the radius, many just beyond."""
    rng = np.random.default_rng(seed)
    rows = [
        flipped(centres[int(rng.integers(len(centres)))], rng.choice(256, int(rng.integers(most + 1)), replace=False))
        for _ in range(number)
    ]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 32)


def triples(near: Near) -> list[tuple[int, int, int]]:
    return list(zip(near.query.tolist(), near.distance.tolist(), near.row.tolist(), strict=True))


def brute(hashes: Hashes, queries: list[bytes], radius: int) -> list[tuple[int, int, int]]:
    """(query, distance, row), sorted: what a search has to give, in its order."""
    rows = [int.from_bytes(each.tobytes(), "big") for each in hashes]
    asked = [int.from_bytes(each, "big") for each in queries]
    found = [(q, (a ^ b).bit_count(), row) for q, a in enumerate(asked) for row, b in enumerate(rows)]
    return sorted(each for each in found if each[1] <= radius)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@settings(max_examples=examples(12))
@given(
    seed=st.integers(0, 2**32), centres=st.lists(st.sampled_from([ZERO, ONES]) | st.binary(min_size=32, max_size=32),
    min_size=1, max_size=3), number=st.integers(0, 120), radius=st.integers(0, RADIUS),
    most=st.sampled_from([0, 20, 34, 60]),
)  # fmt: skip
def test_it_finds_what_brute_force_finds(
    tmp_path_factory: pytest.TempPathFactory,
    layout: Layout, seed: int, centres: list[bytes], number: int, radius: int, most: int,
) -> None:  # fmt: skip
    hashes = np.concatenate([around(seed, centres, number, most), random_hashes(seed, 20)])
    hashes = np.concatenate([hashes, hashes[::7]])  # duplicates
    queries = [*centres, *(each.tobytes() for each in hashes[::9]), ZERO, ONES]
    expected = brute(hashes, queries, radius)
    assert triples(index_of(tmp_path_factory.mktemp("n"), hashes, layout).search(queries, radius)) == expected
    assert triples(NearIndex.of(hashes, layout).search(queries, radius)) == expected


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_distance_is_found_up_to_the_radius_and_none_beyond(tmp_path: Path, layout: Layout) -> None:
    """The flipped bits lie as unkindly as they can: spread over the bands as evenly as possible, or all in a few."""
    query = random_hashes(1, 1)[0].tobytes()
    bands, bits = max(layout.bands, 1), layout.bits or 256
    spread = [band * bits + bit for bit in range(bits) for band in range(bands)]
    rows = []
    for order in (spread, sorted(spread), sorted(spread, reverse=True)):
        places = order + [place for place in range(256) if place not in set(order)]
        rows += [flipped(query, places[:number]) for number in range(RADIUS + 10)]
    hashes = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 32)
    index = index_of(tmp_path, hashes, layout)
    for radius in range(RADIUS + 1):
        found = triples(index.search([query], radius))
        assert found == brute(hashes, [query], radius)
        assert len(found) == 3 * (radius + 1)


def test_the_layout_of_large_lists_is_exact() -> None:
    """Once at full size: 369 MB of table in memory."""
    centres = [ZERO, ONES, *(each.tobytes() for each in random_hashes(3, 3))]
    hashes = np.concatenate([around(4, centres, 200, 40), random_hashes(5, 200)])
    index = NearIndex.of(hashes, LARGE)
    for radius in (0, 21, 22, RADIUS):
        assert triples(index.search(centres, radius)) == brute(hashes, centres, radius)


@pytest.mark.parametrize("layout", [FLAT, MEDIUM, Layout(11, 13)], ids=str)
def test_more_queries_than_are_looked_up_together(tmp_path: Path, layout: Layout) -> None:
    hashes = np.concatenate([random_hashes(1, 300), np.zeros((3, 32), np.uint8)])
    queries = [hashes[(number * 7) % len(hashes)].tobytes() for number in range(600)]
    index = index_of(tmp_path, hashes, layout)
    for number in (1, 2, 255, 256, 257, 512, 513, 600):
        assert triples(index.search(queries[:number])) == brute(hashes, queries[:number], RADIUS)


def test_more_rows_than_are_compared_together(tmp_path: Path) -> None:
    hashes = np.full((70_000, 32), 255, np.uint8)
    places = [0, 1, 65_535, 65_536, 69_999]
    hashes[places] = 0
    assert triples(index_of(tmp_path, hashes, FLAT).search([ZERO])) == [(0, 0, place) for place in places]


@pytest.mark.parametrize("layout", [FLAT, MEDIUM], ids=str)
def test_the_complement_is_256_bits_away_and_not_near(tmp_path: Path, layout: Layout) -> None:
    hashes = np.concatenate([np.zeros((1, 32), np.uint8), np.full((1, 32), 255, np.uint8)])
    index = index_of(tmp_path, hashes, layout)
    assert triples(index.search([ZERO, ONES])) == [(0, 0, 0), (1, 0, 1)]


@pytest.mark.parametrize("layout", [FLAT, MEDIUM], ids=str)
def test_an_empty_index_and_no_queries_find_nothing(tmp_path: Path, layout: Layout) -> None:
    empty, one = index_of(tmp_path, np.empty((0, 32), np.uint8), layout), NearIndex.of(random_hashes(1, 1), layout)
    assert (len(empty), len(one)) == (0, 1)
    assert triples(empty.search([ZERO])) == triples(one.search([])) == triples(empty.search([])) == []
    assert triples(one.search([random_hashes(1, 1)[0].tobytes()])) == [(0, 0, 0)]


def test_the_order_is_by_query_then_distance_then_row(tmp_path: Path) -> None:
    rows = [flipped(ZERO, range(number)) for number in (3, 0, 5, 0, 3)]
    hashes = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 32)
    for layout in LAYOUTS:
        found = triples(index_of(tmp_path, hashes, layout).search([flipped(ZERO, range(4)), ZERO]))
        assert found == [
            (0, 1, 0), (0, 1, 2), (0, 1, 4), (0, 4, 1), (0, 4, 3),
            (1, 0, 1), (1, 0, 3), (1, 3, 0), (1, 3, 4), (1, 5, 2),
        ]  # fmt: skip


def test_a_radius_beyond_what_is_exact_and_a_hash_of_another_length_are_refused() -> None:
    index = NearIndex.of(random_hashes(1, 3), MEDIUM)
    for radius in (-1, RADIUS + 1, 256):
        with pytest.raises(ValueError, match="exact up to 31"):
            index.search([ZERO], radius)
    for queries in ([b"a" * 16], [b"a" * 64], [ZERO, b""]):
        with pytest.raises(ValueError, match=r"32 bytes|buffer size|reshape"):
            index.search(queries)


@pytest.mark.parametrize("layout", [FLAT, MEDIUM], ids=str)
def test_equal_hashes_give_equal_bytes_and_about_the_stated_size(layout: Layout) -> None:
    hashes, streams = random_hashes(1, 2_000), (io.BytesIO(), io.BytesIO())
    build(streams[0], hashes, layout)
    build(streams[1], np.asfortranarray(hashes), layout)
    assert streams[0].getvalue() == streams[1].getvalue()
    assert abs(len(streams[0].getvalue()) / size(2_000, layout) - 1) < 0.2


def test_the_layout_grows_with_the_list(tmp_path: Path) -> None:
    assert [layout_for(number) for number in (0, 999, 1_000, 249_999, 250_000)] == [FLAT, FLAT, MEDIUM, MEDIUM, LARGE]
    for layout in (FLAT, MEDIUM, LARGE):
        assert not layout.bands or (layout.bands * layout.bits <= 256 and layout.flips * layout.bands <= RADIUS)
    hashes = random_hashes(1, 1_200)
    assert triples(index_of(tmp_path, hashes).search([hashes[5].tobytes()])) == [(0, 0, 5)]


SMALL = Layout(16, 4)


def small_index() -> bytes:
    stream = io.BytesIO()
    build(stream, random_hashes(1, 9), SMALL)
    return stream.getvalue()


def refused_or_searched(folder: Path, data: bytes) -> bool:
    """Whether a file was refused as BadInput when opened. Else it is searched, which may find anything.

    Bank files are authenticated when they are unsealed, so rows and starts are not looked through when one is opened.
    Were they wrong all the same, numpy's bounds hold: an IndexError, and no memory outside is touched.
    """
    path = folder / "near"
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    try:
        index = NearIndex(path)
    except BadInput:
        return True
    with contextlib.suppress(IndexError, BadInput):
        index.search([ZERO, *(each.tobytes() for each in random_hashes(1, 9))])
    return False


def test_an_index_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    data = small_index()
    end = len(data.rstrip(b"\0"))  # what follows the last value fills up to 64 bytes
    assert all(refused_or_searched(tmp_path, data[:length]) for length in range(0, end, 3))
    assert not refused_or_searched(tmp_path, data)


HEADER = 12 + int.from_bytes(small_index()[8:12], "little")


def written(meta: dict[str, Any], **other: Any) -> bytes:
    """An index of 9 hashes with another layout stated, or with other columns."""
    index = NearIndex.of(random_hashes(1, 9), SMALL)
    columns = {"hashes": index._hashes, "starts": index._starts, "rows": index._rows} | other
    stream = io.BytesIO()
    write(stream, "near", meta, {name: array for name, array in columns.items() if array is not None})
    return stream.getvalue()


def test_columns_of_another_type_or_missing_are_refused(tmp_path: Path) -> None:
    meta, index = {"bands": 16, "bits": 4}, NearIndex.of(random_hashes(1, 9), SMALL)
    assert not refused_or_searched(tmp_path, written(meta))
    for other in (
        {"hashes": None}, {"starts": None}, {"rows": None}, {"hashes": index._hashes[:, :16]},
        {"hashes": index._hashes.astype(np.uint32)}, {"starts": index._starts.astype(np.uint64)},
        {"rows": index._rows[:, None]},
    ):  # fmt: skip
        assert refused_or_searched(tmp_path, written(meta, **other)), other
    stream = io.BytesIO()
    write(stream, "bank", meta, {"hashes": index._hashes})
    assert refused_or_searched(tmp_path, stream.getvalue())


@pytest.mark.parametrize(
    "meta",
    [
        {}, {"bands": 16}, {"bands": "x", "bits": 4}, {"bands": None, "bits": 4}, {"bands": -1, "bits": 4},
        {"bands": 16, "bits": -1}, {"bands": 16, "bits": 5}, {"bands": 17, "bits": 4}, {"bands": 40, "bits": 4},
        {"bands": float("inf"), "bits": 4}, {"bands": 15, "bits": 4}, {"bands": 16, "bits": 3},
    ],
)  # fmt: skip
def test_a_layout_that_the_tables_do_not_have_is_refused(tmp_path: Path, meta: dict[str, Any]) -> None:
    assert refused_or_searched(tmp_path, written(meta))


@pytest.mark.parametrize("column", ["starts", "rows"])
def test_tables_of_another_length_are_refused(tmp_path: Path, column: str) -> None:
    table = getattr(NearIndex.of(random_hashes(1, 9), SMALL), f"_{column}")
    data = written({"bands": 16, "bits": 4}, **{column: table[:-1]})
    assert refused_or_searched(tmp_path, data)


def test_any_byte_of_the_header_may_be_damaged(tmp_path: Path) -> None:
    data = small_index()
    for at in range(HEADER):
        for flip in (0xFF, 0x01, 0x02):
            refused_or_searched(tmp_path, data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :])


def test_damaged_tables_reach_no_memory_outside(tmp_path: Path) -> None:
    rows = NearIndex.of(random_hashes(1, 9), SMALL)._rows
    for value in (9, 1 << 31, (1 << 32) - 1):
        path = tmp_path / f"{value}"
        path.write_bytes(written({"bands": 16, "bits": 4}, rows=np.full_like(rows, value)))
        with pytest.raises((IndexError, BadInput)):
            NearIndex(path).search([each.tobytes() for each in random_hashes(1, 9)])
