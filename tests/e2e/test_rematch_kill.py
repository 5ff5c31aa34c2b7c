"""Rematch through the command line: the evidence is gone, the process is killed, and the end is the same."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from casework.pictures import copies, pdq_of, picture
from e2e.bad_input import refused
from e2e.homes import Home

from amparo.casework import schemas

pytestmark = [pytest.mark.database, pytest.mark.timeout(300)]
DRIVER = str(Path(__file__).with_name("casework_kill_driver.py"))
STATED = ("--owner", "Amparo tests", "--terms", "none", "--date", "2026-01-31")
TEXTS = 600
IDS = ("bank", "config_digest")


def killed(home: Home, mode: str, number: int, *arguments: object) -> int:
    """The exit code of a command that was to be killed."""
    command = [sys.executable, DRIVER, mode, str(number), "--", *map(str, arguments)]
    return subprocess.run(command, env=home.env, capture_output=True, timeout=120).returncode


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    copies(root, 1, 2)
    for number in range(TEXTS):
        (root / f"text{number:03}").write_bytes(b"text %d" % number)
    return root


def looks(home: Home, tmp_path: Path, *seeds: int) -> None:
    path = tmp_path / "looks.txt"
    path.write_text("".join(f"{pdq_of(picture(seed))}\n" for seed in seeds))
    done = home.run(
        "bank", "import", path, "--name", "Looks", "--format", "plain", "--algorithm", "pdq", *STATED
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def told(home: Home, case: str) -> list[str]:
    """Findings with what later work replaced, without what two installations differ in."""
    rows = home.rows("findings", "--case", case, "--superseded")
    return sorted(json.dumps({key: row[key] for key in ("sha256", "kind", "facts", "current")}) for row in rows)


def test_killed_and_run_again_it_comes_to_the_same_end(home: Home, tree: Path, tmp_path: Path) -> None:
    looks(home, tmp_path, 2)
    for case in ("QUIET", "KILLED"):
        home.case(case)
        assert home.run("scan", tree, "--case", case).returncode == 0
    shutil.rmtree(tree)
    looks(home, tmp_path, 1)
    (quiet,) = home.rows("rematch", "--case", "QUIET")
    assert (quiet["compared"], quiet["unhashed"]) == (TEXTS + 2, 0)
    jsonschema.Draft202012Validator(json.loads(schemas.read("rematch"))).validate(quiet)
    for mode, number in (("committed", 1), ("writing", 1), ("committed", 1)):
        assert killed(home, mode, number, "rematch", "--case", "KILLED") == -signal.SIGKILL
    done = home.run("rematch", "--case", "KILLED")
    assert (done.returncode, done.stderr) == (0, "")
    left = int(done.stdout.split(": ")[1].split()[0])
    assert 0 < left < TEXTS + 2, "what was committed is not done again"
    assert told(home, "KILLED") == told(home, "QUIET")
    assert [row["compared"] for row in home.rows("rematch")] == [0, 0]
    assert [row["kind"] for row in home.rows("matches", "--case", "KILLED")] == ["match.near"] * 2
    home.verify()


def test_a_source_at_work_elsewhere_is_refused(home: Home, tree: Path, tmp_path: Path) -> None:
    home.case("R-1")
    assert home.run("scan", tree, "--case", "R-1").returncode == 0
    looks(home, tmp_path, 1)
    holder = "import os,sys,time,django\nfrom amparo.cli.start import start\nstart()\n"
    holder += "from amparo.catalogue import lease, models\nlease.take(models.Source.objects.get())\n"
    holder += "print('held', flush=True)\ntime.sleep(60)\n"
    with subprocess.Popen(
        [sys.executable, "-c", holder], env=home.env, stdout=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            refused(home.run("rematch"), 2, "Another process")
        finally:
            process.kill()
    assert home.rows("rematch")[0]["compared"] == TEXTS + 2
    refused(home.run("rematch", "--case", "R-9"), 2, "R-9")
