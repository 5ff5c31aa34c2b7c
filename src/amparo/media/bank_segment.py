"""A segment: entries of one Bank in one read-only file. A Bank is a list of segments, newest last.

An entry that changes, or is withdrawn, is written again in a newer segment, which then speaks for it; what lies below
is never touched. So a change costs what it changes, and a version of a Bank is a list of files. Several segments are
merged into one now and then, which changes nothing that can be asked (:mod:`amparo.media.bank_merge`).
"""

import base64
import datetime
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from amparo.evidence.errors import BadInput
from amparo.exchange.known import ALGORITHMS, OPAQUE, KnownEntry
from amparo.media.columns import Columns, write
from amparo.media.segment_texts import TextReader, TextWriter

EXACT = ("sha256", "sha1", "md5")  # strongest first
PDQ = "pdq"
_KIND = "bank"
_KEY = 16  # bytes
_SAID = 8


class Stored:
    """One entry as a segment has it: ``entry`` is its number in the Bank, ``version`` the Bank's that wrote it."""

    __slots__ = ("entry", "known", "reason", "version")

    def __init__(self, entry: int, version: int, known: KnownEntry, reason: str) -> None:
        self.entry = entry
        self.version = version
        self.known = known
        self.reason = reason  # why it was withdrawn, if it was


def key_digest(key: str) -> bytes:
    """What a segment remembers of a key: 16 bytes."""
    return hashlib.blake2b(key.encode(), digest_size=_KEY).digest()


def said(known: KnownEntry) -> bytes:
    """What an entry says apart from its key, in 8 bytes: whether an edition changed it."""
    digests = sorted((name, digest.hex()) for name, digest in known.digests.items())
    parts = (digests, known.labels, known.owner, known.terms, known.dated.isoformat(), known.withdrawn)
    return hashlib.blake2b(repr(parts).encode() + known.original, digest_size=_SAID).digest()


class SegmentBuilder:
    """Collects entries, numbered in ascending order, and writes them. About 200 bytes of memory an entry."""

    def __init__(self) -> None:
        self._entry: list[int] = []
        self._version: list[int] = []
        self._withdrawn = bytearray()
        self._facts_of: list[int] = []
        self._facts: dict[str, int] = {}
        self._keys, self._said = bytearray(), bytearray()
        self._digests = {name: bytearray() for name in ALGORITHMS}
        self._rows: dict[str, list[int]] = {name: [] for name in ALGORITHMS}
        self._records = TextWriter()

    def __len__(self) -> int:
        return len(self._entry)

    def add(self, stored: Stored) -> None:
        """Append one entry."""
        known, row = stored.known, len(self._entry)
        if row and stored.entry <= self._entry[-1]:
            raise ValueError("entries come in ascending order")
        self._entry.append(stored.entry)
        self._version.append(stored.version)
        self._withdrawn.append(known.withdrawn)
        facts = {"labels": known.labels, "owner": known.owner, "terms": known.terms, "dated": known.dated.isoformat()}
        if stored.reason:
            facts["reason"] = stored.reason
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        self._facts_of.append(self._facts.setdefault(text, len(self._facts)))
        self._keys += key_digest(known.key)
        self._said += said(known)
        for name, length in ALGORITHMS.items():
            digest = known.digests.get(name)
            if digest is not None and len(digest) == length:
                self._digests[name] += digest
                self._rows[name].append(row)
        self._records.add(_record(known))

    def write(self, stream: BinaryIO, frame: str = "") -> None:
        """Write the segment to an empty stream. ``frame``: what the list said around its entries."""
        columns: dict[str, NDArray[Any]] = {
            "entry": np.array(self._entry, np.uint32),
            "version": np.array(self._version, np.uint32),
            "withdrawn": np.frombuffer(self._withdrawn, np.uint8),
            "facts": np.array(self._facts_of, np.uint32),
            "said": np.frombuffer(self._said, np.uint8).reshape(-1, _SAID),
            "keys": np.frombuffer(self._keys, np.uint8).reshape(-1, _KEY),
        }
        for name, length in ALGORITHMS.items():
            columns[f"{name}_digest"] = np.frombuffer(self._digests[name], np.uint8).reshape(-1, length)
            columns[f"{name}_row"] = np.array(self._rows[name], np.uint32)
        texts = TextWriter()
        for text in self._facts:
            texts.add(text.encode())
        write_columns(stream, columns, self._records, texts, frame)


def write_columns(
    stream: BinaryIO, columns: dict[str, NDArray[Any]], records: TextWriter, texts: TextWriter, frame: str
) -> None:
    """Write a segment of the columns a builder has, digests in the order of rows; sorts what is looked up."""
    columns["key_order"], columns["key_prefix"] = _sorted(columns["keys"])
    for name in EXACT:
        order, columns[f"{name}_prefix"] = _sorted(columns[f"{name}_digest"])
        for column in (f"{name}_digest", f"{name}_row"):
            columns[column] = columns[column][order]
    columns |= {f"record_{name}": array for name, array in records.columns().items()}
    columns |= {f"fact_{name}": array for name, array in texts.columns().items()}
    write(stream, _KIND, {"frame": frame}, columns)


class Segment:
    """An open segment. Lookups cost O(log n) each; nothing is loaded."""

    def __init__(self, path: Path) -> None:
        """Map the file. Raises BadInput unless it is a whole segment."""
        columns = Columns(path, _KIND)
        self.frame = str(columns.meta.get("frame", ""))
        self._columns = {
            **{name: columns.array(name, "u4") for name in ("entry", "version", "facts")},
            "withdrawn": columns.array("withdrawn", "u1"),
            "said": columns.array("said", "u1", _SAID),
            "keys": columns.array("keys", "u1", _KEY),
        }
        self.entries, self.withdrawn = self._columns["entry"], self._columns["withdrawn"]
        self._key_order, self._key_prefix = columns.array("key_order", "u4"), columns.array("key_prefix", "u8")
        self._digests, self._rows, self._prefix = {}, {}, {}
        for name, length in ALGORITHMS.items():
            self._digests[name] = columns.array(f"{name}_digest", "u1", length)
            self._rows[name] = columns.array(f"{name}_row", "u4")
            if name != PDQ:
                self._prefix[name] = columns.array(f"{name}_prefix", "u8")
        self._records, self._texts = TextReader(columns, "record_"), TextReader(columns, "fact_")
        self._places = functools.cache(self._places_by_row)

    def __len__(self) -> int:
        return len(self.entries)

    def column(self, name: str) -> NDArray[Any]:
        """A column of all rows: entry, version, withdrawn, facts, said, keys."""
        return self._columns[name]

    def digests(self, algorithm: str) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
        """Every digest of an algorithm and the row each belongs to, in the file's order."""
        return self._digests[algorithm], self._rows[algorithm]

    def record(self, row: int) -> bytes:
        """What the columns do not hold of a row."""
        return self._records.read(row)

    def fact_texts(self) -> Iterator[bytes]:
        """The table of facts."""
        return (self._texts.read(number) for number in range(len(self._texts)))

    @property
    def pdq(self) -> NDArray[np.uint8]:
        """uint8[m, 32]: every PDQ there is, in the order of rows."""
        return self._digests[PDQ]

    def pdq_rows(self, places: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The rows whose PDQ stand at these places of :attr:`pdq`."""
        rows: NDArray[np.uint32] = self._rows[PDQ][places]
        return rows

    def find(self, algorithm: str, digests: Sequence[bytes]) -> list[tuple[int, int]]:
        """(number in ``digests``, row) of every entry with one of these digests, by an algorithm of EXACT."""
        if len(digests) == 0:
            return []
        wanted = np.frombuffer(b"".join(digests), np.uint8).reshape(len(digests), ALGORITHMS[algorithm])
        found = _lookup(self._prefix[algorithm], self._digests[algorithm], wanted)
        return [(number, int(self._rows[algorithm][place])) for number, place in found]

    def find_keys(self, keys: Sequence[bytes]) -> dict[int, int]:
        """Row by number in ``keys`` (:func:`key_digest`) of those that are here."""
        if len(keys) == 0:
            return {}
        wanted = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), _KEY)
        return {
            number: int(row)
            for number, row in _lookup(self._key_prefix, self._columns["keys"], wanted, self._key_order)
        }

    def row_of(self, entry: int) -> int | None:
        """The row of an entry, None if this segment does not speak of it."""
        row = int(np.searchsorted(self.entries, entry))
        return row if row < len(self.entries) and self.entries[row] == entry else None

    def said(self, row: int) -> bytes:
        """:func:`said` of a row's entry."""
        return bytes(self._columns["said"][row])

    def facts(self, row: int) -> Mapping[str, Any]:
        """``labels``, ``owner``, ``terms``, ``dated``, and ``reason`` where it was withdrawn."""
        try:
            facts = json.loads(self._texts.read(int(self._columns["facts"][row])))
            datetime.date.fromisoformat(facts["dated"])
            if not all(isinstance(facts[name], str) for name in ("owner", "terms")) or any(
                not isinstance(label, str) for label in facts["labels"]
            ):
                raise TypeError("facts")
        except (ValueError, TypeError, KeyError) as error:
            raise BadInput("A file of the Banks is damaged: facts cannot be read.", "Run: amparo doctor") from error
        found: Mapping[str, Any] = facts
        return found

    def stored(self, row: int) -> Stored:
        """The whole entry of a row."""
        facts, entry = self.facts(row), int(self.entries[row])
        digests = {
            name: self._digests[name][place].tobytes()
            for name in ALGORITHMS
            if (place := int(self._places(name)[row])) >= 0
        }
        key, opaque, original = _read_record(self.record(row), digests)
        known = KnownEntry(
            key=key,
            digests=digests | ({OPAQUE: opaque} if opaque else {}),
            labels=tuple(facts["labels"]),
            owner=facts["owner"],
            terms=facts["terms"],
            dated=datetime.date.fromisoformat(facts["dated"]),
            place=f"Entry {entry}",
            withdrawn=bool(self.withdrawn[row]),
            original=original,
        )
        return Stored(entry, int(self._columns["version"][row]), known, facts.get("reason", ""))

    def all(self) -> Iterator[Stored]:
        """Every entry in order."""
        return (self.stored(row) for row in range(len(self)))

    def _places_by_row(self, name: str) -> NDArray[np.int64]:
        """Where each row's digest stands, -1 where it has none: needed to list entries, not to find them."""
        places = np.full(len(self), -1, np.int64)
        places[self._rows[name]] = np.arange(len(self._rows[name]))
        return places


def _sorted(digests: NDArray[np.uint8]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Order by the first 8 bytes, and those bytes as numbers in that order."""
    prefix = np.ascontiguousarray(digests[:, :8]).view(">u8").astype(np.uint64).ravel()
    order = np.argsort(prefix, kind="stable").astype(np.uint32)
    return order, prefix[order]


def _lookup(
    prefix: NDArray[np.uint64],
    digests: NDArray[np.uint8],
    wanted: NDArray[np.uint8],
    order: NDArray[np.uint32] | None = None,
) -> Iterator[tuple[int, int]]:
    """(number, place) of each of ``wanted`` in ``digests``, which ``order`` sorts by prefix (None: as they stand)."""
    heads = np.ascontiguousarray(wanted[:, :8]).view(">u8").astype(np.uint64).ravel()
    first, last = np.searchsorted(prefix, heads, "left"), np.searchsorted(prefix, heads, "right")
    for number in np.flatnonzero(last > first).tolist():
        for at in range(int(first[number]), int(last[number])):
            place = at if order is None else int(order[at])
            if np.array_equal(digests[place], wanted[number]):
                yield number, place


def _plain_key(digests: Mapping[str, bytes]) -> str:
    """The key most lists give an entry: its strongest digest."""
    for name in ALGORITHMS:
        if name in digests:
            return f"{name}:{digests[name].hex()}"
    return ""


def _record(known: KnownEntry) -> bytes:
    """What the columns do not hold: key, opaque digest, original; empty where they hold all."""
    parts: dict[str, str] = {}
    if known.key != _plain_key({name: each for name, each in known.digests.items() if name != OPAQUE}):
        parts["key"] = known.key
    if OPAQUE in known.digests:
        parts["opaque"] = base64.b64encode(known.digests[OPAQUE]).decode()
    head = json.dumps(parts, sort_keys=True, separators=(",", ":")).encode() if parts or known.original else b""
    return head + b"\n" + known.original if known.original else head


def _read_record(record: bytes, digests: Mapping[str, bytes]) -> tuple[str, bytes, bytes]:
    head, _, original = record.partition(b"\n")
    try:
        parts = json.loads(head) if head else {}
        return parts.get("key", _plain_key(digests)), base64.b64decode(parts.get("opaque", "")), original
    except (ValueError, TypeError, AttributeError) as error:
        raise BadInput("A file of the Banks is damaged: a record cannot be read.", "Run: amparo doctor") from error
