"""Known Banks: the newest word on an entry counts, the strongest digest wins, the nearest entry is named."""

import dataclasses
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from media.segments import Shelf, digest, known, with_pdq

from amparo.evidence.errors import BadInput
from amparo.media.known_banks import KnownBanks, OpenBank, manifest


def bits(*places: int) -> bytes:
    """A PDQ with these bits set."""
    return sum(1 << (255 - place) for place in places).to_bytes(32, "big")


def test_one_hit_per_bank_by_the_strongest_digest(tmp_path: Path) -> None:
    strong, weak, other = Shelf(tmp_path / "a"), Shelf(tmp_path / "b"), Shelf(tmp_path / "c")
    strong.edition([known("x", "md5"), known("x2"), known("x", "sha256", owner="Second")], 1, 1)
    weak.edition([dataclasses.replace(known("y"), digests={"sha1": digest("sha1", "x")})], 1, 1)
    other.edition([known("z")], 1, 1)
    banks = KnownBanks([strong.state("A"), weak.state("B"), other.state("C")])
    asked = {name: digest(name, "x") for name in ("sha256", "sha1", "md5")}
    assert [(hit.bank.name, hit.entry, hit.algorithm, hit.collision_prone) for hit in banks.exact(asked)] == [
        ("A", 1, "sha256", False),
        ("B", 1, "sha1", True),
    ]
    assert [hit.algorithm for hit in banks.exact({"md5": asked["md5"]})] == [], "changed by a later line"


def test_of_equal_entries_the_oldest_is_named(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    same = {"sha256": digest("sha256", "x")}
    for seed in (1, 2, 3):
        shelf.edition([dataclasses.replace(known(seed), digests=same)], seed, seed)
    bank = OpenBank(shelf.state(denied=(1,)))
    hit = bank.exact("sha256", same["sha256"])
    assert hit is not None
    assert hit.entry == 2, "entry 1 is denied"
    assert [each.entry for each in bank.with_digest("sha256", same["sha256"])] == [2, 3]


def test_what_an_edition_took_away_matches_no_more(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.edition([known(1, "sha256", "pdq"), known(2, "sha256", "pdq")], 1, 1)
    moved = dataclasses.replace(known(1), digests={"sha256": digest("sha256", "new"), "pdq": digest("pdq", "new")})
    shelf.edition([moved, known(2, withdrawn=True)], 2, 3)
    banks = KnownBanks([shelf.state(version=2)])
    assert [hit.entry for hit in banks.exact({"sha256": digest("sha256", "new")})] == [1]
    assert [near.hit.entry for near in banks.nearest([digest("pdq", "new")], 0)] == [1]
    for seed in (1, 2):
        assert banks.exact({"sha256": digest("sha256", seed)}) == []
        assert banks.nearest([digest("pdq", seed)], 0) == []
    shelf.edition([known(2, "sha256", "pdq")], 3, 3)
    back = KnownBanks([shelf.state(version=3)])
    assert [hit.entry for hit in back.exact({"sha256": digest("sha256", 2)})] == [2]
    assert [near.hit.entry for near in back.nearest([digest("pdq", 2)], 0)] == [2]


def test_the_nearest_wins_then_the_earlier_hash_then_the_older_entry(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.edition([with_pdq(1, bits(0, 1, 2)), with_pdq(2, bits(9))], 1, 1)
    shelf.edition([with_pdq(3, bits(9))], 2, 3)
    (near,) = KnownBanks([shelf.state()]).nearest([bits(200, 201), bits()], 31)
    assert (near.query, near.hit.entry, near.hit.distance, near.entries) == (1, 2, 1, 3)
    assert near.hit.digest == bits(9)
    (near,) = KnownBanks([shelf.state()]).nearest([bits(9), bits(9)], 0)
    assert (near.query, near.hit.entry, near.hit.distance, near.entries) == (0, 2, 0, 2)
    assert KnownBanks([shelf.state()]).nearest([bytes([255]) * 32], 31) == []
    assert KnownBanks([shelf.state()]).nearest([], 31) == []


def test_what_people_decided_is_on_the_hit(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.edition([known(1, "sha256", "pdq"), known(2, "sha256", "pdq")], 1, 1)
    state = shelf.state(denied=(1,), confirmed=(2,))
    banks = KnownBanks([dataclasses.replace(state, quarantined=(2,))])
    assert banks.exact({"sha256": digest("sha256", 1)}) == []
    assert banks.nearest([digest("pdq", 1)], 0) == []
    (hit,) = banks.exact({"sha256": digest("sha256", 2)})
    assert (hit.confirmed, hit.quarantined) == (True, True)
    assert sorted(each.entry for each in banks.banks[0].all()) == [1, 2], "they stay on record"


@given(st.lists(st.integers(0, 5), max_size=6), st.integers(0, 31))
@settings(max_examples=examples(50))
def test_a_quarantined_entry_speaks_only_where_no_other_is_near(
    tmp_path_factory: pytest.TempPathFactory, aside: list[int], flips: int
) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("aside"))
    shelf.edition([with_pdq(n, bits(*range(n))) for n in range(6)], 1, 1)
    quarantined = tuple(n + 1 for n in sorted(set(aside)))
    state = dataclasses.replace(shelf.state(), quarantined=quarantined)
    (near,) = KnownBanks([state]).nearest([bits(*range(200, 200 + flips))], 31)
    close = [n for n in range(6) if n + flips <= 31]
    free = [n for n in close if n + 1 not in quarantined]
    assert near.hit.entry == min(free or close) + 1
    assert near.entries == len(close)


def test_a_manifest_says_all_that_workers_need(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "a")
    shelf.edition([known(1, "sha256", "pdq")], 1, 1)
    shelf.edition([known(2)], 2, 2)
    states = [shelf.state("Otro «banco»", 7, "negative", denied=(4,), confirmed=(1, 2))]
    states[0] = dataclasses.replace(states[0], quarantined=(9,))
    (tmp_path / "m").write_bytes(manifest(states))
    assert [bank.state for bank in KnownBanks.open(tmp_path / "m").banks] == states
    assert manifest(states) == manifest(list(states))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"banks":[{}]}', '{"banks":[{"uuid":"x"}]}', '{"banks":3}', '{"banks":[3]}', "\xff"],
)
def test_what_is_no_manifest_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match="cannot be read"):
        KnownBanks.open(tmp_path / "m")
    with pytest.raises(BadInput, match="cannot be read"):
        KnownBanks.open(tmp_path / "missing")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.edition([known(1)], 1, 1)
    state = shelf.state()
    shelf.paths[0].unlink()
    with pytest.raises(BadInput, match="cannot be opened"):
        KnownBanks([state])
