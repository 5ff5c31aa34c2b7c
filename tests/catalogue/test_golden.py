"""Databases of earlier releases: migrated by this one, they print the rows they printed then."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import postgres

GOLDEN = Path(__file__).parents[1] / "golden" / "database"
RELEASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir() and path.name[0].isdigit())
IDS = ("id", "source", "parent", "item")


def printed(env: dict[str, str], table: str) -> list[str]:
    command = [sys.executable, "-m", "amparo", table, "--case", "GOLDEN-1", "--json"]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def without_ids(lines: list[str]) -> list[str]:
    rows = [json.loads(line) for line in lines]
    for row in rows:
        for key in ("ns", "text"):  # the two databases were made by two scans of one tree: access times may differ
            for moment in row.get("moments", []):
                if moment["field"] == "accessed":
                    moment.pop(key)
        if "facts" in row:
            row["facts"].pop("bank", None)
    return sorted(
        json.dumps({k: v for k, v in row.items() if k not in (*IDS, "config_digest")}, sort_keys=True) for row in rows
    )


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("table", ["items", "findings"])
def test_sqlite(tmp_path: Path, release: str, table: str) -> None:
    shutil.copy(GOLDEN / release / "amparo.sqlite3", tmp_path / "amparo.sqlite3")
    expected = (GOLDEN / release / f"{table}.jsonl").read_text().splitlines()
    assert expected
    assert printed({"AMPARO_HOME": str(tmp_path), "DATABASE_URL": ""}, table) == expected


@pytest.fixture(scope="module")
def cluster(missing: Callable[[str], None]) -> Iterator[str]:
    """A PostgreSQL of this test's own, whichever database the run is for."""
    if postgres.binaries() is None:
        missing("PostgreSQL")
    with postgres.cluster() as url:
        yield url


@pytest.mark.parametrize("release", RELEASES)
def test_postgresql(tmp_path: Path, release: str, cluster: str) -> None:
    url = cluster
    name = f"golden_{uuid.uuid4().hex}"
    parts = conninfo_to_dict(url)
    mine = f"postgresql://{parts['user']}@/{name}?host={parts['host']}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        try:
            dump = (GOLDEN / release / "postgresql.sql").read_text()
            statements = "".join(f"{line}\n" for line in dump.splitlines() if not line.startswith("\\"))
            with contextlib.closing(psycopg.connect(mine, autocommit=True)) as connection:
                connection.execute(statements.encode())
            for table in ("items", "findings"):
                found = printed({"AMPARO_HOME": str(tmp_path / "home"), "DATABASE_URL": mine}, table)
                expected = (GOLDEN / release / f"{table}.jsonl").read_text().splitlines()
                assert without_ids(found) == without_ids(expected)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_this_release_left_one() -> None:
    from amparo import __version__

    assert __version__ in RELEASES, f"run tests/golden/database/make.py {__version__} before the release"
