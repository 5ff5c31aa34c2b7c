"""Entries of NCMEC's Hash Sharing API, version 2, as KnownEntry.

Form as read by threatexchange 1.2.17 (``clients/ncmec/hash_api.py``), after NCMEC's own documentation, which only
members of the exchange are given.
"""

import base64
import dataclasses
import datetime
import json
import re
from collections.abc import Iterable, Mapping

from amparo.exchange.known import ALGORITHMS, OPAQUE, ORIGINAL, OWNER, KnownEntry, wrong

_PERCEPTUAL = ("pdq", OPAQUE)
_OPAQUE_HEX = 288  # characters of a PhotoDNA in hex; of that length base64 would be no PhotoDNA
_OPAQUE_MOST = 4_096  # bytes
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T")
CURSOR = re.compile(r"/[\x21-\x7e]{1,4096}")  # begins the path, so that it cannot name another machine
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclasses.dataclass(frozen=True, slots=True)
class NcmecRecord:
    """One entry as it came. ``fingerprints`` by element name; ``links`` are those that must be asked for one by one.

    ``kind`` is image or video. ``page`` is the day of its page, for a record without a time.
    ``feedback``: type of fingerprint, upvote or downvote, member, reason.
    """

    member: int
    member_name: str
    id: str
    kind: str
    deleted: bool
    classification: str
    timestamp: str
    fingerprints: Mapping[str, str]
    page: datetime.date
    links: Mapping[str, str] = dataclasses.field(default_factory=dict)
    feedback: tuple[tuple[str, str, int, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class NcmecPosition:
    """What was fetched: all before ``since``, and of the range from there to ``until`` what comes before ``cursor``.

    In seconds since 1970. ``asked``: when the cursor was given. Without a cursor the range is not begun.
    """

    since: int
    until: int = 0
    cursor: str = ""
    asked: int = 0


def ncmec_entry(record: NcmecRecord, terms: str) -> KnownEntry:
    """The entry; withdrawn where nothing that can be compared or carried is left. Raises BadInput.

    ``original`` is a JSON object with all that came; empty in the unlikely case that it is longer than ORIGINAL.
    """
    key = f"{record.member}-{record.id.strip()}"
    if not record.id.strip():
        raise wrong(f"An entry of member {record.member}", "it has no id")
    digests = {} if record.deleted else _digests(record)
    whole = {name: value for name, value in dataclasses.asdict(record).items() if name != "page"}
    original = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
    name = record.member_name.strip()
    return KnownEntry(
        key=key,
        digests=digests,
        labels=labels("ncmec", (record.classification,)),
        owner=name if len(name) <= OWNER and _PRINTABLE.fullmatch(name) else f"NCMEC member {record.member}",
        terms=terms,
        dated=_day(record.timestamp) or record.page,
        place=f"Entry {key[:80]!a}",
        withdrawn=not digests,
        original=original if len(original) <= ORIGINAL else b"",
    )


def labels(prefix: str, codes: Iterable[str]) -> tuple[str, ...]:
    """Neutral tokens ``prefix-code``; a code without a letter or digit, or too long for a label, gives none."""
    tokens = (re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-") for code in codes)
    return tuple(sorted({f"{prefix}-{token}" for token in tokens if token and len(prefix) + len(token) < 64}))


def hex_digest(algorithm: str, text: str) -> bytes | None:
    """The bytes of a digest in hex, or None where the text is no digest of that algorithm."""
    text = text.strip()
    fits = len(text) == 2 * ALGORITHMS[algorithm] and re.fullmatch(r"[0-9a-fA-F]+", text)
    return bytes.fromhex(text) if fits else None


def _digests(record: NcmecRecord) -> dict[str, bytes]:
    """What of the fingerprints is in our list. Of a video only what is of its bytes."""
    found: dict[str, bytes] = {}
    for name, text in record.fingerprints.items():
        algorithm = OPAQUE if name.lower() == "pdna" else name.lower()
        if algorithm in _PERCEPTUAL and record.kind != "image":
            continue
        digest = None
        if algorithm == OPAQUE:
            digest = _opaque(text.strip())
        elif algorithm in ALGORITHMS:
            digest = hex_digest(algorithm, text)
        if digest:
            found[algorithm] = digest
    return found


def _opaque(text: str) -> bytes | None:
    """A PhotoDNA in hex or base64; None for other spellings, which are never compared anyway."""
    try:
        digest = bytes.fromhex(text) if len(text) == _OPAQUE_HEX else base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return digest if 0 < len(digest) <= _OPAQUE_MOST else None


def _day(timestamp: str) -> datetime.date | None:
    found = _DAY.match(timestamp.strip())
    try:
        return datetime.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
