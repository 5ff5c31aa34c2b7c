"""`amparo up`: starts again what dies, leaves nothing running however it ends, and names a port that is taken."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from e2e.homes import Home, new_home

_SOON = 30.0  # seconds


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with new_home(tmp_path / "home") as made, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made.env["AMPARO_PORT"] = str(probe.getsockname()[1])
        probe.close()
        made.env.pop("PYTHONWARNINGS")
        yield made


@contextlib.contextmanager
def up(home: Home) -> Iterator[subprocess.Popen[str]]:
    process = home.start("up")
    try:
        assert process.stdout is not None
        while "Ctrl-C" not in (line := process.stdout.readline()):
            assert line, process.communicate()
        wait_until(lambda: len(parts(process)) == 2 and answers(home), "both parts to run")
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        process.communicate(timeout=_SOON)


def parts(process: subprocess.Popen[str]) -> dict[str, psutil.Process]:
    """The children by what they are."""
    found = {}
    for child in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.Error):
            line = child.cmdline()
            if "granian" in line:
                found["web"] = child
            elif line[-1:] == ["worker"]:
                found["worker"] = child
    return found


def answers(home: Home) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(home.env["AMPARO_PORT"])), 1):
        return True
    return False


def wait_until(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _SOON
    while not true():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.1)


def gone(processes: list[psutil.Process]) -> bool:
    return not [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running(home: Home, how: signal.Signals) -> None:
    with up(home) as process:
        below = psutil.Process(process.pid).children(recursive=True)
        assert len(below) >= 3, "the web server has a process of its own"
        process.send_signal(how)
        assert process.wait(_SOON) == (-signal.SIGKILL if how == signal.SIGKILL else 0)
        wait_until(lambda: gone(below), "all processes to end")
        assert not answers(home)


def test_ctrl_c_in_a_terminal_reaches_each_part_once(home: Home) -> None:
    """A terminal sends SIGINT to the whole group of the command; its parts are in groups of their own."""
    with up(home) as process:
        group = os.getpgid(process.pid)
        assert all(os.getpgid(each.pid) != group for each in parts(process).values())
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=_SOON)
        assert process.returncode == 0
        assert "Traceback" not in said


@pytest.mark.parametrize("part", ["web", "worker"])
def test_what_dies_is_started_again_and_said_so_in_one_line(home: Home, part: str) -> None:
    with up(home) as process:
        before = parts(process)[part]
        below = before.children(recursive=True)
        before.kill()
        wait_until(lambda: part in (now := parts(process)) and now[part].pid != before.pid, "a new one")
        wait_until(lambda: answers(home), "the web server")
        assert gone(below)
        process.terminate()
        _, said = process.communicate(timeout=_SOON)
        assert re.search(
            r"^amparo: The (web server|worker) ended \(signal SIGKILL\)\. It is started again in 1 s\.$", said, re.M
        )
        assert "Traceback" not in said


def test_a_port_that_is_taken_is_said_before_anything_is_made(home: Home) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(home.env["AMPARO_PORT"])))
        other.listen()
        done = home.run("up")
    assert done.returncode == 2
    assert f"Port {home.env['AMPARO_PORT']} cannot be used" in done.stderr
    assert "AMPARO_PORT" in done.stderr
    assert done.stdout == "", "no invitation"
