"""One visit: every due stage on one subject, each ending in an Outcome. The worker's half of the supervisor."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

from amparo.evidence.outcome import Failed, Outcome, Skipped
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.ports import Declined, Reader, Unreadable
from amparo.pipeline.stage import Factory, Plan, Visit
from amparo.pipeline.task import Task, Visited
from amparo.pipeline.view import View

log = logging.getLogger(__name__)


class Visitor:
    """Runs visits in one process: makes the Reader and each Analyser once, on first use."""

    def __init__(self, plan: Plan, reader: Factory) -> None:
        self._plan = plan
        self._reader: Reader = reader()
        self._ready: dict[int, tuple[Analyser, Any]] = {}

    def visit(self, task: Task, starting: Callable[[int], None]) -> Visited:
        """Run the due stages of ``task``; calls ``starting`` with the stage's index before each.

        If the bytes themselves cannot be read, the first stage says why and the rest of the visit is not tried.
        """
        view = View(task, self._reader)
        outcomes: list[tuple[int, Outcome]] = []
        settled = dict(task.ended)
        for index in task.due:
            outcome = settled[index] if index in settled else self._run(index, view, starting)
            if outcome is not None:
                outcomes.append((index, outcome))
                if isinstance(outcome, Failed | Skipped) and self._is_reading(task, index) and index not in settled:
                    break
        return Visited(task, tuple(outcomes))

    def _is_reading(self, task: Task, index: int) -> bool:
        """Whether this is the stage that reads all bytes; where it was done before, each stage speaks for itself."""
        return task.visit is Visit.FIRST and index == self._plan.indexes(Visit.FIRST)[0]

    def close(self) -> None:
        """Give the Reader's resources back."""
        self._reader.close()

    def _run(self, index: int, view: View, starting: Callable[[int], None]) -> Outcome | None:
        starting(index)
        try:
            analyser, state = self._analyser(index)
            return analyser.analyse(view, state) if analyser.wants(view) else None
        except Unreadable as error:
            return Failed(error.reason)
        except Declined as error:
            return Skipped(error.reason)
        except MemoryError:
            return Failed("limit-memory")
        except RecursionError:
            return Failed("limit-depth")
        except OSError as error:
            return Failed(os_reason(error))
        except Exception as error:  # noqa: BLE001  # supervisor: one subject's surprise must not end the others' work
            log.error("%s, subject %d: %s", self._plan.stages[index].analyser, view.task.key, _where(error))
            return Failed("error")

    def _analyser(self, index: int) -> tuple[Analyser, Any]:
        if index not in self._ready:
            analyser: Analyser = self._plan.factories[index]()
            self._ready[index] = analyser, analyser.setup()
        return self._ready[index]


def _where(error: Exception) -> str:
    """Type and place of an error; not its message, which may hold a name or a path from the evidence."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {frames[-1].name}:{frames[-1].lineno}"


def os_reason(error: OSError) -> str:
    """The short code of an operating system's refusal."""
    if isinstance(error, PermissionError):
        return "permission"
    if isinstance(error, FileNotFoundError):
        return "vanished"
    return "read-error"
