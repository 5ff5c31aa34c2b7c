"""Sealing and erasing: once each, in order, durable, and after every kind of interruption."""

import json
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from amparo.evidence.custody import CustodyLog, Event, SigningKey, verify
from amparo.evidence.errors import BadInput, StorageFull, VerificationFailed

KEY = SigningKey.from_seed(bytes(32))


def events(count: int) -> list[Event]:
    return [Event.new(n, "os:anna", None, "item.seen", {"n": n}, {"name": f"file {n}"}) for n in range(count)]


def ids(path: Path) -> list[str]:
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [row["id"] for row in rows if row["kind"] == "entry"]


def names(given: Sequence[Event]) -> list[str]:
    return [str(event.id) for event in given]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases" / "a" / "custody.jsonl"


def test_sealing_gives_a_head_that_verifies(path: Path) -> None:
    log, given = CustodyLog(path, KEY), events(5)
    assert log.seal([]) is None
    log.seal(given[:2])
    head = log.seal(given[2:])
    assert head and (head.n, head.key) == (5, KEY.fingerprint)
    result = verify(path, head=head.anchor, key=head.key)
    assert (result.entries, result.seals, result.notes) == (5, 2, ())
    assert ids(path) == names(given)


def test_everything_is_private(path: Path) -> None:
    CustodyLog(path, KEY).seal(events(1))
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    assert modes == dict.fromkeys(["custody.jsonl", "custody.payload.jsonl", "custody.jsonl.lock"], 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_an_event_is_sealed_once_however_late_it_comes_again(path: Path) -> None:
    given = events(300)
    head = CustodyLog(path, KEY).seal([*given, given[0]])
    before = path.read_bytes()
    assert CustodyLog(path, KEY).seal([given[0], given[150], given[299]]) == head
    assert path.read_bytes() == before


def test_two_logs_on_one_file_see_each_other(path: Path) -> None:
    one, two, given = CustodyLog(path, KEY), CustodyLog(path, KEY), events(6)
    one.seal(given[:2])
    two.seal(given[:4])
    one.seal(given)
    assert two.seal(given) == one.seal([])
    assert ids(path) == names(given)


def test_a_log_cut_anywhere_is_taken_up_again(path: Path) -> None:
    given = events(4)
    log = CustodyLog(path, KEY)
    log.seal(given[:2])
    start = path.stat().st_size
    log.seal(given[2:])
    whole = path.read_bytes()
    newlines = [at for at in range(start, len(whole)) if whole[at : at + 1] == b"\n"]
    edges = {at + step for at in newlines for step in (-1, 0, 1)} - {len(whole)}
    for size in sorted({*range(start, len(whole), 29), *edges}):
        path.write_bytes(whole[:size])
        torn = set(path.parent.glob("custody.torn-*"))
        CustodyLog(path, KEY).seal(given)
        result = verify(path, key=KEY.fingerprint)
        assert (result.entries, result.notes) == (4, ())
        assert ids(path) == names(given)
        new = [file for file in path.parent.glob("custody.torn-*") if file not in torn]
        rest = whole[start:size].rpartition(b"\n")[2]
        assert [file.read_bytes() for file in new] == ([rest] if rest else [])


def test_entries_without_a_seal_are_sealed_even_if_nothing_is_new(path: Path) -> None:
    CustodyLog(path, KEY).seal(events(2))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    assert verify(path).notes == ("entries 1 to 2 are not sealed yet: no key vouches for them",)
    head = CustodyLog(path, KEY).seal([])
    assert head and verify(path, head=head.anchor).seals == 1


def test_a_payload_without_its_entry_is_written_again(path: Path) -> None:
    given = events(2)
    log = CustodyLog(path, KEY)
    log.seal(given[:1])
    payload = path.with_name("custody.payload.jsonl")
    with payload.open("ab") as file:  # killed between payload and entry, and once more within the payload
        file.write(given[1].payload_line() + b"\n" + given[1].payload_line()[:20])
    assert "payloads without an entry: 1" in verify(path).notes[0]
    log.seal(given)
    assert verify(path).notes == ()
    assert len(payload.read_bytes().splitlines()) == 3


def test_a_full_disk_is_said_and_sealing_goes_on_later(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = events(3)
    log = CustodyLog(path, KEY)
    log.seal(given[:1])
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", _no_room)
        with pytest.raises(StorageFull):
            log.seal(given)
    log.seal(given)
    assert verify(path).notes == ()
    assert ids(path) == names(given)


def _no_room(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def _shorter(data: bytes) -> bytes:
    return data[:-300]


def _renumbered(data: bytes) -> bytes:
    return data.replace(b'"n":1', b'"n":7')


def _repeated(data: bytes) -> bytes:
    return data + data


def _spaced(data: bytes) -> bytes:
    return data + b"\n"


# A log in use notices what happened to its last line and behind it; one that begins reads the whole chain.
@pytest.mark.parametrize(
    ("in_use", "change"),
    [(True, _shorter), (True, _repeated), (True, _spaced), (False, _renumbered), (False, _repeated), (False, _spaced)],
)
def test_a_changed_log_is_not_extended(path: Path, in_use: bool, change: Callable[[bytes], bytes]) -> None:
    log = CustodyLog(path, KEY)
    log.seal(events(2))
    data = change(path.read_bytes())
    path.write_bytes(data)
    with pytest.raises(VerificationFailed, match=r"(line|Line|entry) \d"):
        (log if in_use else CustodyLog(path, KEY)).seal(events(1))
    assert path.read_bytes() == data


def test_a_log_that_went_away_is_not_begun_anew(path: Path) -> None:
    log = CustodyLog(path, KEY)
    log.seal(events(1))
    path.unlink()
    with pytest.raises(VerificationFailed, match="gone"):
        log.seal(events(1))


def test_a_link_in_place_of_the_log_is_refused(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput):
        CustodyLog(path, KEY).seal(events(1))


def test_one_more_event_costs_the_same_in_a_long_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = CustodyLog(path, KEY)
    log.seal([Event.new(n, "os:anna", None, "item.seen", {"n": n}) for n in range(20_000)])
    monkeypatch.setattr("os.fsync", lambda descriptor: None)  # the disk's own time is not what is measured
    best = 1.0
    for event in events(10):
        start = time.perf_counter()
        log.seal([event])
        best = min(best, time.perf_counter() - start)
    assert best < 0.005
