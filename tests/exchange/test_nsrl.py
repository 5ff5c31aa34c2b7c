"""The RDSv3 database: what NIST's schema holds is read, what else a file may hold is refused with BadInput."""

import datetime
import hashlib
import io
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.exchange.known import KnownEntry
from amparo.exchange.nsrl import NsrlRds, _restrict

# schema.sql of RDS_2026.09.1_modern_minimal, less what is not read.
KEY = ",\n CONSTRAINT PK_FILE__FILE PRIMARY KEY (sha256, sha1, md5, crc32, file_name, file_size, package_id)"
FILE = f"""
CREATE TABLE FILE (
 sha256     VARCHAR NOT NULL,
 sha1       VARCHAR NOT NULL,
 md5        VARCHAR NOT NULL,
 crc32      VARCHAR NOT NULL,
 file_name  VARCHAR NOT NULL,
 file_size  INTEGER NOT NULL,
 package_id INTEGER NOT NULL{KEY}
);
"""
REST = """
CREATE TABLE MFG (
 manufacturer_id INTEGER NOT NULL,
 name            VARCHAR NOT NULL,
 CONSTRAINT PK_MFG__MFG_ID PRIMARY KEY (manufacturer_id)
);
CREATE TABLE VERSION (
 version      VARCHAR UNIQUE NOT NULL,
 build_set    VARCHAR NOT NULL,
 build_date   TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
 release_date TIMESTAMP NOT NULL,
 description  VARCHAR NOT NULL,
 CONSTRAINT PK_VERSION__VERSION PRIMARY KEY (version)
);
CREATE VIEW DISTINCT_HASH AS
 SELECT DISTINCT
  sha256,
  sha1,
  md5,
  crc32
 FROM
  FILE
;
"""
DAY, RELEASED = datetime.date(2020, 2, 2), datetime.date(2026, 9, 1)
Row = tuple[object, ...]


def row(number: int, name: str = "name", **other: object) -> Row:
    """A row of FILE; the digests are of the number, upper case as NIST writes them."""
    digests = {name: hashlib.new(name, b"%d" % number).hexdigest().upper() for name in ("sha256", "sha1", "md5")}
    return (*{**digests, **other}.values(), "7D227EE3", name, 1, 1)


def make(
    path: Path, rows: Sequence[Row] = (), schema: str = FILE + REST, released: str | None = "2026-09-01 00:00:00"
) -> Path:
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(schema)
    database.executemany("INSERT INTO FILE VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    if released:
        database.execute("INSERT INTO VERSION VALUES ('2026.09.1', 'modern', '2026-08-01', ?, 'x')", (released,))
    database.commit()
    database.close()
    return path


def read(path: Path) -> list[KnownEntry]:
    with open(path, "rb") as stream:
        return list(NsrlRds(DAY).read(stream))


def refused(path: Path, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        read(path)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def edit_schema(path: Path, statement: str) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA writable_schema=ON")
    database.execute(statement)
    database.commit()
    database.close()


def test_an_entry(tmp_path: Path) -> None:
    (entry,) = read(make(tmp_path / "rds.db", [row(1)]))
    digests = {name: hashlib.new(name, b"1").digest() for name in ("sha256", "sha1", "md5")}
    assert entry == KnownEntry(
        key=f"sha256:{digests['sha256'].hex()}",
        digests=digests,
        labels=("known-good",),
        owner="NIST NSRL",
        terms=entry.terms,
        dated=RELEASED,
        place="Row 1",
    )
    assert "public domain" in entry.terms


@pytest.mark.parametrize("key", ["sha256, sha1, md5, crc32, file_name", "sha256, sha1, md5, file_name"])
def test_one_entry_for_each_sha256_in_their_order(tmp_path: Path, key: str) -> None:
    rows = [row(number, name) for name in ("a", "b", "ü", "d" * 3_000) for number in range(300)]
    schema = (FILE + REST).replace("sha256, sha1, md5, crc32, file_name", key, 1)
    found = read(make(tmp_path / "r d?s%20#.db", rows, schema))
    assert [each.digests["sha256"] for each in found] == sorted(
        hashlib.sha256(b"%d" % number).digest() for number in range(300)
    )
    first = found[0]
    assert rows[int(first.place.removeprefix("Row ")) - 1][0] == first.key.removeprefix("sha256:").upper()


@pytest.mark.parametrize(
    ("released", "dated"),
    [
        ("2026-09-01", RELEASED),
        ("2026-09-01T12:30:00Z", RELEASED),
        ("2026-02-30", DAY),
        ("September 2026", DAY),
        (None, DAY),
    ],
)
def test_the_date_of_release(tmp_path: Path, released: str | None, dated: datetime.date) -> None:
    (entry,) = read(make(tmp_path / "rds.db", [row(1)], released=released))
    assert entry.dated == dated


def test_the_latest_of_several_releases_counts_and_none_is_needed(tmp_path: Path) -> None:
    path = make(tmp_path / "rds.db", [row(1)], released="2025-03-01")
    edit_schema(path, "INSERT INTO VERSION VALUES ('2026.06.1', 'modern', '', '2026-09-01', '')")
    assert read(path)[0].dated == RELEASED
    assert read(make(path, [row(1)], FILE, released=None))[0].dated == DAY


def test_what_a_person_may_add_to_a_database_does_not_matter(tmp_path: Path) -> None:
    path = make(tmp_path / "rds.db", [row(number) for number in range(9)])
    edit_schema(path, "CREATE INDEX by_md5 ON FILE (md5)")
    edit_schema(path, "ANALYZE")
    assert len(read(path)) == 9


@pytest.mark.parametrize(
    "other",
    [
        {"md5": ""},
        {"md5": "g" * 32},
        {"sha1": "a" * 39},
        {"sha1": 12},
        {"sha256": " " + "a" * 63},
        {"sha256": b"\0" * 64},
    ],
)
def test_a_row_that_is_no_digest_is_named(tmp_path: Path, other: dict[str, object]) -> None:
    (column,) = other
    path = make(tmp_path / "rds.db", [row(1), row(2, **other), row(3)])
    refused(path, f"Row 2: its {column} is not a digest of [0-9]+ hex digits")


def test_a_sha256_with_two_md5_is_refused(tmp_path: Path) -> None:
    refused(make(tmp_path / "rds.db", [row(1), row(1, md5="F" * 32), row(2)]), "Row 2: the SHA-256 .* has two SHA-1 or")


def test_case_of_letters_does_not_make_another_digest(tmp_path: Path) -> None:
    sha1, md5 = str(row(1)[1]), str(row(1)[2])
    assert len(read(make(tmp_path / "rds.db", [row(1), row(1, sha1=sha1.lower(), md5=md5.lower())]))) == 1


def test_digests_in_no_order_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "rds.db", [row(1, sha256="a" * 64), row(2, sha256="B" * 64)])
    refused(path, "Row 1: the SHA-256 a+ is out of order")
    schema = (FILE + REST).replace("PRIMARY KEY (sha256, sha1", "PRIMARY KEY (sha1, sha256")
    refused(make(path, [row(number) for number in range(50)], schema), "is out of order")


def test_without_the_index_of_the_key_nothing_is_sorted(tmp_path: Path) -> None:
    schema = (FILE + REST).replace(KEY, "")
    refused(make(tmp_path / "rds.db", [row(1)], schema), "FILE has no primary key")


def test_a_full_set_is_told_from_a_minimal_one(tmp_path: Path) -> None:
    view = "CREATE VIEW FILE AS SELECT sha256, sha1, md5 FROM METADATA;"
    schema = FILE.replace("TABLE FILE", "TABLE METADATA") + REST + view
    path = tmp_path / "rds.db"
    sqlite3.connect(path).executescript(schema).connection.close()
    refused(path, "This is a full set, whose FILE is a view")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DROP TABLE FILE", "There is no table FILE"),
        ("CREATE VIRTUAL TABLE other USING fts5(text)", "The schema holds more than tables"),
        ("CREATE TRIGGER t AFTER INSERT ON FILE BEGIN SELECT 1; END", "The schema holds more than tables"),
        (
            "UPDATE sqlite_master SET sql = 'CREATE/**/VIRTUAL TABLE MFG USING fts5(x)' WHERE name = 'MFG'",
            "cannot|more than",
        ),
        ("UPDATE sqlite_master SET sql = x'43524541544520ff' WHERE name = 'MFG'", "cannot be read|more than"),
        ("UPDATE sqlite_master SET name = x'ff' || name, sql = 'CREATE TABLE ' || x'ff' WHERE name = 'MFG'", "cannot"),
        (
            "UPDATE sqlite_master SET type = 'table', sql = 'CREATE VIEW FILE AS SELECT 1' WHERE name = 'FILE'",
            "cannot be read",
        ),
        (
            "UPDATE sqlite_master SET sql = 'CREATE TABLE FILE(sha256 AS (hex(randomblob(32))), sha1, md5)' "
            "WHERE name = 'FILE'",
            "cannot be read",
        ),
        ("UPDATE sqlite_master SET rootpage = 999999 WHERE name LIKE '%auto%'", "cannot be read"),
        ("UPDATE sqlite_master SET rootpage = 1 WHERE name LIKE '%FILE_1'", "cannot be read"),
    ],
)
def test_hostile_schemas(tmp_path: Path, statement: str, says: str) -> None:
    path = make(tmp_path / "rds.db", [row(number) for number in range(3)])
    edit_schema(path, statement)
    refused(path, says)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM MFG",
        "SELECT file_name FROM FILE",
        "SELECT sha256 FROM DISTINCT_HASH",
        "SELECT hex(sha256) FROM FILE",
        "SELECT load_extension('x')",
        "DELETE FROM FILE",
        "CREATE TEMP TABLE t (x)",
        "ATTACH ':memory:' AS other",
        "PRAGMA trusted_schema=ON",
    ],
)
def test_the_connection_reads_three_tables_and_does_nothing_else(tmp_path: Path, statement: str) -> None:
    database = sqlite3.connect(make(tmp_path / "rds.db", [row(1)]))
    _restrict(database)
    assert len(database.execute("SELECT rowid, sha256, sha1, md5 FROM FILE").fetchall()) == 1
    with pytest.raises(sqlite3.DatabaseError, match=r"prohibited|not authorized"):
        database.execute(statement)
    database.close()


def test_a_version_that_is_a_view_is_not_run(tmp_path: Path) -> None:
    path = make(tmp_path / "rds.db", [row(1)])
    edit_schema(path, "DROP TABLE VERSION")
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x AS release_date FROM n"
    edit_schema(path, f"CREATE VIEW VERSION AS {endless}")
    assert read(path)[0].dated == DAY
    edit_schema(path, "UPDATE sqlite_master SET type = 'table' WHERE name = 'VERSION'")
    refused(path, "cannot be read: .*prohibited|cannot be read: .*authorized|cannot be read: .*malformed")


@pytest.mark.parametrize("inserted", ["sqlite_master", "VERSION"])
def test_endless_small_tables_are_cut_off(tmp_path: Path, inserted: str) -> None:
    path = make(tmp_path / "rds.db", [row(1)])
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN")
    for number in range(30_000 if inserted == "VERSION" else 5_000):
        if inserted == "VERSION":
            database.execute("INSERT INTO VERSION VALUES (?, '', '', '2026-01-01', '')", (number,))
        else:
            database.execute(f"CREATE VIEW v{number} AS SELECT 1")
    database.commit()
    database.close()
    refused(path, "cannot be read: '.*interrupted.*'")


def test_pages_that_are_used_again_and_again_end(tmp_path: Path) -> None:
    """An index whose branches all lead to the next branch, and at last to one leaf, gives equal rows for years."""
    path = make(tmp_path / "rds.db", [row(1, f"{number:04d}" + "x" * 500) for number in range(2_000)])
    database = sqlite3.connect(path)
    ((root,),) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_FILE_1'")
    database.close()
    data, size = bytearray(path.read_bytes()), 4096
    pages = range(2, len(data) // size + 1)
    leaf = next(page for page in pages if data[(page - 1) * size] == 10 and data[(page - 1) * size + 4] > 2)
    branches = [root, *(page for page in pages if data[(page - 1) * size] == 2 and page != root)][:18]
    assert len(branches) == 18
    for page, below in zip(branches, [*branches[1:], leaf], strict=True):
        start = (page - 1) * size
        data[start + 8 : start + 12] = below.to_bytes(4, "big")
        for pointer in range(start + 12, start + 12 + 2 * int.from_bytes(data[start + 3 : start + 5], "big"), 2):
            cell = start + int.from_bytes(data[pointer : pointer + 2], "big")
            data[cell : cell + 4] = below.to_bytes(4, "big")
    path.write_bytes(data)
    refused(path, "more rows than fit into it")


def test_more_rows_than_fit_into_the_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "rds.db", [row(1, str(number)) for number in range(200)])
    assert len(read(path)) == 1
    monkeypatch.setattr("amparo.exchange.nsrl._ROW_BYTES", os.path.getsize(path) // 100)
    refused(path, "more rows than fit into it")


def test_only_a_file_at_its_path_is_read(tmp_path: Path) -> None:
    path = make(tmp_path / "rds.db", [row(1)])
    with pytest.raises(BadInput, match="read by its path"):
        list(NsrlRds(DAY).read(io.BytesIO(path.read_bytes())))
    with open(os.open(path, os.O_RDONLY), "rb") as stream, pytest.raises(BadInput, match="read by its path"):
        list(NsrlRds(DAY).read(stream))
    with open(path, "rb") as stream:
        path.rename(tmp_path / "moved.db")
        with pytest.raises(BadInput, match="no longer at the path"):
            list(NsrlRds(DAY).read(stream))
        make(path, [row(2)])
        with pytest.raises(BadInput, match="no longer at the path"):
            list(NsrlRds(DAY).read(stream))
    with open("/dev/null", "rb") as stream, pytest.raises(BadInput, match="no longer at the path"):
        list(NsrlRds(DAY).read(stream))


def test_names_that_are_not_utf8_are_found_and_nothing_is_written(tmp_path: Path) -> None:
    make(tmp_path / "rds.db", [row(1)]).rename(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.db"))
    (path,) = tmp_path.iterdir()
    before = path.read_bytes()
    path.chmod(0o400)
    assert len(read(path)) == 1
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


def test_a_journal_beside_it_means_rows_that_would_not_be_seen(tmp_path: Path) -> None:
    path = make(tmp_path / "rds.db", [row(1)])
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("DELETE FROM MFG")
    database.commit()
    refused(path, r"A journal \(wal\) lies beside")
    database.close()
    with open(path, "rb") as stream:
        assert next(NsrlRds(DAY).read(stream)).place == "Row 1"
        assert list(tmp_path.iterdir()) == [path]  # a database left in WAL mode is read without one


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\0", b"\0" * 5_000, b"sha256,sha1\n" * 500])
def test_what_is_no_database(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "rds.db"
    path.write_bytes(data)
    refused(path, "cannot be read|no table FILE")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A database of small pages, so that what is changed is seldom empty space, and its bytes."""
    schema = "PRAGMA page_size=512;" + FILE + REST
    path = make(
        tmp_path_factory.mktemp("nsrl") / "rds.db", [row(n, f"f{m}") for n in range(20) for m in range(2)], schema
    )
    return path, path.read_bytes()


@settings(max_examples=examples(400), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=5_000)
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=12),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 255)), max_size=4),
    st.floats(0, 1),
)
@example([], [], 1.0)
def test_damaged_databases(
    small: tuple[Path, bytes], anywhere: list[tuple[float, int]], early: list[tuple[int, int]], kept: float
) -> None:
    path, data = small
    changed = bytearray(data)
    for place, mask in anywhere:
        changed[int(place * len(data))] ^= mask
    for at, mask in early:  # the header and the schema
        changed[at] ^= mask
    path.write_bytes(changed[: int(kept * len(data))])
    try:
        found = read(path)
    except BadInput as error:
        assert "\n" not in error.message
    else:
        assert all(list(each.digests) == ["sha256", "sha1", "md5"] for each in found)
        assert len({each.key for each in found}) == len(found) <= 40
