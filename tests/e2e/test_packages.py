"""Packages from the command line: exported, checked, changed; and a validation in an installation of its own."""

import json
from pathlib import Path

import jsonschema
from e2e.homes import Home

from amparo.casework import schemas


def test_a_case_is_exported_checked_and_a_change_is_found(home: Home, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.txt").write_text("words")
    home.case("E-1")
    home.rows("scan", tmp_path / "tree", "--case", "E-1")
    (row,) = home.rows("export", "--case", "E-1", "--output", tmp_path / "out")
    jsonschema.validate(row, json.loads(schemas.read("export")))
    done = home.run("verify", tmp_path / "out", "--key", row["key"], "--json")
    assert done.returncode == 0, done.stderr
    checked = json.loads(done.stdout)
    jsonschema.validate(checked, json.loads(schemas.read("package")))
    assert checked["about"]["case"] == "E-1"
    home.verify()
    (tmp_path / "out" / "report.html").write_text("<p>Other")
    done = home.run("verify", tmp_path / "out")
    assert done.returncode == 4
    assert "'report.html' was changed" in done.stderr
    assert home.run("verify", tmp_path).returncode == 2
    assert home.run("export", "--case", "E-1", "--output", tmp_path / "out").returncode == 2
    assert home.run("export", "--case", "E-1", "--output", tmp_path / "o2", "--form", "film").returncode == 2


def test_validation_holds_here_and_touches_no_case(home: Home, tmp_path: Path) -> None:
    home.case("V-1")
    before = (home.path / "custody.jsonl").read_bytes()
    done = home.run("validate", "--output", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    assert "DOES NOT HOLD" not in done.stdout
    assert done.stdout.count("  holds  ") >= 16
    assert home.run("verify", tmp_path / "report").returncode == 0
    assert (home.path / "custody.jsonl").read_bytes() == before
    assert [row["reference"] for row in home.rows("case", "list")] == ["V-1"]
    assert home.run("validate", "--output", tmp_path / "report").returncode == 2
