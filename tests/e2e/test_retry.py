"""What failed can be tried again, and only that; the installation never catalogues itself."""

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.database


def test_retry_runs_what_failed_and_nothing_else(home: Any, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "folder").mkdir(parents=True)
    for name in ("one", "two", "folder/three"):
        (tree / name).write_text(name)
    (tree / "claims.png").write_bytes(png_header(50_000, 50_000))
    home.case("R")
    assert home.run("scan", tree, "--case", "R").returncode == 6
    failed = home.rows("items", "--case", "R", "--outcome", "failed")
    assert [(row["path"], row["reason"]) for row in failed] == [("claims.png", "limit-pixels")]

    assert home.rows("scan", tree, "--case", "R", codes=(6,))[0]["visited"] == 0
    again = home.rows("scan", tree, "--case", "R", "--retry-failed", codes=(6,))[0]
    assert again["visited"] == 1
    assert again["failed"] == 1, "it failed again, and counts once"
    assert len(home.rows("findings", "--case", "R", "--kind", "picture.properties")) == 1
    home.verify()


def png_header(width: int, height: int) -> bytes:
    """A PNG that states a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


def test_own_home_is_skipped(home: Any) -> None:
    home.case("SELF")
    done = home.run("scan", home.path.parent, "--case", "SELF")
    assert done.returncode in (0, 6), done.stderr
    rows = {row["path"]: row for row in home.rows("items", "--case", "SELF")}
    name = os.path.basename(home.path)
    assert rows[name]["reason"] == "own-home"
    assert not [path for path in rows if path.startswith(f"{name}/")]
