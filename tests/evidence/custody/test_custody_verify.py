"""Verification of damaged and foreign logs."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.custody import Anchor, CustodyLog, Event, SigningKey, Verification, verify
from amparo.evidence.errors import BadInput, VerificationFailed

GOLDEN = Path(__file__).parents[2] / "golden" / "custody"
LOG = (GOLDEN / "good-payload-erased" / "custody.jsonl").read_bytes()
PAYLOAD = (GOLDEN / "good-payload-erased" / "custody.payload.jsonl").read_bytes()
KEY = SigningKey.from_seed(bytes(range(32)))
HEAD = Anchor(7, json.loads(LOG.splitlines()[-1])["head"])
SECOND = 1_000_000_000


def check(log: bytes, payload: bytes | None = None, head: Anchor | None = None, key: str | None = None) -> Verification:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "custody.jsonl"
        path.write_bytes(log)
        if payload is not None:
            path.with_name("custody.payload.jsonl").write_bytes(payload)
        return verify(path, head=head, key=key)


@settings(deadline=None, max_examples=examples(400))
@given(st.integers(0, len(LOG) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found_when_anchored_by_head(position: int, change: int) -> None:
    log = bytearray(LOG)
    log[position] ^= change
    with pytest.raises(VerificationFailed):
        check(bytes(log), PAYLOAD, HEAD)


@settings(deadline=None, max_examples=examples(200))
@given(st.integers(0, len(PAYLOAD) - 2), st.integers(1, 255))
def test_any_changed_byte_of_a_payload_is_found(position: int, change: int) -> None:
    payload = bytearray(PAYLOAD)
    payload[position] ^= change
    with pytest.raises(VerificationFailed):
        check(LOG, bytes(payload), HEAD)


@settings(deadline=None, max_examples=examples(200))
@given(st.integers(0, len(LOG)), st.integers(0, len(LOG)))
def test_any_removed_range_is_found_when_anchored_by_head(start: int, end: int) -> None:
    changed = LOG[:start] + LOG[max(start, end) :]
    try:
        result = check(changed, PAYLOAD, HEAD)
    except VerificationFailed:
        return
    # What may go unseen is one signature among many: every entry is there and the head is sealed.
    assert result.entries == 7
    assert [line for line in changed.splitlines() if b'"entry"' in line] == [
        line for line in LOG.splitlines() if b'"entry"' in line
    ]


lines = st.sampled_from([*LOG.splitlines(), *PAYLOAD.splitlines(), b"{}", b"null", b"[1]", b'{"v":1}', b""])
foreign = st.binary(max_size=300) | st.lists(lines | st.binary(max_size=50), max_size=8).map(b"\n".join)


@settings(deadline=None, max_examples=examples(300))
@given(foreign, foreign)
def test_foreign_bytes_give_a_result_or_a_failure(log: bytes, payload: bytes) -> None:
    for text in (log, log + b"\n"):
        try:
            assert check(text, payload).sentence().startswith("consistent")
        except VerificationFailed as error:
            assert error.message.isprintable()
            assert error.hint


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"v":' + b"9" * 5000 + b"}",
        b'{"v":NaN}',
        b"\xff\xfe",
        b'{"v":1,"v":1}',
        b'{"kind":"seal","v":true}',
        b'{"kind":"\\ud800","v":1}',
        LOG.splitlines()[0].replace(b'"n":1', b'"n":1.0'),
        LOG.splitlines()[0].replace(b'"n":1', b'"n":true'),
        LOG.splitlines()[0].replace(b":", b": ", 1),
    ],
)
def test_odd_json_is_a_failure_naming_the_line(line: bytes) -> None:
    with pytest.raises(VerificationFailed, match=r"^Line 1, after entry 0, "):
        check(line + b"\n")
    with pytest.raises(VerificationFailed, match=r"^Line 1 of the payload file "):
        check(LOG, line + b"\n")


def test_a_line_over_1_mib_is_a_failure() -> None:
    with pytest.raises(VerificationFailed, match="Line 1 of the custody log is longer"):
        check(b"x" * ((1 << 20) + 1))
    with pytest.raises(VerificationFailed, match="Line 5 of the payload file is longer"):
        check(LOG, PAYLOAD + b"x" * ((1 << 20) + 1))


def test_a_lost_final_newline_with_a_head_given_is_a_missing_seal() -> None:
    assert check(LOG[:-1], PAYLOAD).notes[1] == "entries 7 to 7 are not sealed yet: no key vouches for them"
    with pytest.raises(VerificationFailed, match="Entry 7: the given head was sealed, but its seal is gone"):
        check(LOG[:-1], PAYLOAD, HEAD)


def test_a_log_without_its_payload_file_is_checked_as_far_as_it_goes() -> None:
    assert check(LOG).notes == ("there is no payload file: the payloads of 4 entries were not checked",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"Exercise A", b"Exercise B", "Entry 1: its payload is not what the entry commits to"),
        (b"1767226020000000000", b"1767226020000000001", "Entry 2: its payload was removed, and no entry records that"),
        (b'under":"retention', b'under":"another', "Entry 2: its payload was removed, and no entry records that"),
        (PAYLOAD.splitlines(keepends=True)[2], b"", "Entry 5: its payload is missing"),
    ],
)
def test_a_changed_payload_file_is_found(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(VerificationFailed, match=message):
        check(LOG, PAYLOAD.replace(old, new))


def test_several_keys_are_noted_and_fail_against_one(tmp_path: Path) -> None:
    path, other = tmp_path / "custody.jsonl", SigningKey.from_seed(bytes(32))
    CustodyLog(path, KEY).seal([Event.new(1, "os:anna", None, "a.b")])
    CustodyLog(path, other).seal([Event.new(2, "os:anna", None, "a.b")])
    result = verify(path)
    assert result.keys == (KEY.fingerprint, other.fingerprint)
    assert "several keys" in result.notes[0]
    with pytest.raises(VerificationFailed, match=r"^Entry 2: the seal on line 4 is by another key"):
        verify(path, key=KEY.fingerprint)


def test_a_clock_that_stepped_back_is_noted_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "custody.jsonl"
    times = [n * SECOND for n in (10, 10, 7)] + [n * SECOND for n in range(0, -20, -2)]
    CustodyLog(path, KEY).seal([Event.new(at, "os:anna", None, "a.b") for at in times])
    notes = verify(path).notes
    assert notes[0] == "clock stepped back at entry 3 by 3.000 s"
    assert notes[-1] == "the clock stepped back 1 more times"
    assert len(notes) == 11


def test_an_empty_log_is_consistent_but_has_no_seal(tmp_path: Path) -> None:
    assert check(b"").head is None
    with pytest.raises(VerificationFailed, match="no seal"):
        check(b"", key=KEY.fingerprint)
    with pytest.raises(VerificationFailed, match="Entry 1 is missing"):
        check(b"", head=HEAD)


def test_what_is_no_log_file_is_bad_input(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "custody.jsonl")
    for path in (tmp_path, tmp_path / "custody.jsonl", tmp_path / "none.jsonl"):
        with pytest.raises(BadInput):
            verify(path)
    with pytest.raises(BadInput, match="fingerprint"):
        verify(tmp_path, key="abc")
