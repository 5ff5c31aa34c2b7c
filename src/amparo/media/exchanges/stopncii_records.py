"""Records of the StopNCII.org hash API, version 1, as KnownEntry (form as read by threatexchange 1.2.17)."""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Mapping, Set

from amparo.exchange.known import ORIGINAL, KnownEntry
from amparo.media.exchanges.guarded_http import nonsense
from amparo.media.exchanges.ncmec_records import hex_digest, labels

OWNER = "StopNCII.org"
RECORDS = 100_000  # most of one page
UNKNOWN = "Unknown"
_ALGORITHMS = {"ImagePDQ": "pdq", "VideoMD5": "md5"}
_GONE = ("Withdrawn", "Deleted")


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """The words that the client of threatexchange knows for each field."""

    signal_types: Set[str]
    statuses: Set[str]
    feedback: Set[str]


@dataclasses.dataclass(frozen=True, slots=True)
class StopNciiRecord:
    """One record as it came. ``modified`` in seconds since 1970; ``original`` is its JSON."""

    kind: str
    value: str
    status: str
    feedback: tuple[str, ...]
    modified: int
    original: bytes


def stopncii_entry(record: StopNciiRecord, terms: str) -> KnownEntry:
    """The entry; withdrawn where the person took it back, or its kind cannot be compared. Raises BadInput.

    Texts and addresses that people reported are not kept: the key has their
    SHA-256. Of a withdrawn record nothing but the key and the day is kept.
    """
    kind, value, original = record.kind, record.value, record.original
    algorithm = _ALGORITHMS.get(kind)
    digest = hex_digest(algorithm, value) if algorithm else None
    named = digest.hex() if digest else hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    withdrawn = digest is None or record.status in _GONE
    usable = {algorithm: digest} if algorithm and digest and not withdrawn else {}
    codes = (record.status, *(f"csp {each}" for each in record.feedback))
    return KnownEntry(
        key=f"{kind}:{named}",
        digests=usable,
        labels=() if withdrawn else labels("stopncii", codes),
        owner=OWNER,
        terms=terms,
        dated=datetime.datetime.fromtimestamp(record.modified, datetime.UTC).date(),
        place=f"Record {kind[:40]!a}:{named}",
        withdrawn=withdrawn,
        original=b"" if withdrawn or len(original) > ORIGINAL else original,
    )


def prepared(host: str, page: object, words: Words, latest: int) -> tuple[dict[str, object], list[bytes]]:
    """A page as the client can read it, and each record's JSON as it came; raises BadInput.

    The client drops a record with a word it does not know, such as a new kind of feedback: such a word becomes
    Unknown. ``latest`` is the last time, in seconds since 1970, that a record may state.
    """
    if not isinstance(page, dict):
        raise nonsense(host, "it is not a JSON object")
    records = page.get("hashRecords")
    if not isinstance(records, list) or len(records) > RECORDS:
        raise nonsense(host, f"it has no hashRecords, or more than {RECORDS}")
    kept = [json.dumps(record, sort_keys=True, separators=(",", ":")).encode() for record in records]
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict) or not _prepare(record, words, latest):
            raise nonsense(host, f"record {number} has a field missing or of another type")
    for field in ("nextSetTimestamp", "count"):
        if not _is_time(page.get(field), latest):
            raise nonsense(host, f"{field} is not a number that can be")
    return page, kept


def _prepare(record: dict[str, object], words: Words, latest: int) -> bool:
    record["CSPFeedbacks"] = feedbacks = record.get("CSPFeedbacks") or []
    record["caseNumbers"] = cases = record.get("caseNumbers") or {}
    if not isinstance(feedbacks, list) or not isinstance(cases, dict):
        return False
    fits = isinstance(record.get("hashValue"), str) and _is_time(record.get("lastModtimestamp"), latest)
    known = _know(record, "signalType", words.signal_types) and _know(record, "hashStatus", words.statuses)
    return fits and known and all(_know(cases, case, words.statuses) for case in cases) and all(
        isinstance(each, dict) and _know(each, "feedbackValue", words.feedback) and _texts(each) for each in feedbacks
    )  # fmt: skip


def _know(fields: dict[str, object], field: str, words: Set[str]) -> bool:
    """Whether it is a text; one that is not among ``words`` becomes UNKNOWN."""
    value = fields.get(field)
    if isinstance(value, str) and value not in words:
        fields[field] = UNKNOWN
    return isinstance(value, str)


def _texts(feedback: Mapping[str, object]) -> bool:
    tags = feedback.get("tags", [])
    fits = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    return fits and isinstance(feedback.get("source", ""), str)


def _is_time(value: object, latest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= latest
