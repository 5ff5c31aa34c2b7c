"""Erasing a payload: recorded first, gone from the file, the chain still verifiable."""

import stat
import uuid
from pathlib import Path

import pytest

from amparo.evidence.custody import CustodyLog, Event, SigningKey, verify
from amparo.evidence.errors import BadInput

KEY = SigningKey.from_seed(bytes(32))


def events(count: int) -> list[Event]:
    return [Event.new(n, "os:anna", None, "item.seen", {"n": n}, {"name": f"file {n}"}) for n in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "custody.jsonl"


def test_erasing_leaves_the_chain_verifiable(path: Path) -> None:
    log, given = CustodyLog(path, KEY), events(3)
    log.seal(given)
    erasure = Event.erasure(given[1].id, 9, "os:anna", None, "order 12")
    with pytest.raises(BadInput, match="not in the custody log yet"):
        log.erase(erasure)
    head = log.seal([erasure])
    assert verify(path).notes == ("payload of entry 2 is recorded as erased, but still there: erase it",)
    assert log.erase(erasure)
    assert not log.erase(erasure)
    payload = path.with_name("custody.payload.jsonl")
    assert b"file 1" not in payload.read_bytes()
    assert b"file 0" in payload.read_bytes()
    assert stat.S_IMODE(payload.stat().st_mode) == 0o600
    assert head
    result = verify(path, head=head.anchor, key=KEY.fingerprint)
    assert [(erased.id, erased.under, erased.by) for erased in result.erased] == [(given[1].id, "order 12", erasure.id)]
    assert not list(path.parent.glob("*.new"))


def test_erasing_what_is_not_there_is_bad_input(path: Path) -> None:
    log = CustodyLog(path, KEY)
    erasure = Event.erasure(uuid.uuid4(), 9, "os:anna", None, "order 12")
    log.seal([erasure])
    with pytest.raises(BadInput, match="no payload"):
        log.erase(erasure)
    with pytest.raises(BadInput, match="records no erasure"):
        log.erase(events(1)[0])


def test_many_are_erased_at_once_and_those_erased_before_are_not_counted(path: Path) -> None:
    log, given = CustodyLog(path, KEY), events(5)
    log.seal(given)
    erasures = [Event.erasure(event.id, 9, "os:anna", None, "order 12") for event in given[:3]]
    log.seal(erasures)
    assert log.erase_all(erasures[:1]) == 1
    assert log.erase_all(erasures) == 2
    assert log.erase_all([]) == 0
    payload = path.with_name("custody.payload.jsonl").read_bytes()
    assert [b"file %d" % n in payload for n in range(5)] == [False, False, False, True, True]
    assert len(verify(path).erased) == 3
