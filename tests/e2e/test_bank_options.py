"""Banks through the command line: what a list has to be told, judging entries, and going out and in again."""

import json
from pathlib import Path

import pytest
from e2e.bad_input import refused
from e2e.bank_lists import digest, held, load, write
from e2e.homes import Home

pytestmark = pytest.mark.database_slow
VICS = Path(__file__).parents[1] / "golden" / "vics" / "media-2.0-us.json"
STATED = ("--owner", "Amparo tests", "--terms", "none", "--date", "2026-01-31")


def test_what_a_list_has_to_be_told(home: Home, tmp_path: Path) -> None:
    home.case("R-1")
    known = write(tmp_path / "known.csv", range(3))
    bare = tmp_path / "bare.txt"
    bare.write_text(f"{digest(1)}\n")
    vics = (VICS, "--format", "vics")
    plain = (bare, "--format", "plain")
    for given, words in (
        ((*vics,), ("vics", "everything")),
        ((*plain, "--owner", "O"), ("plain", "everything")),
        ((known, "--owner", "O"), ("csv", "itself")),
        ((known, "--label", "x"), ("csv", "itself")),
        ((*vics, *STATED, "--algorithm", "md5"), ("vics", "itself")),
        ((*plain, *STATED, "--algorithm", "crc"), ("crc",)),
        ((*vics, *STATED[:-1], "today"), ("today", "date")),
        ((known, "--kind", "good"), ("good",)),
        ((known, "--format", "pdf"), ("pdf",)),
    ):
        refused(load(home, *given), 2, *words)
    assert home.rows("bank", "list") == []
    assert load(home, *vics, *STATED).returncode == 0
    row = home.rows("bank", "import", *plain, *STATED, "--label", "b", "--label", "a", "--name", "Plain")[0]
    assert (row["version"], row["added"]) == (1, 1)
    refused(load(home, known, "--kind", "negative"), 2, "known", "negative")
    (entry,) = home.rows("bank", "entries", "--name", "Plain")
    assert (entry["owner"], entry["date"], entry["labels"]) == ("Amparo tests", "2026-01-31", ["a", "b"])


def test_judging_and_releasing(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "known.csv", range(3))).returncode == 0
    reason = ("--name", "Known", "--reason", "another picture")
    for command, target, matches, confirmed in (
        ("confirm", digest(0), True, True),
        ("deny", digest(0), False, False),
        ("release", "1", True, False),
        ("withdraw", "1", False, False),
    ):
        done = home.run("bank", command, target, *reason)
        assert (done.returncode, done.stderr) == (0, "")
        rows = home.rows("match", digest(0))
        assert [(row["confirmed"], row["entry"]) for row in rows] == ([(confirmed, 1)] if matches else [])
    assert home.rows("bank", "list")[0]["version"] == 5
    for command in ("confirm", "deny", "release", "withdraw"):
        refused(home.run("bank", command, digest(0), *reason), 2, "not in use")
        refused(home.run("bank", command, "2", "--name", "Other", "--reason", "why"), 2, "Other")
        refused(home.run("bank", command, "2", "--name", "Known", "--reason", " "), 2, "reason")
    home.verify()


def test_out_and_in_again(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "known.csv", range(30))).returncode == 0
    before = held(home)[1]
    out = ("bank", "export", "--name", "Known", "--output")
    assert home.run(*out, tmp_path / "out.csv").returncode == 0
    refused(home.run(*out, tmp_path / "out.csv"), 2, "there already")
    refused(home.run(*out, tmp_path / "x", "--format", "pdf"), 2, "pdf")
    assert home.run("bank", "import", tmp_path / "out.csv", "--name", "Again").returncode == 0
    again = home.rows("bank", "entries", "--name", "Again")
    assert {(row["entry"], row["digests"]["sha256"], row["owner"]) for row in again} == before
    assert home.run("bank", "import", VICS, "--name", "V", "--format", "vics", *STATED).returncode == 0
    assert home.run(*out[:3], "V", "--output", tmp_path / "v.json", "--format", "vics").returncode == 0
    assert json.loads((tmp_path / "v.json").read_bytes()) == json.loads(VICS.read_bytes())
    home.verify()


def test_a_name_that_is_not_utf8_takes_an_export(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "known.csv", range(3))).returncode == 0
    done = home.run("bank", "export", "--name", "Known", "--output", bytes(tmp_path) + b"/na\xffme")
    assert (done.returncode, done.stderr) == (0, "")
    home.verify()


def test_a_neighbour_named_part_is_left_alone(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "known.csv", range(3))).returncode == 0
    (tmp_path / "out.csv.part").write_text("mine")
    home.run("bank", "export", "--name", "Known", "--output", tmp_path / "out.csv")
    assert (tmp_path / "out.csv.part").read_text() == "mine"
