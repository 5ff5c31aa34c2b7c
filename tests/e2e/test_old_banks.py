"""A database of version 0.1.0: its Banks move into sealed files at the first command, and are found as before."""

import json
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from e2e.bank_lists import sealed
from e2e.homes import Home, new_home
from e2e.test_rematch_kill import killed

from amparo.casework import schemas

GOLDEN = Path(__file__).parents[1] / "golden" / "database" / "0.1.0" / "amparo.sqlite3"
KNOWN, WITHDRAWN = "ac7938d40cfc2307e2bf325d28e7884e", "a116c9d5cdbd9ab4dad8e1f2f2a58c49"
MOVED = "Moved the entries of the Banks from the database into sealed files."


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Home]:
    """The golden database with one entry withdrawn. It is SQLite, whichever database the run is for."""
    path = tmp_path / "home"
    path.mkdir()
    with new_home(path) as home:
        yield _old(home)


def _old(home: Home) -> Home:
    env = {key: value for key, value in home.env.items() if key != "DATABASE_URL"}
    made = Home(home.path, env)
    shutil.copy(GOLDEN, made.path / "amparo.sqlite3")
    made.change("UPDATE catalogue_bankentry SET withdrawn = 1, withdrawn_reason = 'by mistake' WHERE id = 2")
    return made


def rows_left(home: Home) -> int:
    with sqlite3.connect(home.path / "amparo.sqlite3") as lite:
        (number,) = lite.execute("SELECT count(*) FROM catalogue_bankentry").fetchone()
    lite.close()
    return int(number)


def entries(home: Home) -> list[tuple[object, ...]]:
    rows = home.rows("bank", "entries", "--name", "Golden bank")
    return [(row["entry"], row["digests"], row["withdrawn"], row["reason"]) for row in rows]


def moved_well(home: Home) -> None:
    assert rows_left(home) == 0
    assert len(sealed(home)) == 1
    assert sealed(home) == home.segments()
    assert entries(home) == [(1, {"md5": KNOWN}, False, None), (2, {"md5": WITHDRAWN}, True, "by mistake")]
    (found,) = home.rows("match", KNOWN)
    assert (found["bank_name"], found["bank_version"], found["entry"]) == ("Golden bank", 1, 1)
    assert home.rows("match", WITHDRAWN) == []
    (bank,) = home.rows("bank", "list")
    assert (bank["version"], bank["entries"], bank["withdrawn"], bank["kind"]) == (1, 1, 1, "known")
    home.verify()


def test_the_first_command_moves_them(old: Home) -> None:
    done = old.run("version")
    assert done.returncode == 0
    first = old.run("bank", "list", "--json")
    assert (first.returncode, first.stderr.count(MOVED)) == (0, 1)
    moved_well(old)
    assert MOVED not in old.run("bank", "list").stderr


def test_killed_meanwhile_it_is_repeated(old: Home) -> None:
    assert killed(old, "moving", 1, "bank", "list") == -signal.SIGKILL
    assert rows_left(old) == 2
    assert len(sealed(old)) == 1
    assert MOVED in old.run("bank", "list").stderr
    moved_well(old)


def test_matches_of_then_are_shown(old: Home) -> None:
    rows = old.rows("matches", "--case", "GOLDEN-1")
    assert {(row["bank_name"], row["entry"], row["algorithm"]) for row in rows} == {("Golden bank", 1, "md5")}
    validator = jsonschema.Draft202012Validator(json.loads(schemas.read("case_match")))
    for row in rows:
        validator.validate(row)
    done = old.run("matches", "--case", "GOLDEN-1")
    assert (done.returncode, "Golden bank version 1, entry 1" in done.stdout) == (0, True), done.stderr


def test_what_was_never_hashed_is_counted(old: Home) -> None:
    done = old.run("rematch")
    assert done.returncode == 0
    assert "GOLDEN-1: 0 contents compared" in done.stdout
    assert "contents of GOLDEN-1 were never hashed" in done.stderr
    assert len(old.rows("matches", "--case", "GOLDEN-1")) == 1, "what was found stays"
