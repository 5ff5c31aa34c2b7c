"""What a reviewer of a portable Case sends back: ``marks.json``, signed in the reviewer's browser.

One JSON object: ``format`` ``amparo-marks``, ``v`` 1, ``body`` (a JSON text), ``key`` (base64: ECDSA public key on
P-256, uncompressed point of 65 bytes, SEC 1), ``signature`` (base64: 64 bytes r and s, IEEE P1363, over the UTF-8 bytes
of ``body`` with SHA-256). ``body`` is an object: ``case`` (UUID), ``manifest`` (hex SHA-256 of the package's manifest),
``made`` (ISO time), ``reviewer``, ``marks`` (``item`` number, ``id`` UUID, ``mark``, ``note``). Whose key it is can be
known from elsewhere only. Notes hold no control characters but tabs and line ends, names none, nor what turns text
around: they become notes of the Case. The page leaves such characters out before it signs.
"""

import base64
import dataclasses
import datetime
import hashlib
import json
import unicodedata
import uuid
from collections.abc import Mapping, Set
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from amparo.evidence.errors import BadInput, VerificationFailed

MARKS = frozenset({"relevant", "not-relevant", "question"})
MAX_BYTES, MAX_MARKS, MAX_NOTE, MAX_NAME = 64 * 2**20, 100_000, 2_000, 200
_NOT_IN_NOTES = frozenset({"Cc", "Cs"})  # general categories of The Unicode Standard, section 4.5
_NOT_IN_NAMES = _NOT_IN_NOTES | {"Cf", "Zl", "Zp"}
_LINES, _JOINERS = frozenset("\n\t"), frozenset("\u200c\u200d")  # names of many scripts need the joiners
_AGAIN = "Ask the reviewer to save the marks again from the portable case, and to send the new file."


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """On one Item: its number in the Case, its public id, what it was marked as, and a note, which may be empty."""

    item: int
    id: uuid.UUID
    mark: str
    note: str


@dataclasses.dataclass(frozen=True, slots=True)
class Marks:
    """A file whose signature fits. ``manifest``: 32 bytes. ``key``: hex SHA-256 of the reviewer's key; ``sha256``: hex,
    of the file.
    """

    case: uuid.UUID
    manifest: bytes
    made: datetime.datetime
    reviewer: str
    marks: tuple[Mark, ...]
    key: str
    sha256: str


def read(stream: BinaryIO) -> Marks:
    """Raises BadInput if it is no such file or beyond a limit, VerificationFailed if its signature does not fit."""
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadInput(f"The marks have more than {MAX_BYTES:,} bytes.", _AGAIN)
    whole = _object(data)
    if whole.get("format") != "amparo-marks" or whole.get("v") != 1:
        raise BadInput("This is not a file of marks that this version reads.", _AGAIN)
    body, key, signature = (whole.get(name) for name in ("body", "key", "signature"))
    if not isinstance(body, str):
        raise BadInput("The file of marks lacks its body.", _AGAIN)
    try:
        signed = body.encode()
    except UnicodeEncodeError:
        raise BadInput("The body of the marks is not text.", _AGAIN) from None
    point = _bytes(key, 65)
    _check(point, _bytes(signature, 64), signed)
    stated = _object(signed)
    listed = stated.get("marks")
    if not isinstance(listed, list) or len(listed) > MAX_MARKS:
        raise BadInput(f"The file does not list up to {MAX_MARKS:,} marks.", _AGAIN)
    marks = tuple(map(_mark, listed))
    if len({each.item for each in marks}) < len(marks):
        raise BadInput("An item is marked twice in this file.", _AGAIN)
    return Marks(
        _uuid(stated.get("case")),
        _digest(stated.get("manifest")),
        _time(stated.get("made")),
        _text(stated.get("reviewer"), MAX_NAME, 1, _NOT_IN_NAMES, _JOINERS),
        marks,
        hashlib.sha256(point).hexdigest(),
        hashlib.sha256(data).hexdigest(),
    )


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadInput("The file of marks is damaged.", _AGAIN)
    return found


def _check(point: bytes, signature: bytes, signed: bytes) -> None:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        public.verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        raise VerificationFailed("The marks are not what the reviewer signed.", _AGAIN) from None


def _mark(found: object) -> Mark:
    if not isinstance(found, dict):
        raise BadInput("A mark is damaged.", _AGAIN)
    number, mark = found.get("item"), found.get("mark")
    if type(number) is not int or not 0 < number < 2**63 or not isinstance(mark, str) or mark not in MARKS:
        raise BadInput("A mark names no item, or is of a kind that is not known.", _AGAIN)
    return Mark(number, _uuid(found.get("id")), mark, _text(found.get("note"), MAX_NOTE, 0, _NOT_IN_NOTES, _LINES))


def _text(found: object, longest: int, shortest: int, without: Set[str], but: Set[str]) -> str:
    if not isinstance(found, str) or not shortest <= len(found) <= longest:
        raise BadInput("A text among the marks is missing or too long.", _AGAIN)
    if any(each not in but and unicodedata.category(each) in without for each in found):
        raise BadInput("A text among the marks holds characters that cannot be stored.", _AGAIN)
    return found


def _uuid(found: object) -> uuid.UUID:
    try:
        return uuid.UUID(found if isinstance(found, str) else "")
    except ValueError:
        raise BadInput("An id among the marks is none.", _AGAIN) from None


def _digest(found: object) -> bytes:
    if isinstance(found, str) and len(found) == 64 and all(each in "0123456789abcdef" for each in found):
        return bytes.fromhex(found)
    raise BadInput("The marks name no package.", _AGAIN)


def _bytes(found: object, length: int) -> bytes:
    try:
        data = base64.b64decode(found if isinstance(found, str) else "", validate=True)
    except ValueError:
        data = b""
    if len(data) != length:
        raise VerificationFailed("The marks carry no whole signature.", _AGAIN)
    return data


def _time(found: object) -> datetime.datetime:
    try:
        when = datetime.datetime.fromisoformat(found if isinstance(found, str) else "")
        if when.tzinfo is not None:
            return when
    except ValueError:
        pass
    raise BadInput("The marks do not say when they were saved.", _AGAIN)
