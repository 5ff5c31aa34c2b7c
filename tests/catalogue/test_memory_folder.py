"""The folder in memory: ours alone, files whole or not there, and nothing left of writers that were killed."""

import errno
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

import pytest

from amparo.catalogue.memory_folder import MemoryFolder
from amparo.evidence.errors import BadInput, MissingComponent, NotAuthorised, StorageFull

DATA = b"neutral text " * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()
# Says that it begins, writes half of the file, says so, and goes on when it is told to.
WRITER = """
import sys, hashlib
from pathlib import Path
from amparo.catalogue.memory_folder import MemoryFolder
data = b"neutral text " * 1000
def fill(stream):
    stream.write(data[:5000]); stream.flush()
    print("half", flush=True); sys.stdin.readline()
    stream.write(data[5000:])
print("begun", flush=True)
path = MemoryFolder(Path(sys.argv[1]), Path(sys.argv[2])).opened(hashlib.sha256(data).hexdigest(), fill)
print(hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_ino, flush=True)
"""


# Makes a folder of its own with a file in it, says where, and waits.
WORKER = """
import sys
from pathlib import Path
from amparo.catalogue.memory_folder import MemoryFolder
with MemoryFolder(Path(sys.argv[1]), Path(sys.argv[2])).work() as path:
    (path / "deep").mkdir(); (path / "deep" / "file").write_text("neutral")
    print(path, flush=True); sys.stdin.readline()
"""


@pytest.fixture
def root(missing: Callable[[str], None]) -> Iterator[Path]:
    try:
        path = tempfile.mkdtemp(prefix="amparo-tests-", dir="/dev/shm")
    except OSError:
        missing("/dev/shm")
    yield Path(path)
    shutil.rmtree(path)


@pytest.fixture
def folder(tmp_path: Path, root: Path) -> MemoryFolder:
    return MemoryFolder(tmp_path, root)


def fill(stream: BinaryIO) -> None:
    stream.write(DATA)


def other(stream: BinaryIO) -> None:
    stream.write(b"other")


def never(_: BinaryIO) -> NoReturn:
    raise AssertionError("the file is there already")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def names(folder: MemoryFolder) -> set[str]:
    return {entry.name for entry in os.scandir(folder.path)}


def writer(home: Path, root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(home), str(root)], stdin=-1, stdout=-1, text=True)


def says(process: subprocess.Popen[str], *lines: str) -> None:
    assert process.stdout
    assert [process.stdout.readline() for _ in lines] == [f"{line}\n" for line in lines]


def rest(process: subprocess.Popen[str]) -> list[str]:
    """What it says until its end; communicate() would lose what was read ahead."""
    assert process.stdin
    assert process.stdout
    with process.stdin, process.stdout:
        lines = process.stdout.read().splitlines()
    process.wait(30)
    return lines


def test_a_file_is_written_once_and_private(folder: MemoryFolder) -> None:
    path = folder.opened(DIGEST, fill)
    assert path == folder.path / DIGEST
    assert path.read_bytes() == DATA
    assert (mode(path), mode(folder.path)) == (0o400, 0o700)
    assert folder.opened(DIGEST, never, need=2**60) == path
    assert names(folder) == {DIGEST}


def test_installations_have_folders_of_their_own_and_links_to_a_home_lead_to_the_same(
    tmp_path: Path, root: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    first = MemoryFolder(tmp_path / "a", root).path
    assert MemoryFolder(tmp_path / "link", root).path == first
    assert MemoryFolder(tmp_path / "b", root).path != first
    assert first.name == f"amparo-{os.geteuid()}-{hashlib.sha256(os.fsencode(tmp_path / 'a')).hexdigest()[:16]}"
    assert not first.exists()


@pytest.mark.parametrize("name", ["", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n"])
def test_a_name_that_is_no_digest_is_refused(folder: MemoryFolder, name: str) -> None:
    with pytest.raises(BadInput, match="named by a SHA-256"):
        folder.opened(name, never)


def test_a_writer_that_fails_leaves_nothing(folder: MemoryFolder) -> None:
    def broken(stream: BinaryIO) -> None:
        stream.write(b"half")
        raise BadInput("no", "")

    with pytest.raises(BadInput, match="no"):
        folder.opened(DIGEST, broken)
    assert names(folder) == set()
    assert folder.opened(DIGEST, fill).read_bytes() == DATA


def test_a_file_that_does_not_fit_is_refused_before_it_is_written(folder: MemoryFolder) -> None:
    with pytest.raises(StorageFull, match=r"1,048,576\.0 MiB are needed, [0-9,.]+ MiB are free") as caught:
        folder.opened(DIGEST, never, need=2**40)
    assert "remount" in caught.value.hint
    assert folder.opened(DIGEST, fill, need=len(DATA)).exists()


def test_memory_that_is_full_meanwhile_leaves_nothing(folder: MemoryFolder) -> None:
    def full(stream: BinaryIO) -> None:
        stream.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageFull, match="no room in memory"):
        folder.opened(DIGEST, full)
    assert names(folder) == set()


def test_a_writer_killed_half_way_leaves_no_file_and_the_next_removes_its_rest(tmp_path: Path, root: Path) -> None:
    folder = MemoryFolder(tmp_path, root)
    process = writer(tmp_path, root)
    says(process, "begun", "half")
    (part,) = names(folder)
    assert part.startswith(".part-")
    process.send_signal(signal.SIGKILL)
    rest(process)
    assert not (folder.path / DIGEST).exists()
    assert names(folder) == {part}
    assert folder.opened(OTHER, other).exists()
    assert names(folder) == {OTHER}
    assert folder.opened(DIGEST, fill).read_bytes() == DATA


def test_processes_at_once_end_with_the_same_whole_file(tmp_path: Path, root: Path) -> None:
    folder = MemoryFolder(tmp_path, root)
    processes = [writer(tmp_path, root) for _ in range(4)]
    for process in processes:
        says(process, "begun")
    time.sleep(0.5)  # time enough for each of them to begin the file, if it could
    assert not (folder.path / DIGEST).exists()
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [rest(process) for process in processes]
    assert {lines[-1] for lines in outputs} == {f"{DIGEST} {(folder.path / DIGEST).stat().st_ino}"}
    assert [lines[0] for lines in outputs].count("half") == 1
    assert names(folder) == {DIGEST}


def test_what_is_forgotten_while_it_is_written_does_not_come_back(tmp_path: Path, root: Path) -> None:
    folder = MemoryFolder(tmp_path, root)

    def forgotten(stream: BinaryIO) -> None:
        fill(stream)
        folder.forget()  # does not wait for the writer

    with pytest.raises(NotAuthorised, match="locked while one was being written"):
        folder.opened(DIGEST, forgotten)
    assert names(folder) == set()


def test_keep_only_removes_other_files_and_leaves_secrets(folder: MemoryFolder) -> None:
    kept, gone = folder.opened(DIGEST, fill), folder.opened(OTHER, other)
    folder.keep("a.key", b"secret")
    with gone.open("rb") as stream:
        folder.keep_only({DIGEST})
        assert stream.read() == b"other"
    assert names(folder) == {kept.name, "a.key"}
    folder.keep_only(())
    assert names(folder) == {"a.key"}


def test_forget_removes_everything_and_makes_nothing(folder: MemoryFolder) -> None:
    folder.forget()
    assert not folder.path.exists()
    folder.opened(DIGEST, fill)
    folder.keep("a.key", b"secret")
    (folder.path / ".part-left").touch()
    folder.forget()
    assert names(folder) == set()
    assert folder.kept("a.key") is None


def test_a_process_has_a_folder_of_its_own_until_it_is_done(folder: MemoryFolder) -> None:
    assert folder.sweep() == 0
    assert not folder.path.exists()
    with folder.work() as path, folder.work() as second:
        assert mode(path) == 0o700
        assert path != second
        (path / "file").write_text("neutral")
        assert folder.sweep() == 0
        folder.forget()
        assert (path / "file").exists()
    assert names(folder) == set()


@pytest.mark.parametrize("remove", ["sweep", "forget", "work"])
def test_what_a_killed_process_left_in_its_folder_is_removed_and_what_a_living_one_has_is_not(
    folder: MemoryFolder, tmp_path: Path, root: Path, remove: str
) -> None:
    folder.keep("a.key", b"secret")
    command = [sys.executable, "-c", WORKER, str(tmp_path), str(root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    killed, living = (subprocess.Popen(command, **pipes) for _ in range(2))  # type: ignore[call-overload]
    assert killed.stdout is not None
    assert living.stdout is not None
    left, kept = (Path(each.stdout.readline().strip()) for each in (killed, living))
    killed.kill()
    killed.communicate(timeout=10)
    assert (left / "deep" / "file").exists()
    if remove == "work":
        with folder.work():
            pass
    else:
        getattr(folder, remove)()
    assert not left.exists()
    assert (kept / "deep" / "file").exists()
    living.communicate("\n", timeout=10)
    assert living.returncode == 0
    assert names(folder) == (set() if remove == "forget" else {"a.key"})


def test_a_small_secret_is_private_and_replaced_whole(folder: MemoryFolder) -> None:
    assert folder.kept("a.key") is None
    folder.keep("a.key", b"first")
    folder.keep("a.key", b"second")
    assert folder.kept("a.key") == b"second"
    assert mode(folder.path / "a.key") == 0o600
    assert names(folder) == {"a.key"}


def refused(folder: MemoryFolder, problem: str) -> None:
    for call in (
        lambda: folder.opened(DIGEST, never),
        lambda: folder.keep("a.key", b"secret"),
        lambda: folder.kept("a.key"),
        lambda: folder.keep_only(()),
        folder.forget,
        folder.sweep,
        lambda: folder.work().__enter__(),
    ):
        with pytest.raises(NotAuthorised, match=problem) as caught:
            call()
        assert str(folder.path) in caught.value.hint


@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_its_place_is_refused_and_nothing_behind_it_touched(
    folder: MemoryFolder, tmp_path: Path, there: bool
) -> None:
    victim = tmp_path / "victim"
    if there:
        victim.mkdir(0o700)
        (victim / OTHER).write_text("precious")
    folder.path.symlink_to(victim)
    refused(folder, "is not a folder of your account")
    assert not there or (victim / OTHER).read_text() == "precious"
    assert victim.exists() == there


def test_a_file_in_its_place_is_refused(folder: MemoryFolder) -> None:
    folder.path.touch(0o700)
    refused(folder, "is not a folder of your account")


@pytest.mark.parametrize("wrong", [0o755, 0o770, 0o701, 0o500])
def test_a_folder_of_another_mode_is_refused(folder: MemoryFolder, wrong: int) -> None:
    folder.path.mkdir()
    folder.path.chmod(wrong)
    refused(folder, "is open to others" if wrong & 0o077 else "is closed to you")
    folder.path.chmod(0o700)
    assert folder.opened(DIGEST, fill).exists()


def test_a_folder_of_another_account_is_refused(folder: MemoryFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.path.mkdir(0o700)
    monkeypatch.setattr(os, "geteuid", lambda uid=os.geteuid(): uid + 1)
    refused(folder, "is not a folder of your account")


def test_a_disk_is_no_memory(tmp_path: Path) -> None:
    folder = MemoryFolder(tmp_path, Path("/proc"))
    with pytest.raises(MissingComponent, match=r"/proc is not in memory \(file system: proc\)") as caught:
        folder.opened(DIGEST, never)
    assert "mount -t tmpfs" in caught.value.hint


def test_the_mount_that_lies_nearest_and_on_top_counts(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaced = root / "a b"
    spaced.mkdir()
    escaped = os.fsencode(spaced).replace(b" ", rb"\040")
    table = [b"disk / ext4 rw 0 0", b"x " + os.fsencode(root) + b" tmpfs rw 0 0", b"y " + escaped + b" ext4 rw 0 0"]
    lies_on = {}
    for lines in (table[:1], table[:2], table, [*table, b"z " + escaped + b" ramfs rw 0 0"]):
        monkeypatch.setattr(Path, "read_bytes", lambda _, lines=lines: b"\n".join(lines) + b"\n")
        try:
            MemoryFolder(tmp_path, spaced).keep_only(())
            lies_on[len(lines)] = "memory"
        except MissingComponent as error:
            lies_on[len(lines)] = error.message
    assert "ext4" in lies_on[1]
    assert lies_on[2] == lies_on[4] == "memory"
    assert "ext4" in lies_on[3]


def test_a_root_that_cannot_be_written_to_is_told(tmp_path: Path, root: Path) -> None:
    with pytest.raises(MissingComponent, match="cannot be made"):
        MemoryFolder(tmp_path, root / "not there").opened(DIGEST, never)
