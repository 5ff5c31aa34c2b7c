"""Files that change under our hands: no digest of bytes that never stood together, and the rest is not disturbed."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.bad_input import items, scan
from e2e.homes import Home

from amparo.evidence.item import Entry, Locator, Step
from amparo.evidence.outcome import Failed
from amparo.pipeline.ports import Unreadable
from amparo.sources import folder
from amparo.sources.reader import SourceReader

MIB = 1 << 20


@contextlib.contextmanager
def _meanwhile(change: Callable[[], None]) -> Iterator[None]:
    """Make the change again and again, about every millisecond, in another thread."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.001):
            change()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


@pytest.mark.database
def test_a_file_that_grows_and_one_that_shrinks_during_a_scan(home: Home, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "calm").write_bytes(b"calm")
    for name in ("grows", "shrinks"):
        (tree / name).write_bytes(bytes(48 * MIB))
    sizes = iter(range(48 * MIB, 0, -64))

    def change() -> None:
        with (tree / "grows").open("ab") as stream:
            stream.write(b"more")
        os.truncate(tree / "shrinks", next(sizes))

    with _meanwhile(change):
        rows = scan(home, tree, code=6)
    assert rows["calm"]["outcome"] == "ok"
    for name in ("grows", "shrinks"):
        assert (rows[name]["outcome"], rows[name]["reason"], rows[name]["sha256"]) == ("failed", "changed", None)
    again = home.run("scan", tree, "--case", "BAD", "--again")
    assert (again.returncode, again.stderr) == (0, "")
    newest = home.rows("items", "--case", "BAD")[len(rows) :]
    assert {row["outcome"] for row in newest} == {"ok"}
    assert len(newest) == len(rows)


def _shrink(path: Path) -> None:
    os.truncate(path, MIB)


def _grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def _rewrite(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.write(b"other")


@pytest.mark.parametrize("change", [_shrink, _grow, _rewrite])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(4 * MIB))
    os.utime(path, ns=(0, 0))
    with folder.open_file(os.fsencode(tmp_path), b"file", 4 * MIB) as stream:
        stream.read(2 * MIB)
        change(path)
        with pytest.raises(Unreadable, match="changed"):
            while stream.read(MIB):
                pass


def _link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("change", [_shrink, _grow, _link, _fifo])
def test_a_file_that_is_another_when_it_is_opened(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(2 * MIB))
    change(path)
    with pytest.raises(Unreadable, match="changed"):
        SourceReader(os.fsencode(tmp_path)).open(Locator((Step("folder", b"file"),)), 2 * MIB)


def test_an_entry_that_vanishes_while_its_folder_is_listed(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).write_text(name)
    listing = folder.entries(os.fsencode(tmp_path), folder.ROOT)
    assert next(listing).step.path == b"a"
    (tmp_path / "b").unlink()
    vanished, *others = listing
    assert (vanished.step.path, vanished.entry, vanished.outcome) == (b"b", Entry.UNKNOWN, Failed("vanished"))
    assert [child.step.path for child in others] == [b"c", b"d"]


@pytest.mark.database
def test_files_that_come_and_go_during_a_scan(home: Home, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for number in range(2000):
        (tree / f"{number:04d}").write_text(str(number))
    turn = iter(range(1_000_000))

    def change() -> None:
        (tree / f"new{next(turn) % 50}").write_text("now you see me")
        (tree / f"new{next(turn) % 50}").unlink(missing_ok=True)

    home.case("BAD")
    with _meanwhile(change):
        done = home.run("scan", tree, "--case", "BAD")
    assert (done.returncode in (0, 6), done.stderr) == (True, "")
    rows = items(home)
    assert all(rows[f"{number:04d}"]["outcome"] == "ok" for number in range(2000))
    assert {row["reason"] for row in rows.values()} <= {None, "vanished", "changed"}
    assert "pending" not in {row["outcome"] for row in rows.values()}
    home.verify()
