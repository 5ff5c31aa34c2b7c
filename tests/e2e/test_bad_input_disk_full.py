"""The disk that holds the home fills up: one clear line, nothing half-written, and the same command goes on."""

import dataclasses
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.bad_input import refused
from e2e.homes import Home, Run

FILES = 1500


@dataclasses.dataclass
class Small:
    """A home on a file system of its own, which only its mount namespace sees."""

    home: Home
    prefix: tuple[str, ...]

    def run(self, *arguments: object) -> Run:
        """Run a command where the file system is; lines about what was made are left out of stderr."""
        done = self.home.run(*arguments, prefix=self.prefix)
        lines = done.stderr.splitlines(keepends=True)
        done.stderr = "".join(line for line in lines if not line.startswith(("Made ", "Custody entries ")))
        return done

    def resize(self, kib: int) -> None:
        """Make room, or take it away."""
        where = str(self.home.path.parent)
        subprocess.run([*self.prefix, "mount", "-o", f"remount,size={kib}k", where], check=True)

    def used(self) -> int:
        """KiB in use."""
        command = [*self.prefix, "stat", "-f", "-c", "%b %f %S", str(self.home.path.parent)]
        blocks, free, size = map(int, subprocess.run(command, check=True, capture_output=True).stdout.split())
        return (blocks - free) * size // 1024

    def verify(self) -> None:
        """Every custody chain verifies, and nothing waits to be sealed."""
        doctor = self.run("doctor", "--json")
        assert doctor.returncode == 0, doctor.stdout
        assert "0 custody events wait" in doctor.stdout

    def items(self, reference: str) -> list[str]:
        """The items without ids, sorted."""
        rows = [json.loads(line) for line in self.run("items", "--case", reference, "--json").stdout.splitlines()]
        return sorted(json.dumps({**row, "id": "", "source": "", "parent": ""}, sort_keys=True) for row in rows)


@pytest.fixture
def small(home: Home, missing: Callable[[str], None]) -> Iterator[Small]:
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "nsenter", "mount"))):
        missing("root")
    where = home.path.parent / "small"
    where.mkdir()
    script = f"mount -t tmpfs -o size=64m,mode=700 none '{where}' && echo ready && exec sleep 600"
    holder = subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        if holder.stdout.readline() != "ready\n":
            missing("mount namespaces")
        path = where / "home"
        inside = Home(path, {**home.env, "AMPARO_HOME": str(path)})
        yield Small(inside, ("nsenter", "-t", str(holder.pid), "-m"))
    finally:
        holder.kill()
        holder.communicate()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in range(FILES):
        path = tmp_path / "tree" / f"{number % 10}" / f"{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}")
    return tmp_path / "tree"


@pytest.mark.database_slow
def test_first_use_on_a_full_disk(small: Small) -> None:
    """Whatever could not be written is made by the next command, never read half."""
    create = ("case", "create", "FULL", "--authority", "text")
    for kib in (4, 8, 12, 40, 100, 300, 600):
        small.resize(max(kib, small.used()))
        done = small.run(*create)
        if done.returncode == 0:
            break
        refused(done, done.returncode)
        assert done.returncode in (1, 2), done.stderr
    small.resize(64 * 1024)
    if done.returncode and (done := small.run(*create)).returncode:
        refused(done, 2, "exists already")  # committed before there was no room to seal it
    assert small.run("authority", "add", "--case", "FULL", "--authority", "text").returncode == 0
    assert len(small.run("authority", "list", "--case", "FULL", "--json").stdout.splitlines()) == 2
    small.verify()


@pytest.mark.database_slow
def test_the_disk_fills_up_during_a_scan(small: Small, tree: Path) -> None:
    for reference in ("FULL", "QUIET"):
        assert small.run("case", "create", reference, "--authority", "text").returncode == 0
    room = 24 if "DATABASE_URL" in small.home.env else 300
    stopped = 0
    for _ in range(3):
        small.resize(small.used() + room)
        done = small.run("scan", tree, "--case", "FULL")
        if done.returncode == 0:
            break
        refused(done, 1)
        assert "room" in done.stderr or "full" in done.stderr
        stopped += 1
    assert stopped >= 1
    small.resize(64 * 1024)
    done = small.run("scan", tree, "--case", "FULL")
    assert (done.returncode, done.stderr) == (0, "")
    assert small.run("scan", tree, "--case", "QUIET").returncode == 0
    assert small.items("FULL") == small.items("QUIET")
    assert len(small.items("FULL")) == FILES + 11
    small.verify()
