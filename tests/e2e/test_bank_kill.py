"""SIGKILL while a Bank changes: it is the old one or the new one, opens, and nothing is left over."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from e2e.bank_lists import held, load, plain, sealed, write
from e2e.homes import Home

pytestmark = [pytest.mark.database, pytest.mark.timeout(600)]
DRIVER = str(Path(__file__).with_name("bank_kill_driver.py"))
DEAD = -signal.SIGKILL
IMPORTING = [
    *(("sealing", 1), ("stored", 1), ("transaction", 1), ("sweeping", 1), ("sealed", 1)),
    *(pytest.param(mode, 2, marks=pytest.mark.slow) for mode in ("sealing", "stored", "sweeping")),
]


def killed(home: Home, mode: str, number: int, seed: int, *arguments: object) -> int:
    """The exit code of a command that was to be killed."""
    command = [sys.executable, DRIVER, mode, str(number), str(seed), "--", *map(str, arguments)]
    return subprocess.run(command, env=home.env, capture_output=True, timeout=120).returncode


def nothing_left(home: Home) -> None:
    """After the next change, files are those of the Bank, at rest and in memory, and custody verifies."""
    load(home, write(home.path.parent / "other.csv", ["other", time.time_ns()]))
    assert sealed(home) == home.segments()
    names = {path.name for path in plain(home).iterdir()}
    assert {name for name in names if len(name) == 64} <= home.segments()
    assert not [name for name in names if name.startswith(".part")]
    home.verify()


@pytest.mark.parametrize(("mode", "number"), IMPORTING, ids=lambda each: str(each))
def test_an_import_that_is_killed(mode: str, number: int, home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "one.csv", range(50))).returncode == 0
    old = held(home)
    two = write(tmp_path / "two.csv", range(40, 120), "Other")
    assert killed(home, mode, number, 0, "bank", "import", two, "--name", "Known") == DEAD
    version, rows = held(home)
    committed = (mode, number) not in [("sealing", 1), ("stored", 1), ("transaction", 1)]
    assert (version == 2) is committed
    assert ((version, rows) == old) is not committed
    assert load(home, two).returncode == 0
    version, rows = held(home)
    assert (version, len(rows), sum(owner == "Other" for _, _, owner in rows)) == (2, 120, 80)
    nothing_left(home)


@pytest.mark.parametrize(("mode", "number"), [("sealing", 1), ("stored", 1), ("sweeping", 1)])
def test_a_merge_that_is_killed(mode: str, number: int, home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "one.csv", range(50))).returncode == 0
    two = write(tmp_path / "two.csv", range(40, 120), "Other")
    assert killed(home, "sweeping", 1, 0, "bank", "import", two, "--name", "Known") == DEAD  # not merged yet
    before = held(home)
    assert len(home.segments()) == 2
    assert killed(home, mode, number, 0, "bank", "merge", "--name", "Known") == DEAD
    assert held(home) == before
    assert len(home.segments()) == (1 if mode == "sweeping" else 2)
    done = home.run("bank", "merge", "--name", "Known")
    assert (done.returncode, done.stdout) == (0, "Nothing to merge.\n" if mode == "sweeping" else "Merged.\n")
    assert held(home) == before
    nothing_left(home)


@pytest.mark.slow
def test_kills_at_random_moments(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("AMPARO_SEED", time.time_ns() % 1_000_000))
    with capsys.disabled():
        print(f" seed {seed} (AMPARO_SEED repeats it)", end="", flush=True)
    chance = random.Random(seed)
    assert load(home, write(tmp_path / "0.csv", range(2_000), "Owner 0")).returncode == 0
    old, died = held(home), 0
    for number in range(1, 7):
        path = write(tmp_path / f"{number}.csv", range(1_000, 4_000 + number), f"Owner {number}")
        died += killed(home, "random", 1, chance.randrange(10**6), "bank", "import", path, "--name", "Known") == DEAD
        version, rows = held(home)
        if version == old[0]:
            assert rows == old[1]
        else:
            assert version == old[0] + 1
            assert sum(owner == f"Owner {number}" for _, _, owner in rows) == 3_000 + number
            assert len(rows) == 4_000 + number
        old = version, rows
    assert died, "every import was quicker"
    nothing_left(home)
