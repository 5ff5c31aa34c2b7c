"""The pool's own promises: how much is in flight, and that it never waits where it cannot watch."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from amparo.evidence.errors import AmparoError
from amparo.evidence.item import Entry, Locator, Step
from amparo.evidence.outcome import Failed
from amparo.pipeline import chunks
from amparo.pipeline.engines import pool as module
from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.limits import Limits
from amparo.pipeline.memory import MemoryLedger
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory, Plan, Visit
from amparo.pipeline.task import Task, Visited
from amparo.sources.folder import root_child

PLAN = Plan.of(Factory("engines.fake_analysers:Poison", {}))
WALKING = Plan.of(Factory("amparo.sources.analysers:Walk"), Factory("engines.fake_analysers:Poison", {}))


def reader(root: Path) -> Factory:
    return Factory("amparo.sources.reader:SourceReader", {"root": os.fsencode(root)})


def task(key: int, *names: bytes) -> Task:
    first, *members = names
    steps = [Step("folder", first), *(Step("zip", name, key) for name in members)]
    return Task(key, Visit.FIRST, Locator(tuple(steps)), Entry.FILE, 1, (0,))


@pytest.fixture
def pools(tmp_path: Path) -> Iterator[Any]:
    made: list[PoolEngine] = []

    def make(workers: int, plan: Plan = PLAN, seconds: float = 1.0, source: Factory | None = None) -> PoolEngine:
        made.append(PoolEngine(plan, source or reader(tmp_path), Limits(seconds=seconds), workers))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def results(pool: PoolEngine, seconds: float = 30.0) -> list[Visited]:
    found, deadline = [], time.monotonic() + seconds
    while pool.busy():
        assert time.monotonic() < deadline, "the pool does not come to an end"
        found += [each for batch in pool.wait(0.2) for each in batch]
    return found


def test_never_more_than_two_chunks_per_worker(pools: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_TASKS", 1)
    for number in range(40):
        (tmp_path / f"f{number}").write_bytes(b"x")
    ledger, pool, seen = MemoryLedger(WALKING, root_child(os.fsencode(tmp_path))), pools(2, WALKING), []
    submit = pool.submit

    def watched(tasks: Any) -> None:
        submit(tasks)
        seen.append(max(len(worker.chunks) for worker in pool._workers))
        assert len(pool._workers) <= 2

    pool.submit = watched
    run(ledger, pool)
    assert len(ledger.rows()) == 41
    assert max(seen) == 2, "one runs, one waits, and no more"


@pytest.mark.timeout(30)
def test_a_chunk_too_large_for_the_pipe_waits_here(pools: Any, tmp_path: Path) -> None:
    """A worker at work does not read: sending it more than the pipe takes would stop this process, time limits too."""
    (tmp_path / "hang").write_bytes(b"x")
    (tmp_path / "f").write_bytes(b"x")
    pool = pools(1)
    pool.submit([task(1, b"hang")])
    pool.submit([task(key, b"f", b"%d" % key + b"n" * 60_000) for key in range(2, 66)])
    found = {each.task.key: each.outcomes for each in results(pool)}
    assert found[1] == ((0, Failed("limit-time")),)
    assert set(found) == set(range(1, 66))


def test_large_results_both_ways(pools: Any, tmp_path: Path) -> None:
    """Every worker answers with more than the pipe holds while more is sent to it."""
    for folder in range(6):
        (tmp_path / f"d{folder}").mkdir()
        for number in range(1500):
            (tmp_path / f"d{folder}" / f"{number:04}{'n' * 200}").touch()
    ledger = MemoryLedger(WALKING, root_child(os.fsencode(tmp_path)))
    run(ledger, pools(1, WALKING))
    assert len(ledger.rows()) == 1 + 6 + 6 * 1500


@pytest.mark.parametrize("source", ["amparo.sources.reader:Nothing", "engines.test_pool:dies"])
def test_workers_that_never_begin_are_one_error(pools: Any, source: str) -> None:
    pool = pools(2, source=Factory(source))
    pool.submit([task(1, b"f")])
    with pytest.raises(AmparoError, match="die before they begin") as told:
        results(pool)
    assert told.value.hint


def dies() -> None:
    os._exit(7)


def test_killed_while_idle_is_not_blamed_on_anything(pools: Any, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    pool = pools(1)
    for key in range(4):
        pool.submit([task(key, b"f")])
        (one,) = results(pool)
        assert not isinstance(one.outcomes[0][1], Failed)
        os.kill(pool._workers[0].process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("exitcode", "reason"), [(-11, "crash-sigsegv"), (-9, "crash-sigkill"), (-40, "crash-signal40"), (1, "crash")]
)
def test_every_death_has_a_reason(exitcode: int, reason: str) -> None:
    assert module._death(exitcode) == reason
