"""Events, entries and their canonical bytes."""

import hashlib
import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.custody import Anchor, CustodyEntry, Event, Malformed, commitment, read_line
from amparo.evidence.errors import BadInput

EVENT = Event.new(5, "os:anna", None, "source.opened", {"items": 3, "ok": True}, {"path": "/a b/ç", "title": "x"})


def test_an_event_survives_its_outbox_row() -> None:
    assert Event.from_json(json.loads(json.dumps(EVENT.as_json()))) == EVENT


def test_salts_stay_with_the_event_and_differ_between_events() -> None:
    again = Event.new(5, "os:anna", None, "source.opened", {}, {"title": "x"})
    first = Event.from_json(EVENT.as_json()).entry(1, "0" * 64).commitments
    assert first == EVENT.entry(9, "1" * 64).commitments
    assert again.entry(1, "0" * 64).commitments["title"] != first["title"]


def test_the_commitment_is_the_documented_digest() -> None:
    assert commitment(b"s" * 16, "path", "é") == hashlib.sha256(b"s" * 16 + b"\0path\0" + "é".encode()).hexdigest()


def test_an_entry_line_is_canonical_and_reads_back() -> None:
    entry = EVENT.entry(1, "0" * 64)
    line = entry.line()
    row = json.loads(line)
    assert line == json.dumps(row, sort_keys=True, separators=(",", ":")).encode("ascii")
    assert set(row) == {
        *("v", "kind", "n", "id", "at", "actor", "authority", "action", "facts", "commitments", "prev"),
    }
    assert b"/a b" not in line
    assert read_line(line + b"\n") == entry


@pytest.mark.parametrize(
    "wrong",
    [
        {"facts": {"where": "/media/disk"}},
        {"facts": {"name": "two words"}},
        {"facts": {"Upper": 1}},
        {"facts": {"list": [1]}},
        {"facts": {"part": 0.5}},
        {"facts": {"many": 1 << 63}},
        {"action": "opened"},
        {"actor": ""},
        {"actor": "os:\x1b[0m"},
        {"at": 1 << 63},
        {"payload": {"na me": "x"}},
        {"payload": {"name": "\udcff"}},
        {"payload": {"name": "x" * (1 << 20)}},
    ],
)
def test_what_could_not_be_sealed_is_refused_at_once(wrong: dict[str, object]) -> None:
    fields: dict[str, object] = {"at": 1, "actor": "os:anna", "authority": None, "action": "a.b"}
    with pytest.raises(BadInput):
        Event.new(**(fields | wrong))  # type: ignore[arg-type]


def test_salts_must_fit_the_payload() -> None:
    with pytest.raises(BadInput, match="salts"):
        Event(uuid.uuid4(), 1, "os:anna", None, "a.b", {}, {"name": "x"}, {})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None)
@given(st.sampled_from(sorted(EVENT.as_json())), json_values)
def test_a_damaged_outbox_row_is_bad_input_or_an_event(key: str, value: object) -> None:
    try:
        event = Event.from_json(EVENT.as_json() | {key: value})
    except BadInput:
        return
    assert Event.from_json(event.as_json()) == event


@settings(deadline=None)
@given(st.sampled_from(["v", *sorted(json.loads(EVENT.entry(1, "0" * 64).line()))]), json_values)
def test_a_damaged_entry_is_malformed_or_an_entry(key: str, value: object) -> None:
    row = json.loads(EVENT.entry(1, "0" * 64).line()) | {key: value}
    line = json.dumps(row, sort_keys=True, separators=(",", ":")).encode()
    try:
        record = read_line(line)
    except Malformed:
        return
    assert isinstance(record, CustodyEntry)
    assert record.line() == line


@pytest.mark.parametrize("text", ["", "6", "0:" + "a" * 64, "x:" + "a" * 64, "6:" + "g" * 64, "6:" + "a" * 63])
def test_a_wrong_anchor_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        Anchor.parse(text)


def test_an_anchor_reads_what_it_prints() -> None:
    assert Anchor.parse(f" {Anchor(6, 'ab' * 32)}\n".upper()) == Anchor(6, "ab" * 32)
