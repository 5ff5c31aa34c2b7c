"""One byte form per JSON object, and strict reading of it: what chains and commitments rest on."""

import json
import re
import uuid
from collections.abc import Mapping

MAX_LINE = 1 << 20  # bytes, newline included: bounds what a reader of a foreign log has to hold
INT64 = 1 << 63

_FIELD = re.compile(r"[a-z][a-z0-9_]*")
_HEX = re.compile(r"[0-9a-f]*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOT_OURS = "is not JSON as a sealer writes it"


class Malformed(ValueError):
    """A line no sealer writes. The text completes "line 7 ..." and never repeats what the line holds."""


def canonical(row: Mapping[str, object]) -> bytes:
    """JSON with sorted keys, no spaces, ASCII only, without newline."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def load(line: bytes) -> dict[str, object]:
    """A canonical JSON object of version 1, with or without newline; raises Malformed on anything else."""
    line = line.removesuffix(b"\n")
    try:
        row = json.loads(line.decode("ascii"))
        if not isinstance(row, dict) or canonical(row) != line:
            raise Malformed(_NOT_OURS)
        if b"\\ud" in line:  # half a surrogate pair has no UTF-8 form and would fail wherever it is printed
            json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Malformed(_NOT_OURS) from error
    if row.get("v") != 1 or type(row["v"]) is not int:
        raise Malformed("is of a version this program does not know")
    return row


def is_field(value: object) -> bool:
    """Whether this may name a fact or a payload field: lower case, so it holds no NUL and no name of a person."""
    return isinstance(value, str) and bool(_FIELD.fullmatch(value))


def is_hex(value: object, size: int) -> bool:
    """Whether this is lower-case hex of ``size`` bytes."""
    return isinstance(value, str) and len(value) == 2 * size and bool(_HEX.fullmatch(value))


def only(row: Mapping[str, object], *keys: str) -> None:
    """Raises Malformed unless the row has exactly these keys besides ``v``."""
    if row.keys() != {"v", *keys}:
        raise Malformed("has missing or unknown fields")


def an_object(value: object) -> dict[str, object]:
    """The value as an object with text keys, else Malformed; so for the others below."""
    if not isinstance(value, dict):
        raise Malformed("has a field of the wrong type")
    return value


def a_text(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed("has a field of the wrong type")
    return value


def a_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("has a field of the wrong type")
    if not -INT64 <= value < INT64:
        raise Malformed("has a number out of range")
    return value


def some_bytes(value: object, size: int) -> bytes:
    if not is_hex(value, size):
        raise Malformed("has a digest, key, salt or signature of the wrong form")
    return bytes.fromhex(a_text(value))


def an_id(value: object) -> uuid.UUID:
    text = a_text(value)
    if not _UUID.fullmatch(text):
        raise Malformed("has an id that is not a UUID")
    return uuid.UUID(text)
