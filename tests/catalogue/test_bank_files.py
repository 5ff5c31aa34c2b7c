"""Files of Banks: sealed at rest, plain in memory once per boot, changed by one process at a time."""

import stat
from pathlib import Path
from typing import BinaryIO

import pytest
from catalogue.bank_store import Store
from media.segments import digest, known

from amparo.catalogue.bank_files import near_name
from amparo.evidence.errors import BadInput, NotAuthorised, VerificationFailed
from amparo.media.bank_segment import Segment, SegmentBuilder, Stored
from amparo.media.near_index import NearIndex


def segment(*algorithms: str, seed: int = 1) -> SegmentBuilder:
    builder = SegmentBuilder()
    builder.add(Stored(1, 1, known(seed, *algorithms), ""))
    return builder


def sealed(store: Store, name: str) -> Path:
    return store.home / "banks" / f"{name}.sealed"


def test_a_file_is_sealed_and_opens_after_each_boot(store: Store) -> None:
    name = store.files.add(segment().write)
    plain = store.files.path(name).read_bytes()
    assert stat.S_IMODE(sealed(store, name).stat().st_mode) == 0o600
    assert stat.S_IMODE((store.home / "banks").stat().st_mode) == 0o700
    assert digest("sha256", 1) in plain
    assert digest("sha256", 1)[:8] not in sealed(store, name).read_bytes()
    before = sealed(store, name).stat()
    store.boot()
    assert not (store.memory.path / name).exists()
    assert store.files.path(name).read_bytes() == plain
    assert (store.memory.path / name).exists()
    assert store.files.add(segment().write) == name, "equal segments are one file"
    assert (sealed(store, name).stat().st_ino, sealed(store, name).stat().st_mtime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
    ), "and what is sealed is never written again"


def test_the_key_is_asked_only_where_a_sealed_file_is_opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    name = store.files.add(segment().write)

    def locked() -> bytes:
        raise NotAuthorised("The Bank key is locked.", "Unlock it.")

    monkeypatch.setattr(store.files, "_key", locked)
    assert store.files.path(name).is_file()
    with pytest.raises(NotAuthorised):
        store.files.add(segment(seed=2).write)
    assert store.sealed() == {name}
    store.boot()
    monkeypatch.setattr(store.files, "_key", locked)
    with pytest.raises(NotAuthorised):
        store.files.path(name)
    assert store.plain() == set()


def test_the_near_index_is_made_in_memory_only(store: Store) -> None:
    name = store.files.add(segment("sha256", "pdq").write)
    near = store.files.near(name)
    assert near is not None
    assert near == store.memory.path / near_name(name)
    found = NearIndex(near).search([digest("pdq", 1)], 31)
    assert found.distance.tolist() == [0]
    assert store.sealed() == {name}
    inode = near.stat().st_ino
    assert store.files.near(name) == near
    assert near.stat().st_ino == inode, "once per boot"
    assert store.files.near(store.files.add(segment("md5").write)) is None


@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (lambda path: path.unlink(), BadInput, "missing"),
        (lambda path: path.write_bytes(b""), BadInput, "not a sealed file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), VerificationFailed, "cut off"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), VerificationFailed, "behind its end"),
        (lambda path: path.write_bytes(_flipped(path.read_bytes(), 20)), VerificationFailed, "was changed"),
        (lambda path: path.write_bytes(_flipped(path.read_bytes(), -20)), VerificationFailed, "was changed"),
    ],
    ids=["missing", "empty", "short", "long", "header", "bytes"],
)
def test_a_damaged_file_is_named_and_leaves_nothing(damage: object, error: type, says: str, store: Store) -> None:
    name = store.files.add(segment().write)
    store.boot()
    damage(sealed(store, name))  # type: ignore[operator]
    for _ in range(2):
        with pytest.raises(error, match=says):
            store.files.path(name)
        assert store.plain() == set()


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def test_another_key_and_another_file_are_refused(store: Store) -> None:
    one, two = (store.files.add(segment(seed=seed).write) for seed in (1, 2))
    store.boot()
    store.key = bytes(32)
    with pytest.raises(BadInput, match="sealed under key"):
        store.files.path(one)
    store.boot()
    store.key = bytes(range(32))
    sealed(store, one).write_bytes(sealed(store, two).read_bytes())
    with pytest.raises(VerificationFailed, match="not the one its name says"):
        store.files.path(one)
    assert store.plain() == set()


def test_a_write_that_fails_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(source: BinaryIO, target: BinaryIO, key: bytes) -> None:
        target.write(b"half")
        raise OSError("no")

    monkeypatch.setattr("amparo.catalogue.bank_files.seal", broken)
    with pytest.raises(OSError, match="no"):
        store.files.add(segment().write)
    assert list((store.home / "banks").iterdir()) == []


def test_what_no_bank_names_is_swept(store: Store) -> None:
    one, two = (store.files.add(segment("pdq", seed=seed).write) for seed in (1, 2))
    store.files.near(one)
    store.files.near(two)
    (store.home / "banks" / ".writing-left").write_bytes(b"half")
    with store.files.changing():
        store.files.keep_only({one})
    assert store.sealed() == {one}
    assert store.plain() == {one, near_name(one)}
    assert not (store.home / "banks" / ".writing-left").exists()


def test_plain_copies_stay_while_anyone_uses_them(store: Store) -> None:
    one = store.files.add(segment().write)
    with store.files.in_use(), store.files.in_use():
        with store.files.changing():
            store.files.keep_only(set())
        assert (store.sealed(), store.plain()) == (set(), {one})
        assert len(Segment(store.files.path(one))) == 1, "a worker may open it late"
    with store.files.changing():
        store.files.keep_only(set())
    assert store.plain() == set()
