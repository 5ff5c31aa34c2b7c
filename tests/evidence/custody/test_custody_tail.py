"""Reading a log from its end: the same entries as reading it from its beginning."""

import contextlib
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.custody import CustodyLog, Event, SigningKey, read_line, tail
from amparo.evidence.custody.tail import entries_before, last_seal, newest_entries
from amparo.evidence.errors import AmparoError, VerificationFailed

KEY = SigningKey.from_seed(bytes(32))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 entries of uneven length, some longer than what is read at once, and a seal behind every hundred."""
    path = tmp_path_factory.mktemp("log") / "custody.jsonl"
    made = CustodyLog(path, KEY)
    for start in range(0, 2_000, 100):
        facts = [{f"f{x}": "x" * 128 for x in range(600 if n % 333 == 0 else n % 5)} for n in range(start, start + 100)]
        made.seal([Event.new(n, "os:ana", None, "item.seen", each) for n, each in enumerate(facts)])
    return path


@settings(max_examples=examples(50), deadline=None)
@given(before=st.integers(-2, 2_100), most=st.integers(0, 120))
def test_a_page_holds_the_entries_below_its_number(log: Path, before: int, most: int) -> None:
    numbers = [entry.n for entry in entries_before(log, before, most)]
    top = min(2_000, before - 1)
    assert numbers == list(range(top, max(0, top - most), -1))


def test_pages_join_without_gap_or_repeat(log: Path) -> None:
    numbers: list[int] = []
    while page := entries_before(log, numbers[-1] if numbers else None, 70):
        numbers.extend(entry.n for entry in page)
    assert numbers == list(range(2_000, 0, -1)) == [entry.n for entry in newest_entries(log)]


def test_a_page_reads_little_of_a_large_log(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(tail, "read_line", lambda line: (read.append(line), read_line(line))[1])
    assert len(entries_before(log, 1_000, 20)) == 20
    assert len(read) < 500, "2,020 lines"


def test_the_last_seal_is_of_the_last_entry(log: Path) -> None:
    seal = last_seal(log)
    assert seal is not None
    assert seal.n == 2_000


def test_no_log_has_no_entries(tmp_path: Path) -> None:
    assert entries_before(tmp_path / "custody.jsonl", None, 5) == ()
    assert last_seal(tmp_path / "custody.jsonl") is None


def test_a_torn_last_line_is_passed_over(log: Path, tmp_path: Path) -> None:
    path = tmp_path / "custody.jsonl"
    path.write_bytes(log.read_bytes() + b'{"action":"to')
    assert [entry.n for entry in entries_before(path, None, 2)] == [2_000, 1_999]


@settings(max_examples=examples(50), deadline=None)
@given(data=st.binary(max_size=300), before=st.none() | st.integers(0, 9))
def test_foreign_bytes_give_one_kind_of_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, before: int | None
) -> None:
    path = tmp_path_factory.mktemp("any") / "custody.jsonl"
    path.write_bytes(data)
    with contextlib.suppress(AmparoError):
        entries_before(path, before, 5)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "custody.jsonl"
    path.write_bytes(b"x" * 3_000_000 + b"\n")
    with pytest.raises(VerificationFailed, match="1 MiB"):
        entries_before(path, None, 5)
