"""Files and entries that are wrong or strange: each is an Item, and says what is the matter."""

import hashlib
import io
import os
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.bad_input import findings, items, refused, scan
from e2e.homes import Home
from e2e.planted import odd_names, special
from PIL import Image
from sources.planted_tree import NAMES

from amparo.ui.paths import shown

_WITHOUT_ROOTS_RIGHTS = (
    "setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search",
)  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"


@pytest.mark.database
def test_zero_bytes(home: Home, tree: Path) -> None:
    (tree / "zero").write_bytes(b"")
    row = scan(home, tree)["zero"]
    assert (row["size"], row["sha256"], row["outcome"]) == (0, hashlib.sha256().hexdigest(), "ok")


def test_truncated_and_oversized_pictures(home: Home, tree: Path) -> None:
    picture = io.BytesIO()
    Image.effect_noise((400, 300), 60).save(picture, "JPEG")
    (tree / "cut.jpg").write_bytes(picture.getvalue()[: len(picture.getvalue()) // 2])
    (tree / "huge.png").write_bytes(_png(50_000, 50_000))
    rows = scan(home, tree, code=6)
    assert (rows["cut.jpg"]["outcome"], rows["cut.jpg"]["media_type"]) == ("ok", "image/jpeg")
    assert "picture.damaged" in rows["cut.jpg"]["findings"]
    assert (rows["huge.png"]["outcome"], rows["huge.png"]["reason"]) == ("failed", "limit-pixels")
    assert rows["huge.png"]["sha256"] == hashlib.sha256((tree / "huge.png").read_bytes()).hexdigest()
    stated = [facts for facts in findings(home, "picture.properties") if facts["format"] == "png"]
    assert [(facts["width"], facts["height"]) for facts in stated] == [(50_000, 50_000)]


@pytest.mark.database
def test_names(home: Home, tree: Path) -> None:
    odd_names(tree)
    rows = scan(home, tree)
    for name in NAMES:
        assert rows[shown(name)]["outcome"] == "ok", name
    printed = home.run("items", "--case", "BAD").stdout
    assert "\u202e" not in printed
    assert "new\\nline" in printed
    single = home.run("scan", os.path.join(os.fsencode(tree), b"invalid-\xff\xfe.dat"), "--case", "BAD")
    assert single.returncode == 0, single.stderr
    assert "/tree/invalid-\\xff\\xfe.dat" in "".join(single.stdout.split())


@pytest.mark.database
def test_links_and_special_files(home: Home, tree: Path) -> None:
    special(tree)
    (tree / "folder").mkdir()
    (tree / "folder" / "back").symlink_to("..", target_is_directory=True)
    rows = scan(home, tree)
    assert {path: (row["entry"], row["outcome"], row["reason"]) for path, row in rows.items()} == {
        ".": ("directory", "ok", None), "folder": ("directory", "ok", None), "fifo": ("fifo", "skipped", "special"),
        "socket": ("socket", "skipped", "special"),
        **dict.fromkeys(("nowhere", "up", "one", "two", "itself", "folder/back"), ("symlink", "skipped", "symlink")),
    }  # fmt: skip
    assert sorted(facts["target"] for facts in findings(home, "file.symlink")) == sorted(
        ("missing", "..", "two", "one", "itself", "..")
    )
    for path, code, word in (("fifo", 3, "ordinary"), ("itself", 2, "symbolic links")):
        refused(home.run("scan", tree / path, "--case", "BAD"), code, word)


def test_device_nodes(home: Home, tree: Path, missing: Callable[[str], None]) -> None:
    try:
        os.mknod(tree / "character", 0o20600, os.makedev(1, 3))
        os.mknod(tree / "block", 0o60600, os.makedev(7, 250))
    except PermissionError:
        missing("root")
    rows = scan(home, tree)
    assert [rows[name]["entry"] for name in ("character", "block")] == ["character", "block"]
    assert [rows[name]["reason"] for name in ("character", "block")] == ["special", "special"]


@pytest.fixture
def forbidden(tree: Path) -> Iterator[Path]:
    """A tree with a file and a folder nobody may read, and a folder whose entries nobody may look at."""
    for folder in ("closed", "blind", "open"):
        (tree / folder).mkdir()
        (tree / folder / "inside").write_text(folder)
    (tree / "file").write_text("file")
    for name, mode in (("closed", 0), ("file", 0), ("blind", 0o600)):
        (tree / name).chmod(mode)
    yield tree
    for name in ("closed", "file", "blind"):
        (tree / name).chmod(0o700)


def test_permission_denied(home: Home, forbidden: Path, missing: Callable[[str], None]) -> None:
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            missing("setpriv")
        prefix = _WITHOUT_ROOTS_RIGHTS
    home.case("BAD")
    done = home.run("scan", forbidden, "--case", "BAD", prefix=prefix)
    assert (done.returncode, done.stderr) == (6, "")
    rows = items(home)
    assert sorted(path for path, row in rows.items() if row["reason"] == "permission") == [
        "blind/inside", "closed", "file",
    ]  # fmt: skip
    assert [rows[path]["outcome"] for path in (".", "blind", "open", "open/inside")] == ["ok"] * 4
    refused(home.run("scan", forbidden / "file", "--case", "BAD", prefix=prefix), 2, "Cannot read", "Permission denied")
    home.verify()


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks
