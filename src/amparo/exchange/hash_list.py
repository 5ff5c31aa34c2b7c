"""The hash list of Banks as CSV: ``digest,labels,owner,terms,date``, in any order of columns. UTF-8, RFC 4180."""

import csv
import dataclasses
import datetime
import re
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from amparo.evidence.errors import BadInput
from amparo.exchange.seen import Seen

COLUMNS = ("digest", "labels", "owner", "terms", "date")
MAX_LINE = 64 * 1024  # bytes
MAX_ROWS = 100_000_000
OWNER, TERMS, LABELS = 200, 500, 64  # longest owner and terms in characters, most labels of one entry
_ALGORITHMS = {64: "sha256", 40: "sha1", 32: "md5"}
_LABEL = re.compile(r"[a-z0-9-]{1,64}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HINT = "Correct that line and import the list again; nothing of it was imported."


@dataclasses.dataclass(frozen=True, slots=True)
class KnownDigest:
    """One entry of a list, as every format of ``amparo.bank_formats`` gives it. ``line`` counts from 1.

    Raises BadInput naming the line: what exists here fits into a Bank. ``labels`` are sorted and distinct.
    """

    algorithm: str
    digest: bytes
    labels: tuple[str, ...]
    owner: str
    terms: str
    dated: datetime.date
    line: int

    def __post_init__(self) -> None:
        if _ALGORITHMS.get(2 * len(self.digest)) != self.algorithm:
            raise wrong(self.line, f"{self.algorithm} has no digest of {len(self.digest)} bytes")
        for name, text, most in (("owner", self.owner, OWNER), ("terms", self.terms, TERMS)):
            if not text.strip():
                raise wrong(self.line, f"{name} is missing")
            if len(text) > most:
                raise wrong(self.line, f"{name} is longer than {most} characters")
            if _CONTROL.search(text):
                raise wrong(self.line, f"{name} holds a control character")
        if len(self.labels) > LABELS:
            raise wrong(self.line, f"there are more than {LABELS} labels")
        for label in self.labels:
            if not _LABEL.fullmatch(label):
                raise wrong(self.line, f"label {_shown(label)} is not made of a-z, 0-9 and - (at most 64)")
        if list(self.labels) != sorted(set(self.labels)):
            object.__setattr__(self, "labels", tuple(sorted(set(self.labels))))


def wrong(line: int, what: str) -> BadInput:
    """The error of one line."""
    return BadInput(f"Line {line}: {what}.", _HINT)


def parse_digest(text: str) -> tuple[str, bytes]:
    """Algorithm and bytes of a digest in hex; raises BadInput. The length decides: 64, 40 or 32 digits."""
    algorithm = _ALGORITHMS.get(len(text))
    if algorithm is None or not _HEX.fullmatch(text):
        raise BadInput(f"{_shown(text)} is not a digest.", "SHA-256, SHA-1 and MD5 have 64, 40 and 32 hex digits.")
    return algorithm, bytes.fromhex(text)


class HashListCsv:
    """Reader of the CSV form. ``rows``: the most rows of one list."""

    API: ClassVar[int] = 1
    name: ClassVar[str] = "csv"

    def __init__(self, rows: int = MAX_ROWS) -> None:
        self._rows = rows

    def read(self, stream: BinaryIO) -> Iterator[KnownDigest]:
        """Entries in their order; blank lines and rows repeated word for word are passed over.

        Raises BadInput at the first line that is wrong. A digest with two different rows is found at most
        ``seen.BATCH`` rows late, so take the entries for good only when all have come. Memory does not grow with
        the list: what was seen lies in an unnamed temporary file (about 80 bytes a row).
        """
        lines = _lines(stream)
        columns = _columns(lines)
        with Seen() as seen:
            for count, (line, text) in enumerate(lines, 1):
                if count > self._rows:
                    raise wrong(line, f"the list has more than {self._rows} rows")
                entry = _entry(line, text, columns)
                if seen.add(entry.digest, (";".join(entry.labels), entry.owner, entry.terms, str(entry.dated)), line):
                    _refuse(seen)
                yield entry
            seen.check()
            _refuse(seen)


def _refuse(seen: Seen) -> None:
    if seen.contradiction:
        first, second = seen.contradiction
        raise wrong(second, f"this digest stands on line {first} with other labels, owner, terms or date")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not blank, without their ends."""
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            raise wrong(number, f"the line is longer than {MAX_LINE} bytes")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise wrong(number, f"byte {error.start + 1} is not UTF-8") from error
        if text:
            yield number, text


def _fields(line: int, text: str) -> list[str]:
    """The fields of one line, read alone: a quote that is not closed cannot swallow the lines below it."""
    if '"' not in text and "\r" not in text:
        return text.split(",")  # what the csv module would give, in a third of the time
    try:
        return next(csv.reader((text,), strict=True))
    except csv.Error as error:
        raise wrong(line, f"the quotes do not match ({error})") from error


def _columns(lines: Iterator[tuple[int, str]]) -> tuple[int, ...]:
    """Where each of COLUMNS stands."""
    line, text = next(lines, (0, ""))
    if not line:
        raise BadInput("The list is empty.", f"Its first line is: {','.join(COLUMNS)}")
    names = _fields(line, text)
    for position, name in enumerate(names):
        if name not in COLUMNS or name in names[:position]:
            problem = "twice" if name in COLUMNS else "unknown"
            raise BadInput(f"Line {line}: column {_shown(name)} is {problem}.", f"The columns are: {','.join(COLUMNS)}")
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadInput(f"Line {line}: column {missing[0]} is missing.", f"The columns are: {','.join(COLUMNS)}")
    return tuple(names.index(name) for name in COLUMNS)


def _entry(line: int, text: str, columns: tuple[int, ...]) -> KnownDigest:
    fields = _fields(line, text)
    if len(fields) != len(columns):
        raise wrong(line, f"there are {len(fields)} fields instead of {len(columns)}")
    digest, labels, owner, terms, date = (fields[column] for column in columns)
    if len(digest) not in _ALGORITHMS or not _HEX.fullmatch(digest):
        raise wrong(line, f"{_shown(digest)} is not a digest of 64, 40 or 32 hex digits")
    try:
        dated = datetime.date.fromisoformat(date) if _DATE.fullmatch(date) else None
    except ValueError:
        dated = None
    if dated is None:
        raise wrong(line, f"{_shown(date)} is not a date like 2026-01-31")
    parts = tuple(labels.split(";")) if labels else ()
    return KnownDigest(_ALGORITHMS[len(digest)], bytes.fromhex(digest), parts, owner, terms, dated, line)


def _shown(text: str) -> str:
    """A short printable form on one line."""
    return ascii(text if len(text) <= 80 else text[:77] + "...")
