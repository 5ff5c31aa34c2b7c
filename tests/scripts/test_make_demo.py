import csv
import hashlib
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import py7zr
import pytest
from PIL import Image

_SCRIPT = Path(__file__).parents[2] / "scripts" / "make_demo.py"


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(_SCRIPT), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


def _digests(root: Path) -> dict[bytes, str]:
    found = {}
    for folder, _, names in os.walk(os.fsencode(root)):
        for name in names:
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                with open(path, "rb") as stream:
                    found[os.path.relpath(path, os.fsencode(root))] = hashlib.sha256(stream.read()).hexdigest()
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo") / "target"
    done = _run(target)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d+ entries, 180 pictures, \d+ from packages, 20 known", done.stdout)
    return target


def test_same_seed_same_bytes(demo: Path, tmp_path: Path) -> None:
    assert _run(tmp_path / "again").returncode == 0
    first, second = _digests(demo), _digests(tmp_path / "again")
    different = {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}
    assert different == {b"evidence/Archives/locked.7z"}


def test_about_three_hundred_files_of_all_kinds(demo: Path) -> None:
    names = _digests(demo / "evidence")
    assert 280 <= len(names) <= 450
    kinds = {os.path.splitext(name)[1] for name in names}
    assert {b".jpg", b".png", b".webp", b".gif", b".bmp", b".tiff", b".heic", b".avif", b".svg"} <= kinds
    assert {b".txt", b".html", b".csv", b".json", b".pdf", b".docx", b".eml", b".zip", b".tar", b".gz", b".7z"} <= kinds


def test_odd_entries(demo: Path) -> None:
    odd = os.fsencode(demo / "evidence" / "Odd")
    names = os.listdir(odd)
    assert b"invalid-\xff\xfe.txt" in names and b"two\nlines.txt" in names and "photo\u202egpj.txt".encode() in names
    assert stat.S_ISFIFO(os.lstat(os.path.join(odd, b"pipe")).st_mode)
    assert os.readlink(os.path.join(odd, b"link-to-documents")) == b"../Documents"


def test_damaged_and_locked(demo: Path) -> None:
    damaged = demo / "evidence" / "Damaged"
    assert (damaged / "empty.png").stat().st_size == 0
    huge = (damaged / "claims-50000x50000.png").read_bytes()
    assert len(huge) < 200 and huge[16:24] == (50_000).to_bytes(4, "big") * 2
    with Image.open(damaged / "cut-off.jpg") as image, pytest.raises(OSError, match="truncated"):
        image.load()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(damaged / "cut-off.zip")
    archives = demo / "evidence" / "Archives"
    with pytest.raises(py7zr.exceptions.PasswordRequired):
        py7zr.SevenZipFile(archives / "locked.7z").getnames()
    assert len(py7zr.SevenZipFile(archives / "album.7z").getnames()) == 3


def test_known_digests_are_of_pictures_there(demo: Path) -> None:
    with (demo / "known.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["digest", "labels", "owner", "terms", "date"]
    assert [len(row["digest"]) for row in rows] == [64] * 17 + [32] * 2 + [40]
    assert {row["owner"] for row in rows} == {"Amparo demo"}
    there = set()
    for path in (demo / "evidence").glob("*/**/IMG_*"):
        data = path.read_bytes()
        there |= {hashlib.new(name, data, usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")}
    assert {row["digest"] for row in rows} <= there


def test_known_pictures_lie_at_several_places(demo: Path) -> None:
    with (demo / "known.csv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))["digest"]
    assert list(_digests(demo / "evidence").values()).count(first) == 2
    with zipfile.ZipFile(demo / "evidence" / "Archives" / "holiday.zip") as archive:
        assert first in {hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def test_some_exif_with_a_place_in_the_open_sea(demo: Path) -> None:
    places = set()
    for path in (demo / "evidence").glob("*/**/IMG_*.jpg"):
        with Image.open(path) as image:
            places.add(tuple(map(str, image.getexif().get_ifd(0x8825).values())))
    assert places == {(), ("S", "(48.0, 52.0, 36.0)", "W", "(123.0, 23.0, 36.0)")}


def test_only_its_own_folder_is_made_anew(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "mine.txt").write_text("mine", encoding="utf-8")
    for arguments in ((target,), (target, "--force")):
        refused = _run(*arguments)
        assert refused.returncode == 2 and "Traceback" not in refused.stderr
    (target / "mine.txt").rename(tmp_path / "mine.txt")
    assert _run(target).returncode == 0
    assert _run(target).returncode == 2
    assert _run(target, "--force").returncode == 0
    (tmp_path / "mine.txt").rename(target / "mine.txt")
    assert _run(target, "--force").returncode == 2
    assert (target / "mine.txt").read_text(encoding="utf-8") == "mine" and (target / "evidence").is_dir()
    link = tmp_path / "link"
    link.symlink_to(target)
    assert _run(link, "--force").returncode == 2
