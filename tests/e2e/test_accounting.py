"""Every entry that find, unzip, tar and 7z know is an Item, or an Item says why it is not."""

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.accounting import TOOLS, Row, differences
from e2e.homes import Home, new_home
from e2e.planted import plant

SHARE = Path("/usr/share")


@dataclasses.dataclass(frozen=True)
class Scan:
    """What a scan of ``root`` left in the catalogue."""

    root: bytes
    rows: list[Row]
    findings: list[Row]

    def without(self, path: str) -> list[str]:
        """The differences once the row of this path is gone."""
        kept = [row for row in self.rows if row["path"] != path]
        assert len(kept) == len(self.rows) - 1, path
        return differences(self.root, kept, self.findings)

    def first(self, **wanted: object) -> Row:
        """The first row with these values."""
        return next(row for row in self.rows if all(row[key] == value for key, value in wanted.items()))


def scanned(home: Home, root: Path) -> Scan:
    home.case("ACCOUNTS")
    home.rows("scan", root, "--case", "ACCOUNTS", codes=(0, 6), timeout=280)
    home.verify()
    rows, findings = home.rows("items", "--case", "ACCOUNTS"), home.rows("findings", "--case", "ACCOUNTS")
    return Scan(os.fsencode(root), rows, findings)


@pytest.fixture(scope="module")
def tools(require_tool: Callable[[str], str]) -> None:
    for tool in TOOLS:
        require_tool(tool)


@pytest.fixture(scope="module")
def planted(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scan]:
    folder = tmp_path_factory.mktemp("planted")
    plant(folder / "tree")
    with new_home(folder / "home") as home:
        yield scanned(home, folder / "tree")


@pytest.fixture(scope="module")
def share(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scan]:
    with new_home(tmp_path_factory.mktemp("share") / "home") as home:
        yield scanned(home, SHARE)


@pytest.mark.slow
def test_usr_share(share: Scan) -> None:
    assert differences(share.root, share.rows, share.findings) == []
    assert len(share.rows) > 1000


@pytest.mark.slow
def test_usr_share_without_one_member_does_not_agree(share: Scan) -> None:
    member = next(row for row in share.rows if "!/" in row["path"])
    assert share.without(member["path"])


@pytest.mark.database
def test_planted_tree(planted: Scan, capsys: pytest.CaptureFixture[str]) -> None:
    assert differences(planted.root, planted.rows, planted.findings) == []
    printed = capsys.readouterr().out.splitlines()
    assert all(line.endswith("]") for line in printed), "each difference says why"
    assert {line.rpartition("[")[2] for line in printed} == {"archive.damaged]", "skipped: encrypted]"}
    assert {row["entry"] for row in planted.rows} >= {"file", "directory", "symlink", "fifo", "socket", "hardlink"}


@pytest.mark.database
def test_what_cannot_be_read_says_why(planted: Scan) -> None:
    assert planted.first(path="encrypted/locked-names.7z")["reason"] == "encrypted"
    assert planted.first(path="encrypted/locked.zip!/text.gz")["outcome"] == "skipped"
    assert planted.first(path="damaged/cut.tar.gz!/cut.tar")["outcome"] == "failed"
    assert planted.first(path="nested/outer.zip!/cut.zip")["findings"] == ["archive.damaged"]
    assert planted.first(path="sound/links.tar!/hard")["reason"] == "hardlink"
    for name in ("empty.zip", "empty.tar", "empty.7z"):
        assert planted.first(path=f"empty/{name}")["outcome"] == "ok"
        assert not [row for row in planted.rows if row["path"].startswith(f"empty/{name}!/")]


@pytest.mark.parametrize(
    "path",
    [
        "hollow",
        "folder/names/plain.txt",
        "folder/names/new\\nline",
        "folder/special/fifo",
        "folder/special/itself",
        "nested/outer.zip",
        "sound/names.zip!/plain.txt",
        "sound/names.zip!/new\\nline",
        "sound/names.7z!/names/sub",
        "sound/links.tar!/soft",
        "sound/text.gz!/text",
        "empty/empty.gz!/empty",
        "nested/outer.zip!/text.bz2!/text",
        "nested/outer.zip!/middle.tar.gz!/middle.tar!/beside.txt",
        "nested/wrapped.tar.xz!/wrapped.tar!/outer.zip!/names.7z!/names/empty",
        "nested/zip-in.7z!/gnu.tar!/-dash",
    ],
)
def test_one_row_less_does_not_agree(planted: Scan, path: str) -> None:
    assert planted.without(path)


def test_one_of_two_equal_names_less_does_not_agree(planted: Scan) -> None:
    twins = [row for row in planted.rows if row["path"] == "sound/gnu.tar!/same.txt"]
    assert len(twins) == 2
    kept = [row for row in planted.rows if row is not twins[1]]
    assert differences(planted.root, kept, planted.findings)


def test_a_row_too_many_or_changed_does_not_agree(planted: Scan) -> None:
    def agrees(*changed: Row, without: Row | None = None) -> bool:
        rows = [*(row for row in planted.rows if row is not without), *changed]
        return not differences(planted.root, rows, planted.findings)

    file = planted.first(path="folder/names/plain.txt")
    member = planted.first(path="sound/names.zip!/plain.txt")
    assert agrees()
    assert not agrees(file)
    assert not agrees({**file, "id": "new", "path": "folder/names/more.txt"})
    assert not agrees({**member, "id": "new", "path": "sound/names.zip!/more.txt"})
    assert not agrees({**member, "id": "new", "parent": file["id"], "path": "folder/names/plain.txt!/more.txt"})
    assert not agrees({**member, "path": "sound/names.zip!/plane.txt"}, without=member)
    assert not agrees({**file, "entry": "directory"}, without=file)
    assert not agrees({**file, "outcome": "pending"}, without=file)
    renamed = planted.first(path="sound/renamed.jpg")
    assert not agrees({**renamed, "media_type": "image/jpeg"}, without=renamed)
