"""Every command that prints rows prints what its schema says, through the real command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from amparo.casework import schemas


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("rows")
    tree = base / "tree"
    tree.mkdir()
    (tree / "plain.txt").write_text("plain")
    (tree / "again.txt").write_text("plain")
    (tree / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    (tree / "link").symlink_to("plain.txt")
    os.mkdir(os.fsencode(tree) + b"/na\xffme\n")
    known = "digest,labels,owner,terms,date\n"
    known += "a116c9d5cdbd9ab4dad8e1f2f2a58c49,test-known,Amparo tests,none,2026-01-01\n"  # an MD5 of nothing here
    known += f"{__import__('hashlib').sha256(b'plain').hexdigest()},test-known,Amparo tests,none,2026-01-01\n"
    (base / "known.csv").write_text(known)
    return base


def amparo(home: Path, *words: str) -> list[dict[str, Any]]:
    env = {**os.environ, "AMPARO_HOME": str(home / "home"), "DATABASE_URL": ""}
    done = subprocess.run([sys.executable, "-m", "amparo", *words], env=env, capture_output=True, text=True)
    assert done.returncode in (0, 6), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_rows_follow_their_schemas(home: Path) -> None:
    tree = str(home / "tree")
    log = home / "home" / "custody.jsonl"
    told = [
        ("bank_import", ("bank", "import", str(home / "known.csv"), "--name", "Known", "--json")),
        ("bank", ("bank", "list", "--json")),
        ("case", ("case", "create", "R-1", "--authority", "Order 1", "--scope", f"path={tree}", "--json")),
        (
            "authority",
            ("authority", "add", "--case", "R-1", "--authority", "Order 2", "--until", "2099-01-01", "--json"),
        ),
        ("case", ("case", "list", "--json")),
        ("case", ("case", "show", "R-1", "--json")),
        ("authority", ("authority", "list", "--case", "R-1", "--json")),
        ("scan", ("scan", tree, "--case", "R-1", "--json")),
        ("item", ("items", "--case", "R-1", "--json")),
        ("finding", ("findings", "--case", "R-1", "--json")),
        ("hash", ("hash", str(home / "tree" / "plain.txt"), "--json")),
        ("match", ("match", str(home / "tree" / "plain.txt"), "--json")),
        ("custody", ("custody", "verify", str(log), "--json")),
        ("report", ("report", "--case", "R-1", "--output", str(home / "r.html"), "--json")),
        ("check", ("doctor", "--json")),
        ("version", ("version", "--json")),
    ]
    for name, words in told:
        rows = amparo(home, *words)
        assert rows, words
        validator = jsonschema.Draft202012Validator(json.loads(schemas.read(name)))
        for row in rows:
            validator.validate(row)
    assert {name for name, _ in told} == set(schemas.names())


def test_items_name_what_lies_where(home: Path) -> None:
    rows = {row["path"]: row for row in amparo(home, "items", "--case", "R-1", "--json")}
    assert rows["."]["media_type"] == "inode/directory"
    assert rows["link"]["outcome"] == "skipped"
    assert rows["link"]["reason"] == "symlink"
    assert rows["plain.txt"]["findings"] == ["match.bank"]
    assert rows["plain.txt"]["sha256"] == rows["again.txt"]["sha256"]
    assert "picture.damaged" in rows["broken.jpg"]["findings"]
    assert rows["na\\xffme\\n"]["path_b64"] == "bmH/bWUK"
