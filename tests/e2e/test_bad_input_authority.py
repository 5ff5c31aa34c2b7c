"""Without an Authority that covers it now, nothing is opened and nothing is recorded."""

import datetime
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from e2e.bad_input import nothing_recorded, refused
from e2e.homes import Home

LARGE = Path("/usr/share")  # takes far longer to scan than the clock of the test runs


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """``b`` with a link out of it, and ``bc`` beside it."""
    root = tmp_path / "tree"
    for folder in ("b", "bc"):
        (root / folder).mkdir(parents=True)
        (root / folder / "file").write_text(folder)
        os.mkdir(os.path.join(os.fsencode(root / folder), b"raw-\xff"))
    (root / "b" / "out").symlink_to("../bc")
    (root / "scope").symlink_to("b")
    return root


def _set_dates(home: Home, valid_from: datetime.datetime, until: datetime.datetime | None = None) -> None:
    form = "%Y-%m-%d %H:%M:%S.%f"
    last = None if until is None else until.strftime(form)
    home.change("UPDATE catalogue_authority SET valid_from = ?, until = ?", valid_from.strftime(form), last)


@pytest.mark.database_slow
def test_unknown_case(home: Home, tree: Path) -> None:
    home.case("KNOWN")
    for command in (("scan", tree), ("items",), ("findings",), ("report",), ("authority", "list")):
        refused(home.run(*command, "--case", "UNKNOWN"), 2, "UNKNOWN")
    refused(home.run("case", "show", "UNKNOWN"), 2, "UNKNOWN")
    nothing_recorded(home, "KNOWN")


@pytest.mark.database_slow
def test_scope(home: Home, tree: Path) -> None:
    """What counts is the resolved raw path: not a longer name, not a link into or out of the scope, not its parent."""
    home.case("NARROW", "--scope", f"path={tree}/scope")
    (tree / "scope").unlink()
    (tree / "scope").symlink_to("bc")  # too late: what it led to has been recorded
    base = os.fsencode(tree)
    outside = (b"bc", b"b/../bc", b"b/out", b"scope", b".", b"bc/file", b"bc/raw-\xff", b"b/out/raw-\xff", b"/")
    for path in outside:
        done = home.run("scan", os.path.join(base, path), "--case", "NARROW")
        refused(done, 5, "outside the Authority's scope")
    nothing_recorded(home, "NARROW")
    for path in (b"b", b"b/", b"b/file", b"bc/../b/raw-\xff"):
        done = home.run("scan", os.path.join(base, path), "--case", "NARROW")
        assert (done.returncode, done.stderr) == (0, ""), path
    rows = home.rows("items", "--case", "NARROW")
    assert {row["path"]: row["reason"] for row in rows if "out" in row["path"]} == {"out": "symlink"}
    assert home.rows("case", "show", "NARROW")[0]["sources"] == 3
    home.verify()


@pytest.mark.database_slow
def test_scope_that_is_no_utf8(home: Home, tree: Path) -> None:
    base = os.fsencode(tree)
    home.case("RAW", "--scope", b"path=" + base + b"/b/raw-\xff")
    refused(home.run("scan", tree / "b", "--case", "RAW"), 5, "scope")
    assert home.run("scan", base + b"/b/raw-\xff", "--case", "RAW").returncode == 0
    assert home.rows("authority", "list", "--case", "RAW")[0]["scope_paths"] == [f"{tree}/b/raw-\\xff"]


@pytest.mark.database_slow
def test_what_is_no_authority(home: Home, tree: Path) -> None:
    home.case("FIRST")
    bad = (
        (("--scope", "colour=red"), "colour"), (("--scope", f"path={tree}", "--scope", "Path=/"), "Path"),
        (("--scope", "path"), "key=value"), (("--scope", "path="), "key=value"),
        (("--scope", f"path={tree}/missing"), "not a folder"), (("--scope", f"path={tree}/b/file"), "not a folder"),
        (("--until", "2001-01-01"), "end before"), (("--until", "soon"), "Not a date"),
        (("--until", "2099-01-01T10:00"), "zone"),
    )  # fmt: skip
    for arguments, word in bad:
        refused(home.run("case", "create", "NEW", "--authority", "text", *arguments), 2, word)
    refused(home.run("case", "create", "NEW", "--authority", "  "), 2, "Authority")
    refused(home.run("case", "create", "NEW"), 2, "--authority")
    refused(home.run("case", "create", "FIRST", "--authority", "again"), 2, "exists already")
    assert [row["reference"] for row in home.rows("case", "list")] == ["FIRST"]
    assert home.rows("case", "show", "FIRST")[0]["authorities"] == 1


@pytest.mark.database_slow
def test_expired_and_not_yet_valid(home: Home, tree: Path) -> None:
    """A clock that was set back looks the same as an Authority of tomorrow."""
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    home.case("DATED")
    _set_dates(home, now - 2 * day, now - day)
    refused(home.run("scan", tree, "--case", "DATED"), 5, "ended on")
    _set_dates(home, now + day)
    done = home.run("scan", tree, "--case", "DATED")
    refused(done, 5, "holds only from")
    assert "clock" in done.stderr.splitlines()[1]
    nothing_recorded(home, "DATED")
    assert home.rows("authority", "list", "--case", "DATED")[0]["holds_now"] is False
    assert home.run("authority", "add", "--case", "DATED", "--authority", "renewed").returncode == 0
    assert home.run("scan", tree, "--case", "DATED").returncode == 0


def test_expiry_during_a_scan_stops_it(home: Home) -> None:
    now = datetime.datetime.now(datetime.UTC)
    home.case("SHORT")
    _set_dates(home, now - datetime.timedelta(days=1), now + datetime.timedelta(seconds=5))
    refused(home.run("scan", LARGE, "--case", "SHORT"), 5, "ended on")
    row = home.rows("case", "show", "SHORT")[0]
    assert (row["sources"], row["unfinished_sources"]) == (1, 1)
    home.verify()


@pytest.mark.database_slow
def test_disk_images(home: Home, tree: Path) -> None:
    image = tree / "disk.img"
    image.write_bytes(bytes(1 << 20))
    if (make := shutil.which("mkfs.ext4", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")) is not None:
        subprocess.run([make, "-qF", image], check=True, capture_output=True)
    else:
        image.write_bytes(b"EVF\x09\x0d\x0a\xff\x00" + bytes(1000))
    (tree / "report.ufdr").write_bytes(b"PK\x03\x04" + bytes(1000))
    home.case("IMAGE")
    for name in ("disk.img", "report.ufdr"):
        refused(home.run("scan", tree / name, "--case", "IMAGE"), 3, name, "No opener")
    nothing_recorded(home, "IMAGE")
    assert home.run("scan", tree, "--case", "IMAGE").returncode == 0, "inside a folder it is a file like any other"
