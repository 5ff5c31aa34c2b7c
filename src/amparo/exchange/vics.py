"""VICS, the JSON of Project VIC: data models 1.x (``odata.metadata``) and 2.0 (``@odata.context``), read and written.

No published schema could be reached; the shape is what public readers and writers agree on: ``value`` holds Media, or
Cases with a list ``Media`` each. Categories mean what the profile in the context says (US, UK, CA...); 0 is one.
"""

import base64
import datetime
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, ClassVar

from amparo.evidence.errors import BadInput
from amparo.exchange.json_records import RECORDS, JsonRecords
from amparo.exchange.known import ALGORITHMS, OPAQUE, KnownEntry, shown, wrong
from amparo.exchange.seen import Seen

# The label of a field that is true. IsPrecategorized is none: exporters set it where no category stands.
FLAGS = {
    "VictimIdentified": "victim-identified",
    "OffenderIdentified": "offender-identified",
    "IsDistributed": "distributed",
    "IsSuspected": "suspected",
    "SelfGenerated": "self-generated",
}
_FIELDS = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "PhotoDNA": OPAQUE}
_HASH_NAMES = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "pdq": "pdq", "photodna": OPAQUE}
_KEYS = ("sha1", "md5", "sha256", "pdq")  # what exporters give most often comes first, so that keys stay the same
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "": False}
_MOST_CATEGORY = 9_999
_OPAQUE_BYTES = 4_096  # the most; a PhotoDNA has 144 bytes
_OPAQUE_HEX = 288  # characters
_CATEGORY = re.compile(r"vics-category-([0-9]{1,4})")
_PROFILE = re.compile(r"\.xml/([A-Za-z]{1,16})/\$metadata#")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]?")
_IN_CASE = re.compile(rb'\{"list":([0-9]{1,9}),"media":(\{.*\})\}', re.DOTALL)
_CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{}/$metadata#Media"


class VicsReader:
    """Reader of VICS. The operator states ``owner`` and ``terms``, and ``dated`` for records without DateUpdated.

    ``records``: the most of one list. ``frame`` is set once a list was read to its end: all that stands around its
    records, for :func:`write_vics`.
    """

    API: ClassVar[int] = 1
    name: ClassVar[str] = "vics"

    def __init__(self, owner: str, terms: str, dated: datetime.date, records: int = RECORDS) -> None:
        self._owner, self._terms, self._dated, self._records = owner, terms, dated, records
        self.frame = b""

    def read(self, stream: BinaryIO) -> Iterator[KnownEntry]:
        """An entry for each Media record, in their order; one that says the same as an earlier one comes again.

        ``original`` is the record's text as UTF-8; in the form with Cases an object of ``list`` (which Media list,
        from 0) and ``media`` (that text). Raises BadInput naming the record, as :class:`JsonRecords` does; two
        records of one key with other digests or another category are found at most ``seen.BATCH`` records late.
        """
        records = JsonRecords(stream, "value", "Media", self._records)
        with Seen() as seen:
            for text, media in records:
                category = _category(records.place, media.get("Category"))
                entry = self._entry(records, text, media, category)
                said = [f"{name}:{digest.hex()}" for name, digest in sorted(entry.digests.items())]
                if seen.add(entry.key.encode(), (*said, str(category)), records.number):
                    _refuse(seen)
                yield entry
            seen.check()
            _refuse(seen)
        frame = {"v": 1, "cases": records.nested, "parts": records.parts}
        self.frame = json.dumps(frame, separators=(",", ":")).encode()

    def _entry(self, records: JsonRecords, text: str, media: dict[str, object], category: int | None) -> KnownEntry:
        place = records.place
        digests = _digests(place, media)
        key = next((f"{name}:{digests[name].hex()}" for name in _KEYS if name in digests), "")
        if not key:
            raise wrong(place, "there is no MD5, SHA-1, SHA-256 or PDQ digest")
        labels = _category_labels(category, str(records.head.get("@odata.context", "")))
        labels += tuple(FLAGS[field] for field in FLAGS if field in media and _true(place, field, media[field]))
        dated = _date(media) or _date(records.group) or _date(records.head) or self._dated
        original = text.encode()
        if records.nested:
            original = b'{"list":%d,"media":%b}' % (records.position, original)
        return KnownEntry(key, digests, labels, self._owner, self._terms, dated, place, original=original)


def media_frame(profile: str = "Default") -> bytes:
    """The frame of a new list of Media, data model 2.0. ``profile`` is that of the categories; raises BadInput."""
    context = _CONTEXT.format(profile)
    if not _PROFILE.search(context):
        raise BadInput(f"{shown(profile)} is not a profile of VICS.", "It is made of letters, such as US or Default.")
    head = json.dumps({"@odata.context": context, "value": []}, separators=(",", ":"))
    return json.dumps({"v": 1, "cases": False, "parts": [head[:-2], head[-2:]]}, separators=(",", ":")).encode()


def write_vics(stream: BinaryIO, frame: bytes, originals: Iterable[bytes]) -> int:
    """Write ``originals`` into ``frame``, in the order in which they were read; the number written.

    UTF-8 with one record a line. What :class:`VicsReader` gave comes back identical in content: fields, numbers as
    they were spelt, order. Some records may be left out. Raises BadInput where frame and records do not fit.
    """
    parts, cases = _parts(frame)
    stream.write(parts[0])
    position = count = 0
    between = b"\n"
    for count, original in enumerate(originals, 1):
        place = f"Record {count}"
        where, record = _unwrapped(place, original) if cases else (0, original)
        if not position <= where < len(parts) - 1:
            raise wrong(place, f"Media list {where} does not exist, or its turn is over")
        if not record.startswith(b"{") or not record.endswith(b"}"):
            raise wrong(place, "it is not a VICS record")
        while position < where:
            position += 1
            stream.write((b"\n" if between != b"\n" else b"") + parts[position])
            between = b"\n"
        stream.write(between + record)
        between = b",\n"
    stream.write((b"\n" if between != b"\n" else b"") + b"".join(parts[position + 1 :]))
    return count


def media_of(original: bytes) -> tuple[int, bytes]:
    """Which Media list an original stood in, from 0, and the text of its record alone."""
    found = _IN_CASE.fullmatch(original)
    return (int(found[1]), found[2]) if found else (0, original)


def vics_record(entry: KnownEntry, number: int) -> bytes:
    """A Media record of data model 2.0, with MediaID ``number``, for an entry of any list.

    A label ``vics-category-N`` becomes Category, those of FLAGS become true; other labels, owner and terms have no
    place in VICS. Raises BadInput for two categories, and for a withdrawn entry: VICS cannot say that.
    """
    if entry.withdrawn:
        raise wrong(entry.place, "it is withdrawn, which VICS cannot say")
    found = [category for category in map(_CATEGORY.fullmatch, entry.labels) if category]
    if len(found) > 1:
        raise wrong(entry.place, "it has two VICS categories")
    media: dict[str, object] = {"MediaID": number}
    if found:
        media["Category"] = int(found[0][1])
    digests = entry.digests
    media |= {name: digests[name.lower()].hex().upper() for name in ("MD5", "SHA1") if name.lower() in digests}
    if OPAQUE in digests:
        media["PhotoDNA"] = base64.b64encode(digests[OPAQUE]).decode()
    others = [name for name in ("sha256", "pdq") if name in digests]
    if others:
        media["AlternativeHashes"] = [{"HashName": name.upper(), "HashValue": digests[name].hex()} for name in others]
    media |= {field: True for field, label in FLAGS.items() if label in entry.labels}
    media["DateUpdated"] = f"{entry.dated}T00:00:00Z"
    return json.dumps(media, separators=(",", ":")).encode()


def _refuse(seen: Seen) -> None:
    if seen.contradiction:
        first, second = seen.contradiction
        raise wrong(f"Record {second}", f"the same file is Record {first} with other digests or another category")


def _digests(place: str, media: Mapping[str, object]) -> dict[str, bytes]:
    """What the fields and AlternativeHashes say; of names that are not ours only the original keeps record."""
    found: dict[str, bytes] = {}
    for field, algorithm in _FIELDS.items():
        if value := media.get(field):
            _add(place, found, field, algorithm, value)
    alternatives = media.get("AlternativeHashes") or ()
    if not isinstance(alternatives, list | tuple):
        raise wrong(place, "AlternativeHashes is not a list")
    for each in alternatives:
        if not isinstance(each, dict):
            raise wrong(place, "AlternativeHashes holds something that is not an object")
        name = str(each.get("HashName"))[:64]
        algorithm_named = _HASH_NAMES.get(name.strip().lower().replace("-", ""))
        if algorithm_named and (value := each.get("HashValue")):
            _add(place, found, name, algorithm_named, value)
    return found


def _add(place: str, found: dict[str, bytes], name: str, algorithm: str, value: object) -> None:
    text = value.strip() if isinstance(value, str) else None
    if text == "":
        return
    if algorithm == OPAQUE:
        digest = _opaque(text)
    else:
        size = ALGORITHMS[algorithm]
        digest = _hex(text) if text and len(text) == 2 * size else None
        if digest is None:
            raise wrong(place, f"{name} {shown(str(value))} is not a digest of {2 * size} hex digits")
    # Perceptual hashes may come once for each turn and mirror image of a picture: the first is the picture's own.
    if digest and found.setdefault(algorithm, digest) != digest and algorithm not in (OPAQUE, "pdq"):
        raise wrong(place, f"{name} is given twice and differs")


def _opaque(text: str | None) -> bytes | None:
    """The bytes of a PhotoDNA, in hex or base64; None for other spellings, which are never compared anyway."""
    if not text or len(text) > 2 * _OPAQUE_BYTES:
        return None
    if len(text) == _OPAQUE_HEX and (digest := _hex(text)):
        return digest  # the length decides: base64 may consist of hex digits only
    try:
        digest = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return digest if 0 < len(digest) <= _OPAQUE_BYTES else None


def _hex(text: str) -> bytes | None:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        return None
    return digest if 2 * len(digest) == len(text) else None  # fromhex passes over spaces


def _category(place: str, value: object) -> int | None:
    if value is None or value == "":
        return None
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9 else value
    if type(number) is not int or not 0 <= number <= _MOST_CATEGORY:
        raise wrong(place, f"Category {shown(str(value))} is not a number from 0 to {_MOST_CATEGORY}")
    return number


def _true(place: str, field: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value is not None and not isinstance(value, int | str):
        raise wrong(place, f"{field} is not true or false")
    truth = _BOOLEANS.get("" if value is None else str(value).strip().lower())
    if truth is None:
        raise wrong(place, f"{field} {shown(str(value))} is not true or false")
    return truth


@functools.lru_cache(maxsize=1024)
def _category_labels(category: int | None, context: str) -> tuple[str, ...]:
    """The category itself, and as one of the profile that ``context`` names in front of the list, if it does."""
    if category is None:
        return ()
    found = _PROFILE.search(context)
    profile = found[1].lower() if found else "default"
    plain = f"vics-category-{category}"
    return (plain,) if profile == "default" else (plain, f"vics-{profile}-category-{category}")


def _date(fields: Mapping[str, object]) -> datetime.date | None:
    """The day of DateUpdated (ISO 8601) as it stands: which zone it is in does not matter here."""
    value = fields.get("DateUpdated")
    return _day(value[:11]) if isinstance(value, str) else None


@functools.lru_cache(maxsize=1024)
def _day(text: str) -> datetime.date | None:
    found = _DAY.fullmatch(text)
    try:
        return datetime.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _unwrapped(place: str, original: bytes) -> tuple[int, bytes]:
    found = _IN_CASE.fullmatch(original)
    if not found:
        raise wrong(place, "it does not say which Media list it belongs to")
    return int(found[1]), found[2]


def _parts(frame: bytes) -> tuple[list[bytes], bool]:
    """The texts around the lists of records; in the form with Cases, records say which list is theirs."""
    try:
        read = json.loads(frame)
        cases, parts = read["cases"], [part.encode() for part in read["parts"]]
        if read["v"] == 1 and parts and (cases is True or (cases is False and len(parts) == 2)):
            return parts, cases
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass
    raise BadInput("This is not the frame of a VICS list.", "Import the list again.")
