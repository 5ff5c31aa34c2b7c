"""The hash list of Banks as CSV: ``digest,labels,owner,terms,date``, in any order of columns. UTF-8, RFC 4180.

A column ``algorithm`` may stand beside them; without it the number of digits says which digest it is.
"""

import csv
import datetime
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, ClassVar

from amparo.evidence.errors import BadInput
from amparo.exchange.known import ALGORITHMS, KnownEntry, shown, wrong
from amparo.exchange.seen import Seen

COLUMNS = ("digest", "labels", "owner", "terms", "date")
MAX_LINE = 64 * 1024  # bytes
MAX_ROWS = 100_000_000
_OPTIONAL = "algorithm"
_BY_DIGITS = {2 * size: algorithm for algorithm, size in ALGORITHMS.items() if algorithm != "pdq"}  # PDQ must be named
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_HEADER = f"The columns are: {','.join(COLUMNS)} (and {_OPTIONAL}, where wanted)"


def parse_digest(text: str, algorithm: str | None = None) -> tuple[str, bytes]:
    """Algorithm and bytes of a digest in hex; raises BadInput.

    Without ``algorithm`` (one of ALGORITHMS) the length decides: 64, 40 or 32 digits are SHA-256, SHA-1 or MD5.
    """
    found = _digest(text, algorithm)
    if found is None:
        kind = f"{algorithm} digest" if algorithm else "digest"
        raise BadInput(
            f"{shown(text)} is not a {kind}.", "SHA-256, SHA-1 and MD5 have 64, 40 and 32 hex digits, PDQ has 64."
        )
    return found


class HashListCsv:
    """Reader of the CSV form. ``rows``: the most rows of one list."""

    API: ClassVar[int] = 1
    name: ClassVar[str] = "csv"

    def __init__(self, rows: int = MAX_ROWS) -> None:
        self._rows = rows

    def read(self, stream: BinaryIO) -> Iterator[KnownEntry]:
        """Entries in their order, blank lines passed over; a row repeated word for word comes again.

        Raises BadInput at the first line that is wrong. A digest with two different rows is found at most
        ``seen.BATCH`` rows late, so take the entries for good only when all have come. Memory does not grow with
        the list: what was seen lies in an unnamed temporary file (about 90 bytes a row).
        """
        lines = _lines(stream)
        columns = _columns(lines)
        with Seen() as seen:
            for count, (line, text) in enumerate(lines, 1):
                if count > self._rows:
                    raise wrong(f"Line {line}", f"the list has more than {self._rows} rows")
                entry = _entry(f"Line {line}", text, columns)
                ((algorithm, digest),) = entry.digests.items()
                said = (";".join(entry.labels), entry.owner, entry.terms, str(entry.dated))
                if seen.add(algorithm.encode() + digest, said, line):
                    _refuse(seen)
                yield entry
            seen.check()
            _refuse(seen)


def _digest(text: str, algorithm: str | None) -> tuple[str, bytes] | None:
    """None where the text is no digest of that algorithm."""
    found = algorithm or _BY_DIGITS.get(len(text))
    if found not in ALGORITHMS or len(text) != 2 * ALGORITHMS[found] or not _HEX.fullmatch(text):
        return None
    return found, bytes.fromhex(text)


def _refuse(seen: Seen) -> None:
    if seen.contradiction:
        first, second = seen.contradiction
        raise wrong(f"Line {second}", f"this digest stands on line {first} with other labels, owner, terms or date")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not blank, without their ends."""
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            raise wrong(f"Line {number}", f"the line is longer than {MAX_LINE} bytes")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise wrong(f"Line {number}", f"byte {error.start + 1} is not UTF-8") from error
        if text:
            yield number, text


def _fields(place: str, text: str) -> list[str]:
    """The fields of one line, read alone: a quote that is not closed cannot swallow the lines below it."""
    if '"' not in text and "\r" not in text:
        return text.split(",")  # what the csv module would give, in a third of the time
    try:
        return next(csv.reader((text,), strict=True))
    except csv.Error as error:
        raise wrong(place, f"the quotes do not match ({error})") from error


def _columns(lines: Iterator[tuple[int, str]]) -> Mapping[str, int]:
    """Where each column stands."""
    line, text = next(lines, (0, ""))
    if not line:
        raise BadInput("The list is empty.", f"Its first line is: {','.join(COLUMNS)}")
    known = (*COLUMNS, _OPTIONAL)
    names = _fields(f"Line {line}", text)
    for position, name in enumerate(names):
        if name not in known or name in names[:position]:
            problem = "twice" if name in known else "unknown"
            raise BadInput(f"Line {line}: column {shown(name)} is {problem}.", _HEADER)
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadInput(f"Line {line}: column {missing[0]} is missing.", _HEADER)
    return {name: position for position, name in enumerate(names)}


def _entry(place: str, text: str, columns: Mapping[str, int]) -> KnownEntry:
    fields = _fields(place, text)
    if len(fields) != len(columns):
        raise wrong(place, f"there are {len(fields)} fields instead of {len(columns)}")
    digest, labels, owner, terms, date = (fields[columns[name]] for name in COLUMNS)
    stated = fields[columns[_OPTIONAL]] if _OPTIONAL in columns else None
    if stated is not None and stated not in ALGORITHMS:
        raise wrong(place, f"algorithm {shown(stated)} is none of {', '.join(ALGORITHMS)}")
    found = _digest(digest, stated)
    if found is None:
        kind = f"{stated} digest of {2 * ALGORITHMS[stated]}" if stated else "digest of 64, 40 or 32"
        raise wrong(place, f"{shown(digest)} is not a {kind} hex digits")
    algorithm, raw = found
    try:
        dated = datetime.date.fromisoformat(date) if _DATE.fullmatch(date) else None
    except ValueError:
        dated = None
    if dated is None:
        raise wrong(place, f"{shown(date)} is not a date like 2026-01-31")
    parts = tuple(labels.split(";")) if labels else ()
    return KnownEntry(f"{algorithm}:{raw.hex()}", {algorithm: raw}, parts, owner, terms, dated, place)
