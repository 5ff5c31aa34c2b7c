"""A worker ends with its driver, whatever either is doing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest

from amparo.evidence.outcome import Ok, Outcome
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.engines.worker import IDLE, Mark
from amparo.pipeline.stage import Visit
from amparo.pipeline.view import View

DRIVER = """
import sys, time
from engines.test_pool import PLAN, reader, task
from engines.test_worker import Stuck
from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.limits import Limits
from amparo.pipeline.stage import Factory, Plan
from pathlib import Path

if __name__ == "__main__":
    plan = Plan.of(Factory("engines.test_worker:Stuck", {"how": sys.argv[2]}))
    pool = PoolEngine(plan, reader(Path(sys.argv[1])), Limits(seconds=600), 2)
    for key in range(4):
        pool.submit([task(key, b"f")])
    while True:
        at = [worker.mark.read()[0] for worker in pool._workers]
        if at == [0, 0] or sys.argv[2] == "starting":
            print(*(worker.process.pid for worker in pool._workers), flush=True)
            break
        time.sleep(0.01)
    time.sleep(600)
"""


class Stuck(Analyser):
    """Never comes back: ``sleep`` in Python, ``native`` in C with the interpreter lock held."""

    name: ClassVar[str] = "stuck"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.FIRST

    def analyse(self, view: View, state: Any) -> Outcome:
        if self.config["how"] == "native":
            import ctypes

            ctypes.PyDLL(None).sleep(600)  # PyDLL keeps the lock
        time.sleep(600)
        return Ok()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize("how", ["sleep", "native", "starting"])
def test_workers_end_within_a_second_of_their_driver(how: str, tmp_path: Path) -> None:
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    (tmp_path / "f").write_bytes(b"x")
    paths = os.pathsep.join(str(Path(__file__).parents[2] / folder) for folder in ("src", "tests"))
    driver = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path), how],
        env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert driver.stdout is not None
        pids = [int(word) for word in driver.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(alive, pids))
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.communicate()
    deadline = time.monotonic() + 1.0
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, pids))


def test_mark_says_where_a_worker_is() -> None:
    memory = Mark.memory()
    mark, same = Mark(memory), Mark(memory)
    os.close(memory)
    assert mark.read()[:2] == (IDLE, IDLE)
    before = time.monotonic_ns()
    mark.at(3, 1)
    task, stage, since = same.read()
    assert (task, stage) == (3, 1)
    assert before <= since <= time.monotonic_ns()
