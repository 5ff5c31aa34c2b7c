"""One visit: every stage ends in an Outcome, and none ends the others'."""

from typing import Any

import pytest
from pipeline.subjects import ERRORS, FILES, task

from amparo.evidence.outcome import Failed, Ok, Outcome, Skipped
from amparo.pipeline.ports import Declined, Unreadable
from amparo.pipeline.stage import Factory, Plan
from amparo.pipeline.task import Task
from amparo.pipeline.visit import Visitor

READER = Factory("pipeline.subjects:DictReader")
READS = Factory("pipeline.subjects:Reads")


def acts(name: str = "Acts", **config: Any) -> Factory:
    return Factory(f"pipeline.subjects:{name}", config)


def visit(plan: Plan, one: Task) -> tuple[dict[int, Outcome], list[int]]:
    started: list[int] = []
    visited = Visitor(plan, READER).visit(one, started.append)
    return dict(visited.outcomes), started


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Unreadable("limit-ratio"), Failed("limit-ratio")),
        (Declined("encrypted"), Skipped("encrypted")),
        (MemoryError(), Failed("limit-memory")),
        (RecursionError(), Failed("limit-depth")),
        (PermissionError(13, "no"), Failed("permission")),
        (FileNotFoundError(2, "gone"), Failed("vanished")),
        (OSError(5, "bad sector"), Failed("read-error")),
        (ZeroDivisionError(), Failed("error")),
    ],
)
def test_errors_become_outcomes_and_the_next_stage_runs(error: Exception, outcome: Outcome) -> None:
    FILES[b"f"] = b"x"
    ERRORS["one"] = error
    plan = Plan.of(READS, acts(raises="one"), acts("Again"))
    outcomes, started = visit(plan, task(due=(0, 1, 2)))
    assert outcomes[1] == outcome
    assert isinstance(outcomes[2], Ok)
    assert started == [0, 1, 2]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(PermissionError(13, "no"), Failed("permission")), (Declined("encrypted"), Skipped("encrypted"))],
)
def test_unreadable_bytes_are_said_once(error: Exception, outcome: Outcome) -> None:
    FILES[b"f"] = error
    outcomes, started = visit(Plan.of(READS, acts(), acts("Again")), task(due=(0, 1, 2)))
    assert outcomes == {0: outcome}
    assert started == [0]


def test_only_the_reading_stage_ends_a_visit() -> None:
    """After an upgrade other stages are due alone: the first of them must not take the rest with it."""
    FILES[b"f"] = b"x"
    ERRORS["one"] = Declined("encrypted")
    plan = Plan.of(READS, acts(raises="one"), acts("Again"))
    outcomes, _ = visit(plan, task(due=(1, 2)))
    assert outcomes[1] == Skipped("encrypted")
    assert isinstance(outcomes[2], Ok)


def test_what_the_supervisor_settled_is_not_tried() -> None:
    FILES[b"f"] = b"x"
    plan = Plan.of(READS, acts(), acts("Again"))
    settled = Failed("crash-sigsegv")
    outcomes, started = visit(plan, task(due=(0, 1, 2), ended=((0, settled),)))
    assert started == [1, 2]
    assert outcomes[0] is settled
    assert set(outcomes) == {0, 1, 2}


def test_not_wanted_has_no_outcome() -> None:
    FILES[b"f"] = b"x"
    outcomes, started = visit(Plan.of(acts(wanted=False), acts("Again")), task(due=(0, 1)))
    assert (set(outcomes), started) == ({1}, [0, 1])


def test_setup_is_done_once() -> None:
    FILES[b"f"] = b"x"
    visitor = Visitor(Plan.of(acts()), READER)
    for times in (1, 2, 3):
        ((_, outcome),) = visitor.visit(task(), lambda stage: None).outcomes
        assert isinstance(outcome, Ok)
        assert outcome.findings[0].facts["times"] == times
