"""Archives made to harm: bombs end at a limit and say so, and no name leads outside."""

import os
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from e2e.bad_input import findings, scan
from e2e.homes import Home
from e2e.planted import zip_of

MIB = 1 << 20


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"


@pytest.mark.database
def test_bombs(home: Home, tree: Path) -> None:
    """One member that is far larger than its archive, members that share their bytes, and a bomb of bombs."""
    with (
        zipfile.ZipFile(tree / "ratio.zip", "w", zipfile.ZIP_BZIP2) as archive,
        archive.open("zeros", "w") as stream,
    ):
        for _ in range(64):
            stream.write(bytes(MIB))
    (tree / "overlapping.zip").write_bytes(_overlapping(30))
    wide = zip_of([("zeros", bytes(20 * MIB))])
    for _ in range(3):
        wide = zip_of([(f"{number}.zip", wide) for number in range(8)])
    (tree / "wide.zip").write_bytes(wide)
    rows = scan(home, tree, code=6)
    assert (rows["ratio.zip"]["outcome"], rows["ratio.zip!/zeros"]["reason"]) == ("ok", "limit-ratio")
    assert rows["ratio.zip!/zeros"]["sha256"] is None
    shared = [row for path, row in rows.items() if path.startswith("overlapping.zip!/")]
    assert [row["outcome"] for row in shared] == ["ok"] + ["failed"] * 29
    assert {row["reason"] for row in shared[1:]} == {"limit-ratio"}
    innermost = [row for path, row in rows.items() if path.startswith("wide.zip") and path.count("!/") == 3]
    assert len(innermost) == 8**3
    unopened = [row for row in innermost if row["reason"] == "limit-ratio"]
    opened = [row for path, row in rows.items() if path.startswith("wide.zip") and path.count("!/") == 4]
    assert len(unopened) + len(opened) == 8**3
    assert unopened


@pytest.mark.database
def test_fifty_zips_in_each_other(home: Home, tree: Path) -> None:
    inner = b"the bottom"
    for number in range(50):
        inner = zip_of([(f"{number}", inner)])
    (tree / "deep.zip").write_bytes(inner)
    rows = scan(home, tree, code=6)
    assert len(rows) == 2 + 16
    deepest = max(rows, key=len)
    assert (deepest.count("!/"), rows[deepest]["outcome"], rows[deepest]["reason"]) == (16, "failed", "limit-depth")
    assert rows[deepest]["media_type"] == "application/zip"
    assert [row["outcome"] for path, row in rows.items() if path != deepest] == ["ok"] * 17


@pytest.mark.database
def test_names_that_lead_outside(home: Home, tree: Path, tmp_path: Path) -> None:
    outside = tmp_path / "absolute.txt"
    names = ["../../up.txt", str(outside), "..\\up.txt", "C:/drive.txt", "fine/../../up.txt"]
    (tree / "names.zip").write_bytes(zip_of([(name, name.encode()) for name in names]))
    before = _everything(tmp_path, home.path)
    rows = scan(home, tree)
    assert _everything(tmp_path, home.path) == before
    assert not outside.exists()
    members = [path.removeprefix("names.zip!/").replace("\\\\", "\\") for path in rows if "!/" in path]
    assert members == names
    problems = sorted(str(facts["problem"]) for facts in findings(home, "archive.member_name"))
    assert problems == ["absolute", "drive", "parent-reference", "parent-reference", "parent-reference"]


def _everything(folder: Path, but: Path) -> list[str]:
    found = [os.path.join(at, name) for at, folders, files in os.walk(folder) for name in (*folders, *files)]
    return sorted(path for path in found if not path.startswith(str(but)))


def _overlapping(number: int) -> bytes:
    """A ZIP whose members are all the same bytes, in one place."""
    data = bytes(MIB)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    sizes = zlib.crc32(data), len(packed), len(data)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, *sizes, 1, 0) + b"a" + packed
    directory = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sizes, 2, 0, 0, 0, 0, 0, 0) + b"%02d" % each
        for each in range(number)
    )
    return local + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, number, number, len(directory), len(local), 0)
