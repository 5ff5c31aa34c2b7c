"""NIST's National Software Reference Library: the SQLite database of its Reference Data Set 3 (RDSv3), minimal sets.

Its table FILE (sha256, sha1, md5, crc32, file_name, file_size, package_id) has one row for each name and package a
file was seen under, all of them its primary key: the index of that key holds equal digests side by side (``schema.sql``
of RDS_2026.09.1_modern_minimal; older releases leave crc32 out of the key). Full sets have a view of that name over
METADATA, which no index puts in order; they are refused.

What is in the RDS is known software, not software known to be harmless.
"""

import binascii
import contextlib
import datetime
import os
import re
import sqlite3
import stat
import urllib.parse
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from amparo.evidence.errors import BadInput
from amparo.exchange.known import ALGORITHMS, KnownEntry, shown, wrong

TERMS = (
    "NIST Special Database 28: public domain (17 U.S.C. 105), redistribution is free. A changed copy must say that it "
    "is not the official RDS."
)
_COLUMNS = ("sha256", "sha1", "md5")
# The index is named, and no order asked for: SQLite then walks the index, or refuses, and never sorts. Its order is
# checked here, row by row.
_INDEX = "sqlite_autoindex_FILE_1"
_ROWS = f"SELECT rowid, {', '.join(_COLUMNS)} FROM FILE INDEXED BY {_INDEX}"  # noqa: S608
_ROW_BYTES = 2 * sum(ALGORITHMS[column] for column in _COLUMNS)  # of the file, for the least row
_STEPS = 20_000  # of SQLite's virtual machine, for a statement that reads the schema or VERSION: 1,000 rows and more
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1024 * 1024,  # bytes of a row
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 64 * 1024,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 10,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_PRAGMAS = ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0")
_READABLE = {
    "sqlite_master": {"type", "name", "sql"},
    "FILE": {"ROWID", *_COLUMNS},
    "VERSION": {"release_date"},
}
_HARMLESS = (b"CREATE TABLE ", b"CREATE INDEX ", b"CREATE UNIQUE INDEX ", b"CREATE VIEW ")  # as SQLite stores them
_DATE = re.compile(rb"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T].*)?")
_HINT = "Compare it with what NIST publishes (digest of the zip, dbhash of the database), or fetch it again."
_MOVED, _STAY = "The database is no longer at the path it was opened by.", "Leave it where it is meanwhile."
_MINIMAL = "Import the database (.db) of an RDSv3 set whose name ends in _minimal."


class NsrlRds:
    """Reader of an RDSv3 database. ``dated`` stands where its table VERSION gives no release date."""

    API: ClassVar[int] = 1
    name: ClassVar[str] = "nsrl"

    def __init__(
        self,
        dated: datetime.date,
        owner: str = "NIST NSRL",
        terms: str = TERMS,
        labels: tuple[str, ...] = ("known-good",),
    ) -> None:
        self._dated, self._owner, self._terms, self._labels = dated, owner, terms, labels

    def read(self, stream: BinaryIO) -> Iterator[KnownEntry]:
        """One entry for each SHA-256, with its SHA-1 and MD5, in the order of the SHA-256.

        ``stream``: a database opened from disk by its path, with no journal beside it. O(rows), in constant memory
        and without a temporary file. Raises BadInput for anything else, for what is damaged (a row is named by its
        rowid), and for a SHA-256 that has two SHA-1 or MD5. Damage that hides rows and leaves the others in order
        goes unnoticed: NIST publishes a digest of the zip and a dbhash.
        """
        path, size = _path(stream)
        address = f"file://{urllib.parse.quote(path)}?mode=ro&immutable=1"
        try:
            with contextlib.closing(sqlite3.connect(address, uri=True, isolation_level=None)) as database:
                _restrict(database)
                dated = (_released(database) if b"VERSION" in _tables(database) else None) or self._dated
                database.set_progress_handler(None, 0)  # from here on the rows are counted
                for place, found in _rows(database, size):
                    key = f"sha256:{found['sha256'].hex()}"
                    yield KnownEntry(key, found, self._labels, self._owner, self._terms, dated, place)
        except (sqlite3.Error, UnicodeDecodeError) as error:  # SQLite quotes the file's own bytes in its errors
            raise BadInput(f"The database cannot be read: {shown(str(error))}.", _HINT) from error


def _rows(database: sqlite3.Connection, size: int) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Place and digests of each SHA-256; ``size``: bytes of the file."""
    raw: list[object] = []
    last: dict[str, bytes] = {}
    for count, (number, *digests) in enumerate(database.execute(_ROWS)):
        if count * _ROW_BYTES > size:
            raise BadInput("The database has more rows than fit into it: it is damaged.", _HINT)
        if digests == raw:
            continue
        raw = digests
        place = f"Row {number}" if isinstance(number, int) else "A row without a number"
        found = {name: _digest(place, name, each) for name, each in zip(_COLUMNS, digests, strict=True)}
        if found == last:  # in letters of another case
            continue
        if last and found["sha256"] <= last["sha256"]:
            two = found["sha256"] == last["sha256"]
            what = "has two SHA-1 or MD5" if two else "is out of order: the index is damaged"
            raise wrong(place, f"the SHA-256 {found['sha256'].hex()} {what}")
        last = found
        yield place, found


def _path(stream: BinaryIO) -> tuple[bytes, int]:
    """Absolute path of the file behind a stream, and its size in bytes."""
    name = getattr(stream, "name", None)
    if not isinstance(name, str | bytes | os.PathLike):
        raise BadInput("An RDSv3 database is read by its path, and this is not a file opened by one.", _MINIMAL)
    path = os.path.abspath(os.fsencode(name))
    try:
        opened, there = os.fstat(stream.fileno()), os.stat(path)
        journals = [each for each in (b"-wal", b"-journal") if os.path.exists(path + each)]
    except (OSError, ValueError) as error:
        raise BadInput(_MOVED, _STAY) from error
    if not os.path.samestat(opened, there) or not stat.S_ISREG(opened.st_mode):
        raise BadInput(_MOVED, _STAY)
    if journals:
        hint = "Another program has it open or left it unfinished: open it with sqlite3, close it, import it again."
        raise BadInput(f"A journal ({journals[0][1:].decode()}) lies beside the database.", hint)
    return path, opened.st_size


def _restrict(database: sqlite3.Connection) -> None:
    """Leave a connection nothing but to read three tables (sqlite.org/security.html)."""
    database.text_factory = bytes
    for limit, value in _LIMITS.items():
        database.setlimit(limit, value)
    for pragma in _PRAGMAS:
        database.execute(f"PRAGMA {pragma}")
    database.set_authorizer(_authorise)
    database.set_progress_handler(lambda: 1, _STEPS)


def _authorise(action: int, table: str | None, column: str | None, database: str | None, source: str | None) -> int:
    """Denies everything but these columns of these tables: functions, views and virtual tables too."""
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    readable = action == sqlite3.SQLITE_READ and column in _READABLE.get(table or "", ())
    return sqlite3.SQLITE_OK if readable else sqlite3.SQLITE_DENY


def _tables(database: sqlite3.Connection) -> set[bytes]:
    """Names of the tables. Raises BadInput where FILE is none of them, or the schema could run code."""
    tables: set[bytes] = set()
    others: set[bytes] = set()
    for kind, name, sql in database.execute("SELECT type, name, sql FROM sqlite_master"):
        # A virtual table would run its module's code on what the file holds.
        if sql is not None and not (isinstance(sql, bytes) and sql.startswith(_HARMLESS)):
            raise BadInput("The schema holds more than tables, indexes and views.", _MINIMAL)
        if isinstance(name, bytes):
            (tables if kind == b"table" else others).add(name)
    if b"FILE" not in tables:
        full = b"FILE" in others
        raise BadInput("This is a full set, whose FILE is a view." if full else "There is no table FILE.", _MINIMAL)
    if _INDEX.encode() not in others:
        raise BadInput("The table FILE has no primary key.", _MINIMAL)
    return tables


def _released(database: sqlite3.Connection) -> datetime.date | None:
    """The latest release date of the table VERSION; None where none reads as a date."""
    dates = []
    for (text,) in database.execute("SELECT release_date FROM VERSION"):
        if isinstance(text, bytes) and (match := _DATE.fullmatch(text)):
            with contextlib.suppress(ValueError):
                dates.append(datetime.date.fromisoformat(match[1].decode()))
    return max(dates, default=None)


def _digest(place: str, column: str, raw: object) -> bytes:
    if isinstance(raw, bytes) and len(raw) == 2 * ALGORITHMS[column]:
        with contextlib.suppress(binascii.Error):
            return binascii.unhexlify(raw)
    raise wrong(place, f"its {column} is not a digest of {2 * ALGORITHMS[column]} hex digits")
