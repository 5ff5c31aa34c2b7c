"""Inline engine: the reference every other engine must agree with. No isolation, no limits."""

from collections.abc import Sequence

from amparo.pipeline.stage import Factory, Plan
from amparo.pipeline.task import Task, Visited
from amparo.pipeline.visit import Visitor


class InlineEngine:
    """Visits in the caller's process, when asked for results."""

    def __init__(self, plan: Plan, reader: Factory) -> None:
        self._visitor = Visitor(plan, reader)
        self._tasks: list[Task] = []

    def room(self) -> bool:
        """One chunk at a time."""
        return not self._tasks

    def busy(self) -> bool:
        """Whether a chunk waits to be visited."""
        return bool(self._tasks)

    def submit(self, tasks: Sequence[Task]) -> None:
        """Keep the chunk until it is waited for."""
        self._tasks = list(tasks)

    def wait(self, seconds: float) -> Sequence[Sequence[Visited]]:  # never waits
        """Visit the chunk now."""
        tasks, self._tasks = self._tasks, []
        return [[self._visitor.visit(task, _ignore) for task in tasks]] if tasks else []

    def close(self) -> None:
        """Drop what was not visited."""
        self._tasks = []
        self._visitor.close()


def _ignore(stage: int) -> None:
    return None
