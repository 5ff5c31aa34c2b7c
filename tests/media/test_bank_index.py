"""The index file: what goes in is found, what is not there is not, and nothing but a whole index opens."""

import hashlib
import io
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.media.bank_index import ALGORITHMS, BankIndex, IndexedBank, Record, write
from amparo.media.bank_match import lookup

BANKS = (IndexedBank(uuid.UUID(int=1), "Test bank", 3), IndexedBank(uuid.UUID(int=2), "Otro «banco»", 1))


def record(
    seed: object, algorithm: str = "sha256", bank: int = 0, entry: int = 1, labels: tuple[str, ...] = ()
) -> Record:
    digest = hashlib.shake_128(repr(seed).encode()).digest(ALGORITHMS[algorithm])
    return Record(digest, bank, entry, labels, "Owner")


def index(*records: Record) -> bytes:
    by = {name: sorted((r for r in records if len(r.digest) == n), key=lambda r: (r.digest, r.bank))
          for name, n in ALGORITHMS.items()}  # fmt: skip
    stream = io.BytesIO()
    write(stream, BANKS, by)
    return stream.getvalue()


def opened(path: Path, data: bytes) -> BankIndex:
    path.write_bytes(data)
    return BankIndex(path)


def test_what_goes_in_is_found(tmp_path: Path) -> None:
    records = [record(n, name, n % 2, n, (f"label-{n % 3}",)) for n in range(50) for name in ALGORITHMS]
    with_index = opened(tmp_path / "i", index(*records))
    for each in records:
        name = {v: k for k, v in ALGORITHMS.items()}[len(each.digest)]
        (hit,) = with_index.find(name, each.digest)
        assert (hit.bank, hit.entry, hit.labels, hit.owner) == (BANKS[each.bank], each.entry, each.labels, "Owner")
        assert hit.collision_prone is (name != "sha256")
    assert not list(with_index.find("sha256", bytes(32)))
    assert not list(with_index.find("md5", b"\xff" * 16))
    assert with_index.banks == BANKS


def test_an_empty_index_opens(tmp_path: Path) -> None:
    empty = opened(tmp_path / "i", index())
    assert lookup(empty, {name: bytes(n) for name, n in ALGORITHMS.items()}) == ()


def test_equal_entries_give_equal_bytes() -> None:
    records = [record(n) for n in range(20)]
    assert index(*records) == index(*reversed(records))


def test_unsorted_records_are_refused() -> None:
    first, second = sorted((record(1), record(2)), key=lambda r: r.digest)
    with pytest.raises(ValueError, match="sorted"):
        write(io.BytesIO(), BANKS, {"sha256": [second, first]})


def test_one_hit_per_bank_by_the_strongest_digest(tmp_path: Path) -> None:
    strong, weak = record("a"), record("a", "md5", entry=2)
    other = record("a", "sha1", bank=1, entry=3)
    found = lookup(
        opened(tmp_path / "i", index(strong, weak, other)),
        {"md5": weak.digest, "sha1": other.digest, "sha256": strong.digest},
    )
    assert [(hit.bank.name, hit.entry, hit.algorithm) for hit in found] == [
        ("Test bank", 1, "sha256"),
        ("Otro «banco»", 3, "sha1"),
    ]


def test_the_digest_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "i"
    path.write_bytes(index(record(1)))
    BankIndex(path, hashlib.sha256(path.read_bytes()).hexdigest()).close()
    with pytest.raises(BadInput, match="digest differs"):
        BankIndex(path, "0" * 64)
    with pytest.raises(BadInput, match="cannot be opened"):
        BankIndex(tmp_path / "missing")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: b"", "cannot be opened"),
        (lambda data: data[:20], "too short"),
        (lambda data: b"X" + data[1:], "another kind"),
        (lambda data: data[:8] + b"\0\0\0\2" + data[12:], "another kind"),
        (lambda data: data[:-1], "sizes do not agree"),
        (lambda data: data + b"\0", "sizes do not agree"),
        (lambda data: data[:12] + b"\xff" * 8 + data[20:], "sizes do not agree"),
        (lambda data: data.replace(b'"version"', b'"vers\xffon"'), "text cannot be read"),
        (lambda data: data.replace(b'"version":3', b'"version":""'[:11]), "text cannot be read"),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: object, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        opened(tmp_path / "i", damage(index(record(1))))  # type: ignore[operator]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6), st.integers(0, 400))
def test_mutations_give_only_bad_input(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(index(record(1), record(2, labels=("a",)), record(3, "md5", 1)))
    for at, value in changes:
        data[at % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "mutated"
    path.write_bytes(data[: len(data) - cut] if cut % 3 == 0 else data)
    try:
        found = BankIndex(path)
        lookup(found, {"sha256": record(1).digest, "md5": record(3, "md5").digest})
        lookup(found, {"sha256": record(2).digest})
    except BadInput:
        pass


def test_a_million_entries_open_at_once(tmp_path: Path) -> None:
    count, path = 1_000_000, tmp_path / "i"
    raw = os.urandom(32 * count)
    digests = sorted(raw[at : at + 32] for at in range(0, len(raw), 32))

    def records() -> Iterator[Record]:
        return (Record(digest, 0, n, ("test",), "Owner") for n, digest in enumerate(digests))

    begun = time.perf_counter()
    with path.open("wb") as stream:
        write(stream, BANKS, {"sha256": records()})
    written = time.perf_counter() - begun
    opening = []
    for _ in range(5):
        begun = time.perf_counter()
        found = BankIndex(path)
        opening.append(time.perf_counter() - begun)
    asked = digests[:: count // 20_000]
    begun = time.perf_counter()
    assert all(next(found.find("sha256", digest)).labels == ("test",) for digest in asked)
    hits = (time.perf_counter() - begun) / len(asked)
    begun = time.perf_counter()
    assert not any(list(found.find("sha256", digest[::-1])) for digest in asked)
    misses = (time.perf_counter() - begun) / len(asked)
    begun = time.perf_counter()
    BankIndex(path, hashlib.sha256(path.read_bytes()).hexdigest())
    checked = time.perf_counter() - begun
    print(
        f"\n1 M entries, {path.stat().st_size} bytes: written {written:.2f} s, opened {min(opening) * 1e3:.2f} ms "
        f"(worst {max(opening) * 1e3:.2f}), digest twice {checked * 1e3:.0f} ms, hit {hits * 1e6:.1f} us, "
        f"miss {misses * 1e6:.1f} us"
    )
    assert min(opening) < 0.050
