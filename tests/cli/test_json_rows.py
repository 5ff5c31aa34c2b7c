"""Every command that prints rows prints what its schema says, through the real command line."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image

from amparo.casework import schemas
from amparo.catalogue.memory_folder import MemoryFolder

PLAIN = hashlib.sha256(b"plain").hexdigest()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
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
    known += f"{PLAIN},test-known,Amparo tests,none,2026-01-01\n"
    (base / "known.csv").write_text(known)
    picture = Image.effect_noise((40, 30), 80).resize((400, 300), Image.Resampling.BICUBIC)
    picture.save(tree / "picture.png")
    picture.resize((300, 225)).save(tree / "smaller.png")
    yield base
    shutil.rmtree(MemoryFolder(base / "home").path, ignore_errors=True)


def amparo(home: Path, *words: str) -> list[dict[str, Any]]:
    env = {**os.environ, "AMPARO_HOME": str(home / "home"), "DATABASE_URL": ""}
    done = subprocess.run([sys.executable, "-m", "amparo", *words], env=env, capture_output=True, text=True)
    assert done.returncode in (0, 6), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def near(home: Path) -> tuple[str, ...]:
    """Imports the PDQ of a picture in the tree."""
    (row,) = amparo(home, "hash", str(home / "tree" / "picture.png"), "--json")
    (home / "pdq.txt").write_text(f"{row['pdq']}\n")
    stated = ("--owner", "Amparo tests", "--terms", "none", "--date", "2026-01-01", "--algorithm", "pdq")
    return ("bank", "import", str(home / "pdq.txt"), "--name", "Pictures", "--format", "plain", *stated)


def test_rows_follow_their_schemas(home: Path) -> None:
    tree = str(home / "tree")
    log = home / "home" / "custody.jsonl"
    told = [
        ("bank_import", ("bank", "import", str(home / "known.csv"), "--name", "Known", "--json")),
        ("bank", ("bank", "list", "--json")),
        ("bank_entry", ("bank", "entries", "--name", "Known", "--json")),
        ("bank_export", ("bank", "export", "--name", "Known", "--output", str(home / "out.csv"), "--json")),
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
        ("bank_import", (*near(home), "--json")),
        ("match", ("match", str(home / "tree" / "smaller.png"), "--json")),
        ("rematch", ("rematch", "--json")),
        ("finding", ("findings", "--case", "R-1", "--kind", "match.near", "--json")),
        ("case_match", ("matches", "--case", "R-1", "--all", "--json")),
        ("group", ("groups", "--case", "R-1", "--json")),
        ("scheme", ("schemes", "--json")),
        ("decision", ("decide", PLAIN, "--case", "R-1", "--label", "material-not-pertinent", "--json")),
        ("decision", ("decisions", "--case", "R-1", "--json")),
        ("custody", ("custody", "verify", str(log), "--json")),
        ("report", ("report", "--case", "R-1", "--output", str(home / "r.html"), "--json")),
        ("export", ("export", "--case", "R-1", "--output", str(home / "package"), "--json")),
        ("package", ("verify", str(home / "package"), "--json")),
        ("check", ("doctor", "--json")),
        ("version", ("version", "--json")),
    ]
    for name, words in told:
        rows = amparo(home, *words)
        assert rows, words
        validator = jsonschema.Draft202012Validator(json.loads(schemas.read(name)))
        for row in rows:
            validator.validate(row)
    elsewhere = {"stamp", "vault_object", "mark"}  # test_stamping, test_vault, test_portable: more people and programs
    assert {name for name, _ in told} | elsewhere == set(schemas.names())


def test_items_name_what_lies_where(home: Path) -> None:
    rows = {row["path"]: row for row in amparo(home, "items", "--case", "R-1", "--json")}
    assert rows["."]["media_type"] == "inode/directory"
    assert rows["link"]["outcome"] == "skipped"
    assert rows["link"]["reason"] == "symlink"
    assert rows["plain.txt"]["findings"] == ["match.bank"]
    assert rows["plain.txt"]["sha256"] == rows["again.txt"]["sha256"]
    assert "picture.damaged" in rows["broken.jpg"]["findings"]
    assert rows["na\\xffme\\n"]["path_b64"] == "bmH/bWUK"
