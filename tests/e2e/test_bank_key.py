"""The key of the Banks through the command line, with a passphrase typed at a terminal."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from e2e.bad_input import refused
from e2e.bank_lists import digest, load, plain, write
from e2e.homes import COMMAND, Home

pytestmark = [pytest.mark.database_slow, pytest.mark.timeout(300)]
WORDS = "trés correct horses"
_PATIENCE = 60.0


def typed(home: Home, words: Sequence[str], *lines: str) -> tuple[int, str]:
    """Run a command at a terminal of its own, answering each question; the exit code and what the screen showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *words], env={**home.env, "TERM": "dumb"}, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, preexec_fn=_controlling,
    )  # fmt: skip
    os.close(theirs)
    screen, answers, deadline = b"", list(lines), time.monotonic() + _PATIENCE
    asked = 0
    while time.monotonic() < deadline:
        if not select.select([ours], [], [], 0.1)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            screen += os.read(ours, 4096)
        except OSError:
            break  # the other side is closed
        questions = screen.count(b": ") if b"assphrase" in screen or b"confirmation" in screen else 0
        if answers and screen.endswith(b": ") and questions > asked:
            asked = questions
            os.write(ours, answers.pop(0).encode() + b"\n")
    process.kill() if process.poll() is None and time.monotonic() >= deadline else None
    code = process.wait()
    os.close(ours)
    return code, screen.decode(errors="replace")


def _controlling() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_protect_lock_unlock_unprotect(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "known.csv", range(5))).returncode == 0
    other = write(tmp_path / "other.csv", range(1, 9))
    key = home.path / "secrets" / "bank.key"
    before = key.read_bytes()
    code, screen = typed(home, ("bank", "key", "protect"), WORDS, WORDS)
    assert (code, "Protected." in screen) == (0, True), screen
    assert WORDS not in screen
    assert before.split(b"\n")[1] not in key.read_bytes()
    refused(home.run("bank", "import", other, "--name", "Other"), 5, "locked")

    code, screen = typed(home, ("bank", "key", "unlock"), "something else")
    assert code == 5, screen
    assert "does not open" in screen
    refused(home.run("bank", "import", other, "--name", "Other"), 5, "locked")

    code, screen = typed(home, ("bank", "key", "unlock"), WORDS)
    assert (code, "Unlocked." in screen) == (0, True), screen
    assert home.run("bank", "import", other, "--name", "Other").returncode == 0
    assert len(home.rows("match", digest(1))) == 2

    done = home.run("bank", "key", "lock")
    assert (done.returncode, done.stderr) == (0, "")
    assert not [path for path in plain(home).glob("*") if len(path.name) == 64]
    refused(home.run("match", digest(1)), 5, "locked")
    (tmp_path / "f").write_text("f")
    home.case("R-1")
    refused(home.run("scan", tmp_path / "f", "--case", "R-1"), 5, "locked")
    refused(home.run("rematch"), 5, "locked")
    assert {row["entries"] for row in home.rows("bank", "list")} == {5, 8}, "numbers are no secret"

    code, screen = typed(home, ("bank", "key", "unprotect"), "something else")
    assert code == 5, screen
    code, screen = typed(home, ("bank", "key", "unprotect"), WORDS)
    assert code == 0, screen
    assert key.read_bytes() == before
    assert len(home.rows("match", digest(1))) == 2
    assert found(home.path, WORDS.encode()) == []
    home.verify()


def found(folder: Path, words: bytes) -> list[Path]:
    """Files that hold these words."""
    return [path for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]


def test_a_passphrase_that_is_no_good(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "known.csv", range(5))).returncode == 0
    key = home.path / "secrets" / "bank.key"
    before = key.read_bytes()
    code, screen = typed(home, ("bank", "key", "protect"), WORDS, "another", WORDS, WORDS)
    assert code == 0, screen
    assert "do not match" in screen
    assert key.read_bytes() != before
    code, screen = typed(home, ("bank", "key", "protect"), WORDS, WORDS)
    assert (code, "protected already" in screen) == (2, True), screen


def test_unprotected_there_is_nothing_to_unlock(home: Home, tmp_path: Path) -> None:
    assert load(home, write(tmp_path / "known.csv", range(5))).returncode == 0
    assert home.run("bank", "key", "unlock").returncode == 0
    code, screen = typed(home, ("bank", "key", "unprotect"), WORDS)
    assert (code, "not protected" in screen) == (2, True), screen


def test_protecting_comes_before_the_first_bank_too(home: Home, tmp_path: Path) -> None:
    code, screen = typed(home, ("bank", "key", "protect"), WORDS, WORDS)
    assert code == 0, screen
    refused(load(home, write(tmp_path / "known.csv", range(5))), 5, "locked")
    assert typed(home, ("bank", "key", "unlock"), WORDS)[0] == 0
    assert load(home, tmp_path / "known.csv").returncode == 0
