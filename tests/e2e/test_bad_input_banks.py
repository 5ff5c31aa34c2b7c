"""Files of Banks that are damaged, missing, sealed under another key or locked: one clear line, and nothing is lost."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.bad_input import refused
from e2e.bank_lists import digest, held, load, plain, sealed, write
from e2e.homes import Home, Run

from amparo.casework.bank_key import protect

pytestmark = pytest.mark.database_slow


@pytest.fixture
def banked(home: Home, tmp_path: Path) -> Home:
    """A home with a Bank of ten entries and a case."""
    assert load(home, write(tmp_path / "one.csv", range(10))).returncode == 0
    home.case("BAD")
    return home


def boot(home: Home) -> None:
    """As if the machine had been switched off and on."""
    shutil.rmtree(plain(home))


def file(home: Home) -> Path:
    (name,) = home.segments()
    return home.path / "banks" / f"{name}.sealed"


def commands(folder: Path) -> list[tuple[object, ...]]:
    """Everything that needs the entries."""
    (folder / "f").write_text("text")
    return [
        ("match", digest(1)),
        ("match", folder / "f"),
        ("bank", "entries", "--name", "Known"),
        ("bank", "export", "--name", "Known", "--output", folder / "out.csv"),
        ("bank", "import", write(folder / "two.csv", [99]), "--name", "Known"),
        ("bank", "withdraw", "1", "--name", "Known", "--reason", "why"),
        ("bank", "deny", "1", "--name", "Known", "--reason", "why"),
        ("bank", "merge", "--name", "Known"),
        ("scan", folder / "f", "--case", "BAD"),
    ]


def all_refused(home: Home, folder: Path, code: int, *words: str) -> None:
    for command in commands(folder):
        refused(home.run(*command), code, *words)
    assert home.rows("bank", "list")[0]["version"] == 1
    assert not (folder / "out.csv").exists()
    home.verify()


@pytest.mark.parametrize(
    ("damage", "code", "word"),
    [
        (lambda path: path.unlink(), 2, "missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), 4, "cut off"),
        (lambda path: path.write_bytes(b"text"), 2, "not a sealed file"),
    ],
    ids=["missing", "cut", "other"],
)
def test_a_damaged_file(damage: Callable[[Path], object], code: int, word: str, banked: Home, tmp_path: Path) -> None:
    path = file(banked)
    whole = path.read_bytes()
    boot(banked)
    damage(path)
    all_refused(banked, tmp_path, code, word)
    path.write_bytes(whole)
    assert held(banked)[0] == 1


def test_a_flipped_bit(banked: Home) -> None:
    path = file(banked)
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)
    boot(banked)
    refused(banked.run("match", digest(1)), 4, "does not verify")


def test_another_key(banked: Home, tmp_path: Path) -> None:
    key = banked.path / "secrets" / "bank.key"
    old = key.read_bytes()
    key.write_bytes(b"amparo-bank-key-1\n" + secrets.token_hex(32).encode() + b"\n")
    boot(banked)
    all_refused(banked, tmp_path, 2, "sealed under key")
    key.write_bytes(old)
    assert held(banked)[0] == 1


def test_a_locked_key(banked: Home, tmp_path: Path) -> None:
    protect(banked.path / "secrets" / "bank.key", "pan, mar y montaña")
    assert banked.rows("match", digest(1)), "open since before"
    boot(banked)
    all_refused(banked, tmp_path, 5, "locked")
    assert banked.run("bank", "list").returncode == 0
    assert banked.run("items", "--case", "BAD").returncode == 0


def test_a_key_that_others_may_read(banked: Home) -> None:
    (banked.path / "secrets" / "bank.key").chmod(0o644)
    boot(banked)
    refused(banked.run("match", digest(1)), 2, "Others may read")


@pytest.fixture
def memory(missing: Callable[[str], None]) -> Iterator[Callable[[int], tuple[str, ...]]]:
    """A /dev/shm of so many KiB that only its mount namespace sees: given a size, the prefix of commands there."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "nsenter", "mount"))):
        missing("root")
    script = "mount -t tmpfs -o size=64k,mode=1777 none /dev/shm && echo ready && exec sleep 600"
    holder = subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdout=subprocess.PIPE, text=True)
    prefix = ("nsenter", "-t", str(holder.pid), "-m")

    def sized(kib: int) -> tuple[str, ...]:
        subprocess.run([*prefix, "mount", "-o", f"remount,size={kib}k", "/dev/shm"], check=True)
        return prefix

    try:
        assert holder.stdout is not None
        if holder.stdout.readline() != "ready\n":
            missing("mount namespaces")
        yield sized
    finally:
        holder.kill()
        holder.communicate()


def test_no_room_in_memory(home: Home, tmp_path: Path, memory: Callable[[int], tuple[str, ...]]) -> None:
    path = write(tmp_path / "many.csv", range(5_000))

    def run(kib: int, *arguments: object) -> Run:
        return home.run(*arguments, prefix=memory(kib))

    home.case("BAD")
    for _ in range(2):
        refused(run(64, "bank", "import", path, "--name", "Known"), 1, "no room in memory")
        assert home.rows("bank", "list") == []
        assert sealed(home) == set()
    assert run(65_536, "bank", "import", path, "--name", "Known").returncode == 0
    assert home.rows("match", digest(4_999))[0]["entry"] == 5_000, "in the memory of this machine"
    forgotten = memory(65_536)
    subprocess.run([*forgotten, "sh", "-c", "rm -r /dev/shm/*"], check=True)
    for command in (("match", digest(1)), ("scan", tmp_path / "many.csv", "--case", "BAD")):
        refused(run(64, *command), 1, "no room in memory")
    assert run(65_536, "match", digest(1)).returncode == 0
    home.verify()


def test_memory_that_is_none(banked: Home, missing: Callable[[str], None], tmp_path: Path) -> None:
    """Plain copies lie on no disk, whatever /dev/shm is."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        missing("root")
    folder = tmp_path / "disk"
    folder.mkdir()
    script = f"mount --bind '{folder}' /dev/shm && exec \"$@\""
    done = banked.run("match", digest(1), prefix=("unshare", "-m", "sh", "-c", script, "sh"))
    refused(done, 3, "not in memory")
    assert list(folder.iterdir()) == []
