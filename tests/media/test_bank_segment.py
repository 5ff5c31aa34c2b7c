"""Segments: what goes in comes out whole, is found by digest and key, and damage is named."""

import contextlib
import dataclasses
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from media.segments import DATED, Shelf, digest, known

from amparo.evidence.errors import BadInput
from amparo.exchange.known import ALGORITHMS, KnownEntry
from amparo.media.bank_segment import Segment, Stored, key_digest, said

_DIGESTS = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.binary(min_size=size, max_size=size) for name, size in ALGORITHMS.items()},
        "photodna": st.binary(min_size=1, max_size=200),
    },
).filter(bool)
_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20).filter(str.strip)
ENTRIES = st.builds(
    KnownEntry,
    key=_TEXT,
    digests=_DIGESTS,
    labels=st.lists(st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True), max_size=3).map(tuple),
    owner=_TEXT,
    terms=_TEXT,
    dated=st.dates(),
    place=st.just("Line 1"),
    withdrawn=st.booleans(),
    original=st.sampled_from([b"", b"\n", b'{"a": 1}\n{}', b"\x00\xff{"]),
)


@given(st.lists(ENTRIES, max_size=8), st.text(max_size=20), st.integers(1, 2**20))
@settings(max_examples=examples(60))
def test_entries_come_back_whole(
    tmp_path_factory: pytest.TempPathFactory, entries: list[KnownEntry], frame: str, first: int
) -> None:
    stored = [Stored(first + 3 * n, n, each, "why" if each.withdrawn else "") for n, each in enumerate(entries)]
    segment = Shelf(tmp_path_factory.getbasetemp() / "whole").put(*stored, frame=frame)
    assert (len(segment), segment.frame) == (len(entries), frame)
    for row, (came, went) in enumerate(zip(segment.all(), stored, strict=True)):
        assert dataclasses.replace(came.known, place="Line 1") == went.known
        assert (came.entry, came.version, came.reason) == (went.entry, went.version, went.reason)
        assert came.known.place == f"Entry {went.entry}"
        assert segment.said(row) == said(went.known)
        assert segment.row_of(went.entry) == row
        assert segment.row_of(went.entry + 1) is None
        for name, size in ALGORITHMS.items():
            if name in went.known.digests and name != "pdq":
                assert (0, row) in segment.find(name, [went.known.digests[name]])
                assert segment.find(name, [bytes(size)]) == [] or bytes(size) in [e.digests.get(name) for e in entries]


def test_entries_that_share_a_digest_are_all_found(tmp_path: Path) -> None:
    same = {"md5": bytes(8) + b"\1" * 8}
    alike = {"md5": bytes(8) + b"\2" * 8}  # equal in the first 8 bytes, by which they are sorted
    entries = [dataclasses.replace(known(n), digests=alike if n == 3 else same) for n in range(1, 6)]
    segment = Shelf(tmp_path).put(*(Stored(n, 1, each, "") for n, each in enumerate(entries, 1)))
    assert sorted(row for _, row in segment.find("md5", [same["md5"]])) == [0, 1, 3, 4]
    assert segment.find("md5", [b"z" * 16, alike["md5"]]) == [(1, 2)]
    assert segment.find("sha1", []) == []


def test_keys_are_found_by_their_number(tmp_path: Path) -> None:
    segment = Shelf(tmp_path).put(*(Stored(n, 1, known(n), "") for n in range(1, 50)))
    asked = [key_digest(f"key {n}") for n in (7, 70, 1)]
    assert segment.find_keys(asked) == {0: 6, 2: 0}
    assert segment.find_keys([]) == {}


def test_what_an_entry_says_is_all_but_its_key_and_place() -> None:
    one = known(1, "sha256", "md5")
    assert said(dataclasses.replace(one, key="other", place="Line 9")) == said(one)
    for changed in (
        {"digests": {"sha256": digest("sha256", 2)}},
        {"labels": ()},
        {"owner": "Other"},
        {"terms": "Other"},
        {"dated": DATED.replace(day=1)},
        {"withdrawn": True},
        {"original": b"{}"},
    ):
        assert said(dataclasses.replace(one, **changed)) != said(one), changed  # type: ignore[arg-type]


def test_entries_come_in_ascending_order(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ascending"):
        Shelf(tmp_path).put(Stored(2, 1, known(1), ""), Stored(2, 1, known(2), ""))


def test_equal_entries_give_equal_bytes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    for _ in range(2):
        shelf.put(*(Stored(n, 1, known(n, *ALGORITHMS), "") for n in range(1, 30)))
    assert shelf.paths[0].read_bytes() == shelf.paths[1].read_bytes()


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6), st.integers(0, 10_000))
@settings(max_examples=examples(100))
def test_mutations_give_only_bad_input(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], cut: int
) -> None:
    """Files are authenticated when they are unsealed; yet headers and texts are read with care."""
    shelf = Shelf(tmp_path_factory.getbasetemp() / "mutated")
    shelf.put(*(Stored(n, 1, known(n, *ALGORITHMS), "") for n in range(1, 5)))
    path = shelf.paths[0]
    data = bytearray(path.read_bytes())
    header = 12 + int.from_bytes(data[8:12], "little")
    for at, value in changes:
        data[at % header] = value
    path.write_bytes(data[: len(data) - cut % len(data)] if cut % 3 == 0 else data)
    with contextlib.suppress(BadInput):
        Segment(path)
