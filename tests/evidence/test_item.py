"""Locators go to bytes and back, and to nothing else; public ids are computed from them."""

import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.evidence.item import Entry, Locator, Step, item_id

STEPS = st.builds(
    Step, st.sampled_from(["folder", "zip", "7z"]), st.binary(max_size=40), st.none() | st.integers(0, 2**40)
)
LOCATORS = st.lists(STEPS, min_size=1, max_size=5).map(lambda steps: Locator(tuple(steps)))


@given(LOCATORS)
def test_encoding_is_reversible(locator: Locator) -> None:
    assert Locator.decode(locator.encode()) == locator


@given(LOCATORS, LOCATORS)
def test_equal_bytes_mean_equal_places(one: Locator, other: Locator) -> None:
    assert (one.encode() == other.encode()) == (one == other)


@given(st.binary(max_size=60) | LOCATORS.flatmap(lambda one: st.binary(max_size=5).map(one.encode().__add__)))
def test_other_bytes_are_refused(data: bytes) -> None:
    try:
        locator = Locator.decode(data)
    except BadInput:
        return
    assert locator.encode() == data


@pytest.mark.parametrize("data", [b"zip\0\x00-1:ab", b"zip\x001_0\x001:a", b"zip\0\x00 1:a", b"zip\0\x009:short", b"x"])
def test_what_int_would_forgive_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        Locator.decode(data)


def test_path_and_depth() -> None:
    outer = Locator((Step("folder", b"a/b.zip"),))
    inner = outer.child(Step("zip", b"c\xff.txt", 3))
    assert (outer.depth, inner.depth) == (0, 1)
    assert inner.path == b"a/b.zip!/c\xff.txt"
    assert outer.child(Step("zip", b"c\xff.txt", 4)) != inner


def test_item_id_is_uuid_v8_of_sha256() -> None:
    source = uuid.UUID(int=7)
    made = item_id(source, b"place")
    digest = hashlib.sha256(source.bytes + b"place").digest()
    assert (made.version, made.variant) == (8, uuid.RFC_4122)
    assert made.bytes[:6] == digest[:6]
    assert made.bytes[9:] == digest[9:16]
    assert made != item_id(uuid.UUID(int=8), b"place")


def test_entries_that_are_no_files_have_types() -> None:
    assert {entry for entry in Entry if entry.media_type is None} == {Entry.FILE, Entry.HARDLINK, Entry.UNKNOWN}
