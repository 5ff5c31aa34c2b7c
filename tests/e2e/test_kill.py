"""SIGKILL ten times, resume, and nothing is lost, doubled or different; on SQLite and on PostgreSQL."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

MODES = ["transaction"] * 3 + ["sealing", "sealing", "sealed"] + ["random"] * 4
KILL_DRIVER = str(Path(__file__).with_name("kill_driver.py"))
IDS = ("id", "source", "parent", "item")

pytestmark = [pytest.mark.database, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import tarfile
    import zipfile

    root = tmp_path_factory.mktemp("kill") / "tree"
    chance = random.Random(5)
    for folder in range(60):
        here = root / f"folder{folder:02}"
        here.mkdir(parents=True)
        for number in range(70):
            (here / f"file{number:03}").write_bytes(chance.randbytes(chance.randrange(400)))
        (here / "same").write_bytes(b"the same everywhere")
        (here / "link").symlink_to("same")
        with zipfile.ZipFile(here / "members.zip", "w") as archive:
            for number in range(20):
                archive.writestr(f"member{number}", chance.randbytes(50))
        with tarfile.open(here / "more.tar.gz", "w:gz") as tar:
            tar.add(here / "file001", "inside")
    os.mkfifo(root / "pipe")
    time.sleep(0.05)
    for link in root.glob("*/link"):
        link.readlink()  # moves the link's own access time for the last time: two scans then find the same
    return root


def printed(home: Any, command: str, case: str) -> list[str]:
    """Rows without ids, sorted: what two runs must agree on byte for byte."""
    rows = home.rows(command, "--case", case)
    return sorted(json.dumps({k: v for k, v in row.items() if k not in IDS}, sort_keys=True) for row in rows)


@pytest.mark.parametrize("repeat", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_ten_kills_change_nothing(home: Any, tree: Path, repeat: int, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("AMPARO_SEED", time.time_ns() % 1_000_000)) + repeat
    with capsys.disabled():
        print(f" seed {seed} (AMPARO_SEED repeats it)", end="", flush=True)
    chance = random.Random(seed)
    known = tree.parent / "known.csv"
    known.write_text(
        "digest,labels,owner,terms,date\n"
        "7a2ff8ee3ee4a8e1c9c6e4a4a2b0a2ce0ac7b1a3f5d3c0c3f8a0c9d8e7f60514,test,Amparo tests,none,2026-01-01\n"
        f"{__import__('hashlib').sha256(b'the same everywhere').hexdigest()},test,Amparo tests,none,2026-01-01\n"
    )
    assert home.run("bank", "import", str(known), "--name", "Known").returncode == 0
    for case in ("QUIET", "KILLED"):
        assert home.run("case", "create", case, "--authority", "test").returncode == 0
    assert home.run("scan", str(tree), "--case", "QUIET").returncode == 0

    modes = list(MODES)
    chance.shuffle(modes)
    before = 0
    for number, mode in enumerate(modes):
        command = [sys.executable, KILL_DRIVER, mode, str(chance.randrange(2, 6)), str(seed + number), "--"]
        done = subprocess.run(
            [*command, "scan", str(tree), "--case", "KILLED"], env=home.env, capture_output=True, text=True
        )
        assert done.returncode == -9, (mode, done.returncode, done.stderr)
        assert no_workers_left(home), "workers outlived their driver"
        rows = home.rows("items", "--case", "KILLED")
        recorded = sum(row["outcome"] != "pending" or bool(row["sha256"]) for row in rows)
        assert recorded > before, f"kill {number} ({mode}) came before anything new was committed"
        before = recorded
        case = home.rows("case", "show", "KILLED")[0]
        assert case["unfinished_sources"] == 1, f"kill {number} ({mode}) came after the scan had finished"

    last = home.run("scan", str(tree), "--case", "KILLED")
    assert last.returncode == 0, last.stderr
    assert printed(home, "items", "KILLED") == printed(home, "items", "QUIET")
    assert printed(home, "findings", "KILLED") == printed(home, "findings", "QUIET")
    assert home.rows("case", "show", "KILLED")[0]["sources"] == 1
    for log in Path(home.env["AMPARO_HOME"]).rglob("custody.jsonl"):
        checked = home.run("custody", "verify", str(log))
        assert checked.returncode == 0, checked.stderr
    assert stored(home, "KILLED") == stored(home, "QUIET"), "a result was stored twice, or its custody event is missing"
    again = home.rows("scan", str(tree), "--case", "KILLED")[0]
    assert again["visited"] == 0


def stored(home: Any, case: str) -> tuple[int, int]:
    """Subjects and findings that the custody log of a case says were recorded, over all runs."""
    path = Path(home.env["AMPARO_HOME"], "cases", home.rows("case", "show", case)[0]["id"], "custody.jsonl")
    told = [json.loads(line) for line in path.read_text().splitlines()]
    facts = [entry["facts"] for entry in told if entry.get("action") == "results.recorded"]
    return sum(each["subjects"] for each in facts), sum(each["findings"] for each in facts)


def no_workers_left(home: Any) -> bool:
    """Within a second of the driver's death none of its workers lives."""
    marker = f"AMPARO_HOME={home.env['AMPARO_HOME']}".encode()
    deadline = time.monotonic() + 1.0
    while True:
        alive = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if marker in (process / "environ").read_bytes() and (process / "stat").read_text().split()[2] != "Z":
                    alive.append(process.name)
            except (OSError, ProcessLookupError):
                continue
        if not alive:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
