"""Two imports at once: one waits for the other, and both are whole."""

import fcntl
import os
import time
from pathlib import Path

import pytest
from e2e.bank_lists import held, load, sealed, write
from e2e.homes import Home

pytestmark = pytest.mark.database


def test_an_import_waits_for_its_turn(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "one.csv", range(10))).returncode == 0
    two = write(tmp_path / "two.csv", range(10, 20))
    turn = home.path / "banks" / ".changing"
    handle = os.open(turn, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        waiting = home.start("bank", "import", two, "--name", "Known")
        _until_it_waits(turn, waiting.pid)
        assert waiting.poll() is None
        assert held(home)[0] == 1, "others may look meanwhile"
    finally:
        os.close(handle)
    assert waiting.communicate(timeout=60)[1] == ""
    assert waiting.returncode == 0
    assert held(home)[0] == 2


def _until_it_waits(path: Path, pid: int) -> None:
    """Until a process waits for the lock on a file (proc_locks(5))."""
    wanted = f"-> FLOCK  ADVISORY  WRITE {pid} "
    inode = f":{path.stat().st_ino} "
    for _ in range(600):
        lines = Path("/proc/locks").read_text().splitlines()
        if any(wanted in line and inode in line for line in lines):
            return
        time.sleep(0.05)
    raise AssertionError("it never waited")


def test_imports_at_once_are_all_whole(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "first.csv", [0])).returncode == 0
    lists = [write(tmp_path / f"{n}.csv", range(n * 100, n * 100 + 150), f"Owner {n}") for n in range(1, 5)]
    running = [home.start("bank", "import", path, "--name", "Known") for path in lists]
    for each in running:
        assert each.communicate(timeout=120)[1] == ""
        assert each.returncode == 0
    version, rows = held(home)
    assert (version, len(rows)) == (5, 451)
    assert len({entry for entry, _, _ in rows}) == 451
    assert sealed(home) == home.segments()
    home.verify()
