"""The Bank index: the live entries of all Banks in one read-only file that is searched where it lies.

Layout, big-endian: the header; for SHA-256, SHA-1 and MD5 the records (digest, bank u32, facts u32, entry u64),
sorted; two tables of texts (banks, facts), each of n + 1 offsets u64 and the texts, which are JSON. Facts (labels
and owner) stand once however many entries share them.
"""

import contextlib
import dataclasses
import hashlib
import json
import mmap
import struct
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from amparo.evidence.errors import BadInput

ALGORITHMS = {"sha256": 32, "sha1": 20, "md5": 16}  # strongest first; bytes of a digest
_MAGIC = b"AMPBANKS"
_VERSION = 1
_HEADER = struct.Struct(">8sI3Q2Q2Q")  # magic, version, records, texts, bytes of their tables
_TAIL = struct.Struct(">IIQ")
_OFFSET = struct.Struct(">Q")
_HINT = "Run the command again: it writes the index anew."


@dataclasses.dataclass(frozen=True, slots=True)
class IndexedBank:
    """A Bank as the index states it."""

    uuid: uuid.UUID
    name: str
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """One live entry: ``bank`` is the position in the list of banks, ``entry`` its number in the catalogue."""

    digest: bytes
    bank: int
    entry: int
    labels: tuple[str, ...]
    owner: str


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """An entry whose digest equals the one asked for."""

    bank: IndexedBank
    entry: int
    algorithm: str
    labels: tuple[str, ...]
    owner: str

    @property
    def collision_prone(self) -> bool:
        """Whether other bytes could have been made to give this digest: such a match never seals or notifies."""
        return self.algorithm != "sha256"


def write(stream: BinaryIO, banks: Sequence[IndexedBank], records: Mapping[str, Iterable[Record]]) -> None:
    """Write an index to an empty seekable stream; ``records`` by algorithm, sorted by digest and bank.

    Equal entries give equal bytes. Memory grows with the distinct facts only. Raises ValueError if not sorted.
    """
    facts: dict[tuple[tuple[str, ...], str], int] = {}
    stream.write(bytes(_HEADER.size))
    counts = []
    for algorithm, length in ALGORITHMS.items():
        before, count = (b"", -1), 0
        for record in records.get(algorithm, ()):
            place = record.digest, record.bank
            if len(record.digest) != length or not before < place:
                raise ValueError("records are sorted, distinct, and of their algorithm's length")
            before, count = place, count + 1
            said = facts.setdefault((record.labels, record.owner), len(facts))
            stream.write(record.digest + _TAIL.pack(record.bank, said, record.entry))
        counts.append(count)
    stated = [{"uuid": str(bank.uuid), "name": bank.name, "version": bank.version} for bank in banks]
    sizes = _texts(stream, stated), _texts(stream, [{"labels": labels, "owner": owner} for labels, owner in facts])
    stream.seek(0)
    stream.write(_HEADER.pack(_MAGIC, _VERSION, *counts, len(banks), len(facts), *sizes))


def _texts(stream: BinaryIO, values: Sequence[object]) -> int:
    texts = [json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii") for value in values]
    at, offsets = 0, bytearray(_OFFSET.pack(0))
    for text in texts:
        at += len(text)
        offsets += _OFFSET.pack(at)
    stream.write(offsets)
    stream.writelines(texts)
    return len(offsets) + at


class BankIndex:
    """An open index. Nothing is loaded: a lookup costs O(log n) reads of the mapped file per algorithm."""

    def __init__(self, path: Path, digest: str | None = None) -> None:
        """Map the file and check its structure: O(banks). ``digest``: its SHA-256 in hex, then O(size).

        Raises BadInput for anything that is not a whole index.
        """
        try:
            with path.open("rb") as stream:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise BadInput("The Bank index cannot be opened.", _HINT) from error
        if digest is not None and hashlib.sha256(self._map).hexdigest() != digest:
            raise _damaged("its digest differs")
        self._read_header()

    def close(self) -> None:
        """Give the mapping back."""
        self._map.close()

    def find(self, algorithm: str, digest: bytes) -> Iterator[Hit]:
        """The entries with this digest, at most one per Bank, in the order of the banks."""
        (start, count), length, content = self._sections[algorithm], ALGORITHMS[algorithm], self._map
        if len(digest) != length:
            raise ValueError(f"{algorithm} has {length} bytes")
        low, high = 0, count
        while low < high:
            middle = (low + high) // 2
            at = start + middle * (length + _TAIL.size)
            if content[at : at + length] < digest:
                low = middle + 1
            else:
                high = middle
        at = start + low * (length + _TAIL.size)
        while low < count and content[at : at + length] == digest:
            yield self._hit(algorithm, *_TAIL.unpack_from(content, at + length))
            low, at = low + 1, at + length + _TAIL.size

    def _hit(self, algorithm: str, bank: int, said: int, entry: int) -> Hit:
        if bank >= len(self.banks) or said >= self._facts[1]:
            raise _damaged("a record points outside")
        facts = self._text(self._facts, said)
        with _shape():
            labels, owner = facts["labels"], facts["owner"]
            if not isinstance(owner, str) or not all(isinstance(label, str) for label in labels):
                raise TypeError("facts")
            return Hit(self.banks[bank], entry, algorithm, tuple(labels), owner)

    def _read_header(self) -> None:
        if len(self._map) < _HEADER.size:
            raise _damaged("it is too short")
        magic, version, *counts, banks, facts, bank_bytes, fact_bytes = _HEADER.unpack_from(self._map)
        if (magic, version) != (_MAGIC, _VERSION):
            raise _damaged("it is of another kind or version")
        at = _HEADER.size
        self._sections: dict[str, tuple[int, int]] = {}
        for (algorithm, length), count in zip(ALGORITHMS.items(), counts, strict=True):
            self._sections[algorithm] = at, count
            at += count * (length + _TAIL.size)
        tables = []
        for count, size in ((banks, bank_bytes), (facts, fact_bytes)):
            if size < (count + 1) * _OFFSET.size or at + size > len(self._map):
                raise _damaged("its sizes do not agree")
            tables.append((at, count, size))
            at += size
        if at != len(self._map):
            raise _damaged("its sizes do not agree")
        self._facts = tables[1]
        self.banks = tuple(self._bank(self._text(tables[0], number)) for number in range(banks))

    @staticmethod
    def _bank(row: Any) -> IndexedBank:
        with _shape():
            bank = IndexedBank(uuid.UUID(row["uuid"]), row["name"], row["version"])
            if not isinstance(bank.name, str) or type(bank.version) is not int:
                raise TypeError("bank")
            return bank

    def _text(self, table: tuple[int, int, int], number: int) -> Any:
        at, count, size = table
        start = at + (count + 1) * _OFFSET.size
        first, last = struct.unpack_from(">2Q", self._map, at + number * _OFFSET.size)
        if not first <= last <= at + size - start:
            raise _damaged("a text lies outside")
        with _shape():
            return json.loads(self._map[start + first : start + last].decode("ascii"))


@contextlib.contextmanager
def _shape() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged("a text cannot be read") from error


def _damaged(what: str) -> BadInput:
    return BadInput(f"The Bank index is damaged: {what}.", _HINT)
