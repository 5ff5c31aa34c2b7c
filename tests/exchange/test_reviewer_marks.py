"""Marks of reviewers: only what their key signed, within limits, and nothing but our errors for anything else."""

import base64
import io
import json
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput, VerificationFailed
from amparo.exchange import reviewer_marks
from amparo.exchange.reviewer_marks import Marks, read

KEY = generate_private_key(SECP256R1())
ITEM = uuid.UUID(int=5)
MARK = {"item": 7, "id": str(ITEM), "mark": "relevant", "note": "see page 2"}
BODY = {
    "case": str(uuid.UUID(int=1)), "manifest": "ab" * 32, "made": "2026-11-23T20:00:00.000Z", "reviewer": "Office 4",
    "marks": [MARK],
}  # fmt: skip


def signed(body: Any, **other: Any) -> bytes:
    """As the page makes it."""
    text = body if isinstance(body, str) else json.dumps(body)
    r, s = decode_dss_signature(KEY.sign(text.encode(), ECDSA(SHA256())))
    point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    whole = {
        "format": "amparo-marks", "v": 1, "body": text, "key": base64.b64encode(point).decode(),
        "signature": base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode(),
    }  # fmt: skip
    return json.dumps(whole | other).encode()


def parsed(data: bytes) -> Marks:
    return read(io.BytesIO(data))


def test_what_was_signed_is_read() -> None:
    found = parsed(signed(BODY))
    assert (found.reviewer, found.manifest, found.case) == ("Office 4", bytes.fromhex("ab" * 32), uuid.UUID(int=1))
    assert [(each.item, each.id, each.mark, each.note) for each in found.marks] == [(7, ITEM, "relevant", "see page 2")]
    assert len(found.key) == 64


def test_another_body_or_signature_is_refused() -> None:
    whole = json.loads(signed(BODY))
    whole["body"] = whole["body"].replace("page 2", "page 3")
    with pytest.raises(VerificationFailed, match="not what the reviewer signed"):
        parsed(json.dumps(whole).encode())
    for field in ("key", "signature"):
        for wrong in (None, "", "!", base64.b64encode(bytes(65)).decode(), base64.b64encode(bytes(64)).decode()):
            with pytest.raises(VerificationFailed):
                parsed(signed(BODY, **{field: wrong}))


@pytest.mark.parametrize(
    "change",
    [
        {"case": "x"}, {"case": None}, {"manifest": "AB" * 32}, {"manifest": 3}, {"made": "today"},
        {"made": "2026-11-23T20:00:00"}, {"reviewer": ""}, {"reviewer": "x" * 201}, {"reviewer": "\0"},
        {"reviewer": "\ud800"}, {"marks": None}, {"marks": [3]}, {"marks": [MARK, MARK]},
        {"marks": [MARK | {"item": 0}]}, {"marks": [MARK | {"item": True}]}, {"marks": [MARK | {"item": 2**63}]},
        {"marks": [MARK | {"mark": "guilty"}]}, {"marks": [MARK | {"mark": []}]}, {"marks": [MARK | {"id": 1}]},
        {"marks": [MARK | {"note": "x" * 2001}]}, {"marks": [MARK | {"note": None}]},
    ],
)  # fmt: skip
def test_a_signed_body_with_a_wrong_field_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        parsed(signed(BODY | change))


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\r", "\x7f", "\x9b", "\ud800"])
def test_what_no_note_may_hold_is_refused_in_notes_and_names(character: str) -> None:
    for change in ({"marks": [MARK | {"note": f"a{character}b"}]}, {"reviewer": f"a{character}b"}):
        with pytest.raises(BadInput, match="cannot be stored"):
            parsed(signed(BODY | change))


@pytest.mark.parametrize("character", ["\n", "\t", "\u2028", "\u202e", "\u2066", "\u200f", "\ufeff"])
def test_what_turns_text_around_is_refused_in_names_and_kept_in_what_is_quoted(character: str) -> None:
    note = f"a{character}b"
    assert parsed(signed(BODY | {"marks": [MARK | {"note": note}]})).marks[0].note == note
    with pytest.raises(BadInput, match="cannot be stored"):
        parsed(signed(BODY | {"reviewer": note}))


def test_names_are_written_in_any_script() -> None:
    for name in ("می\u200cخواهم", "क्\u200dष", "Ñandú Öğüt", "例え"):  # noqa: RUF001
        assert parsed(signed(BODY | {"reviewer": name})).reviewer == name


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, signed(BODY, v=2), signed("[]"), signed("{")]
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        parsed(data)


def test_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewer_marks, "MAX_MARKS", 0)
    with pytest.raises(BadInput, match="up to"):
        parsed(signed(BODY))
    monkeypatch.setattr(reviewer_marks, "MAX_BYTES", 10)
    with pytest.raises(BadInput, match="more than"):
        parsed(signed(BODY))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["case", "marks", "item", "id", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=examples(100))
@given(_JSON, st.dictionaries(st.sampled_from(list(BODY)), _JSON, max_size=5))
def test_foreign_json_raises_nothing_else(whole: Any, change: dict[str, Any]) -> None:
    for data in (json.dumps(whole).encode(), signed(whole), signed(BODY | change)):
        try:
            parsed(data)
        except (BadInput, VerificationFailed):
            continue


@given(st.binary(max_size=200))
def test_foreign_bytes_raise_nothing_else(data: bytes) -> None:
    with pytest.raises(BadInput):
        parsed(data)
