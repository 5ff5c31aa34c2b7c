"""Folders: every entry once, nothing followed, nothing changed, and a file that changes is not trusted."""

import os
import socket
from pathlib import Path

import pytest

from amparo.evidence.digests import digest_stream
from amparo.evidence.item import Child, Entry
from amparo.evidence.outcome import Failed, Skipped
from amparo.pipeline.ports import Unreadable
from amparo.sources.folder import entries, open_file, root_child


def listed(root: Path, relative: bytes = b".") -> dict[bytes, Child]:
    return {child.step.path: child for child in entries(os.fsencode(root), relative)}


def test_every_entry_by_its_raw_name(planted: Path) -> None:
    root = os.fsencode(planted)
    found = listed(planted)
    assert list(found) == sorted(os.listdir(root))
    assert list(listed(planted, b"sub/deep")) == [b"sub/deep/er"]
    assert found[b"invalid-\xff\xfe.dat"].size == os.stat(os.path.join(root, b"invalid-\xff\xfe.dat")).st_size
    assert all(child.step.record is None for child in found.values())
    assert all(
        [moment.field for moment in child.moments] == ["modified", "accessed", "changed"] for child in found.values()
    )


def test_special_entries_are_named_and_skipped(planted: Path) -> None:
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(planted)  # a socket's address has 108 bytes at most
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
    found = listed(planted)
    assert (found[b"pipe"].entry, found[b"pipe"].outcome) == (Entry.FIFO, Skipped("special"))
    assert (found[b"socket"].entry, found[b"socket"].outcome) == (Entry.SOCKET, Skipped("special"))
    assert (found[b"link"].entry, found[b"link"].outcome) == (Entry.SYMLINK, Skipped("symlink"))
    assert found[b"link"].findings[0].facts == {"target": "plain.txt", "target_hex": b"plain.txt".hex()}
    assert found[b"hollow"].outcome is None


def test_links_are_never_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "folder").symlink_to("../outside")
    (tmp_path / "root" / "file").symlink_to("../file")
    root = os.fsencode(tmp_path / "root")
    with pytest.raises(Unreadable, match="changed"):
        open_file(root, b"file", None)
    with pytest.raises(Unreadable, match="changed"):
        list(entries(root, b"folder"))


def test_an_entry_that_vanishes_costs_no_other(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"x")
    listing = entries(os.fsencode(tmp_path), b".")
    first = next(listing)  # the names are read now
    (tmp_path / "b").unlink()
    rest = list(listing)
    assert [child.step.path for child in (first, *rest)] == [b"a", b"b", b"c"]
    assert rest[0].outcome == Failed("vanished")


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
def test_a_file_that_changes_while_read_is_not_trusted(change: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 600_000)
    os.utime(path, ns=(0, 0))
    with open_file(os.fsencode(tmp_path), b"f", 600_000) as stream:
        assert stream.read(10) == b"x" * 10
        with open(path, "r+b") as writer:
            if change == "grow":
                writer.seek(0, os.SEEK_END)
                writer.write(b"y")
            elif change == "shrink":
                writer.truncate(300_000)
            else:
                writer.write(b"y")
        with pytest.raises(Unreadable, match="changed"):
            digest_stream(stream)


@pytest.mark.parametrize("now", ["size", "fifo", "folder"])
def test_a_file_that_is_not_what_was_listed(now: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    if now == "size":
        path.write_bytes(b"longer")
    elif now == "fifo":
        os.mkfifo(path)  # opened without waiting for a writer
    else:
        path.mkdir()
    with pytest.raises(Unreadable, match="changed"):
        open_file(os.fsencode(tmp_path), b"f", 1)


def test_reading_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    os.utime(path, ns=(10**18, 10**18))
    before = path.stat()
    with open_file(os.fsencode(tmp_path), b"f", 1) as stream:
        digest_stream(stream)
    list(entries(os.fsencode(tmp_path), b"."))
    after = path.stat()
    assert (after.st_atime_ns, after.st_mtime_ns) == (before.st_atime_ns, before.st_mtime_ns)
    assert after.st_ctime_ns == before.st_ctime_ns


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    root = os.fsencode(tmp_path / "f")
    child = root_child(root)
    assert (child.step.path, child.entry, child.size) == (b"f", Entry.FILE, 1)
    with open_file(root, child.step.path, 1) as stream:
        assert stream.read() == b"x"
    assert root_child(os.fsencode(tmp_path)).step.path == b"."


def test_an_entry_named_like_the_root(tmp_path: Path) -> None:
    root = tmp_path / "same"
    root.mkdir()
    (root / "same").write_bytes(b"inside")
    with open_file(os.fsencode(root), b"same", None) as stream:
        assert stream.read() == b"inside"
