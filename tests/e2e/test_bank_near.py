"""Altered copies: a Bank of PDQ that comes after the scan finds them, reads no picture again, and can be judged."""

import shutil
from pathlib import Path

import pytest
from e2e.homes import Home
from PIL import Image

pytestmark = pytest.mark.database
STATED = ("--owner", "Amparo tests", "--terms", "none", "--date", "2026-01-31", "--algorithm", "pdq")


def picture() -> Image.Image:
    return Image.effect_noise((40, 30), 80).resize((640, 480), Image.Resampling.BICUBIC)


def test_a_later_bank_finds_altered_copies(home: Home, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    original, other = picture(), picture()
    original.save(tmp_path / "original.png")
    original.resize((400, 300)).save(tree / "copy.jpg", quality=70)
    other.save(tree / "other.png")
    home.case("R-1")
    assert home.run("scan", tree, "--case", "R-1").returncode == 0
    (row,) = home.rows("hash", tmp_path / "original.png")
    (tmp_path / "pdq.txt").write_text(f"{row['pdq']}\n")
    imported = home.run("bank", "import", tmp_path / "pdq.txt", "--name", "Known", "--format", "plain", *STATED)
    assert imported.returncode == 0
    (looked,) = home.rows("match", tree / "copy.jpg")
    shutil.move(tree, tmp_path / "gone")  # a new Bank needs no evidence
    assert home.rows("rematch", "--case", "R-1")[0]["v"] == 1
    (found,) = home.rows("findings", "--case", "R-1", "--kind", "match.near")
    assert found["facts"]["distance"] == looked["distance"] <= 31
    assert (found["facts"]["entry"], found["facts"]["entries"]) == (1, 1)
    assert home.run("bank", "deny", row["pdq"], "--name", "Known", "--reason", "another one").returncode == 0
    assert home.rows("rematch", "--case", "R-1")[0]["v"] == 1
    assert home.rows("findings", "--case", "R-1", "--kind", "match.near") == []
    kept = home.rows("findings", "--case", "R-1", "--kind", "match.near", "--superseded")
    assert [each["facts"] for each in kept] == [found["facts"]], "it stays on record"
    home.verify()
