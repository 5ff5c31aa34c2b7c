"""Commands that cannot run: as they are configured, or while another one does."""

import contextlib
import dataclasses
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e.bad_input import refused
from e2e.homes import Home, new_home

LARGE = Path("/usr/share")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_text("content")
    return tmp_path / "tree"


@pytest.mark.database
def test_two_scans_of_one_path(home: Home, tree: Path) -> None:
    """Neither a second source nor a second driver; Ctrl-C leaves it resumable and says so."""
    home.case("TWICE")
    first = home.start("scan", LARGE, "--case", "TWICE")
    try:
        _until(lambda: home.rows("case", "show", "TWICE")[0]["sources"] == 1)
        refused(home.run("scan", LARGE, "--case", "TWICE"), 2, "Another process")
        assert home.run("scan", tree, "--case", "TWICE").returncode == 0, "another path of the case is free"
        assert first.poll() is None
        first.send_signal(signal.SIGINT)
        _, errors = first.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            first.kill()
        first.wait()
    assert first.returncode == 130
    lines = [line for line in errors.splitlines() if " items, " not in line]  # progress of those who do not watch
    assert lines[0].startswith("amparo: Stopped")
    assert "same command" in lines[1]
    assert len(lines) == 2
    row = home.rows("case", "show", "TWICE")[0]
    assert (row["sources"], row["unfinished_sources"]) == (2, 1)
    home.verify()


@pytest.mark.database
def test_two_scans_that_begin_at_once(home: Home, tree: Path) -> None:
    home.case("RACE")
    runs = [home.start("scan", tree, "--case", "RACE") for _ in range(3)]
    for each in runs:
        _, errors = each.communicate(timeout=60)
        if each.returncode:
            refused(subprocess.CompletedProcess((), each.returncode, "", errors), 2, "Another process")
    assert [each.returncode for each in runs].count(0) >= 1
    row = home.rows("case", "show", "RACE")[0]
    assert (row["sources"], row["unfinished_sources"], row["items"]) == (1, 0, 2)
    home.verify()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"workers = [", "config.toml"),
        (b'workers = "many"\n', "'workers'"),
        (b"workers = -1\n", "'workers'"),
        (b"colour = 1\n", "'colour'"),
        (b"\xff\xfe\n", "config.toml"),
    ],
)
def test_malformed_config(tmp_path: Path, text: bytes, word: str) -> None:
    (tmp_path / "home").mkdir()
    with new_home(tmp_path / "home") as home:
        _refuses_config(home, text, word)


def _refuses_config(home: Home, text: bytes, word: str) -> None:
    (home.path / "config.toml").write_bytes(text)
    refused(home.run("case", "list"), 2, word)
    assert [each.name for each in home.path.iterdir()] == ["config.toml"], "nothing was made"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nonsense", 2),
        ("mysql://user@host/name", 2),
        ("postgresql://user:hidden@host:port/name", 2),
        ("postgresql://user:hidden@127.0.0.1:1/name", 3),
        ("postgresql://user:hidden@host.invalid/name", 3),
        ("postgresql:///name?host=/nonexistent", 3),
    ],
)
def test_bad_database_url(home: Home, url: str, code: int) -> None:
    done = dataclasses.replace(home, env={**home.env, "DATABASE_URL": url}).run("case", "list")
    made = [line for line in done.stderr.splitlines(keepends=True) if line.startswith(("Made ", "Custody entries "))]
    done.stderr = "".join(line for line in done.stderr.splitlines(keepends=True) if line not in made)
    refused(done, code, "atabase" if code == 3 else "DATABASE_URL")
    assert "hidden" not in done.stderr


def test_a_home_that_cannot_be(home: Home, tree: Path) -> None:
    for path in (tree / "file", tree / "file" / "below", Path("/proc/amparo")):
        refused(Home(path, {**home.env, "AMPARO_HOME": str(path)}).run("case", "list"), 2, str(path))
    assert (tree / "file").read_text() == "content"


@pytest.mark.database
def test_a_custody_log_that_was_changed(home: Home, tree: Path) -> None:
    """The scan ends with an error, not with a chain that nobody could verify."""
    home.case("LOG")
    (log,) = home.path.glob("cases/*/custody.jsonl")
    shutil.copy(log, home.path / "before")
    log.write_bytes(log.read_bytes().replace(b"case.created", b"case.cheated"))
    refused(home.run("custody", "verify", log), 4)
    refused(home.run("scan", tree, "--case", "LOG"), 4)
    shutil.copy(home.path / "before", log)
    assert home.run("scan", tree, "--case", "LOG").returncode == 0
    home.verify()


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)
