"""The worker writes the words of an earlier version; killed in and between its steps, it loses and repeats nothing."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from e2e.homes import Home

pytestmark = [pytest.mark.database, pytest.mark.timeout(300)]
DRIVER = str(Path(__file__).with_name("casework_kill_driver.py"))
FILES = 1_200
_LOOK = """
import json
from amparo.cli.start import start
start()
from amparo.catalogue.models import SearchBacklog, SearchText
words = SearchText.objects.exclude(words="").order_by("pk").values_list("pk", "words")
print(json.dumps([list(words), list(SearchBacklog.objects.values_list("after", flat=True))]))
"""


def stored(home: Home) -> tuple[list[list[Any]], list[int]]:
    """Words by Item, and after which Items of the backlog the next step begins."""
    done = subprocess.run([sys.executable, "-c", _LOOK], env=home.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    words, after = json.loads(done.stdout)
    return words, after


def killed(home: Home, mode: str, number: int) -> None:
    """A worker that dies at this occasion."""
    command = [sys.executable, DRIVER, mode, str(number), "--", "worker"]
    assert subprocess.run(command, env=home.env, capture_output=True, timeout=60).returncode == -signal.SIGKILL


def test_a_worker_that_is_killed_between_and_in_steps_loses_no_words(home: Home, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    for number in range(FILES):
        (tmp_path / "tree" / f"letter {number:04}.txt").write_bytes(b"")
    home.case("S-1")
    assert home.run("scan", tmp_path / "tree", "--case", "S-1").returncode == 0
    words, _ = stored(home)
    assert len(words) == FILES
    home.change("DELETE FROM catalogue_searchtext")
    home.change("INSERT INTO catalogue_searchbacklog (after, until) VALUES (0, ?)", words[-1][0])
    killed(home, "indexed", 1)
    first = stored(home)
    assert first == ([each for each in words if each[0] <= first[1][0]], first[1])
    assert 0 < len(first[0]) < FILES
    killed(home, "indexing", 2)  # two parts of the next step are written then, and neither is committed
    assert stored(home) == first
    killed(home, "indexed", 1)
    assert len(first[0]) < len(stored(home)[0])
    worker = home.start("worker")
    try:
        until = time.monotonic() + 30
        while stored(home)[1]:
            assert time.monotonic() < until
    finally:
        worker.terminate()
        worker.communicate(timeout=20)
    assert stored(home) == (words, [])
