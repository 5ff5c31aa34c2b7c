"""The driver's loop: fills the engine, commits what comes, stops when nothing is due or under way."""

from collections.abc import Sequence

import pytest
from pipeline.subjects import task

from amparo.pipeline.run import run
from amparo.pipeline.task import Task, Visited


class Due:
    """Hands out single tasks; a committed one may bring another."""

    def __init__(self, first: int, later: int) -> None:
        self.due, self.later, self.committed = first, later, 0

    def next_tasks(self) -> Sequence[Task]:
        if not self.due:
            return []
        self.due -= 1
        return [task()]

    def commit(self, visited: Sequence[Visited]) -> None:
        self.committed += len(visited)
        if self.later:
            self.later -= 1
            self.due += 1


class Slots:
    """Takes ``size`` chunks, gives one back per wait."""

    def __init__(self, size: int) -> None:
        self.size, self.held, self.most = size, [], 0

    def room(self) -> bool:
        return len(self.held) < self.size

    def busy(self) -> bool:
        return bool(self.held)

    def submit(self, tasks: Sequence[Task]) -> None:
        assert self.room()
        self.held.append(tasks)
        self.most = max(self.most, len(self.held))

    def wait(self, seconds: float) -> list[list[Visited]]:
        return [[Visited(each, ()) for each in self.held.pop(0)]]

    def close(self) -> None:
        self.held = []


def test_work_that_appears_late_is_done_too() -> None:
    ledger, engine = Due(3, 7), Slots(2)
    run(ledger, engine)
    assert ledger.committed == 10
    assert engine.most == 2


def test_nothing_due_is_the_end() -> None:
    run(Due(0, 0), Slots(1))


def test_what_a_beat_raises_ends_the_run_after_the_commit() -> None:
    ledger = Due(5, 0)

    def beat() -> None:
        if ledger.committed == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(ledger, Slots(2), beat)
    assert ledger.committed == 2
