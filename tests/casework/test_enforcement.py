"""Planned enforcement: open points are tasks, answers close them, and nothing is refused because of a point."""

import datetime
from pathlib import Path

import pytest
from casework.installations import actions, case, make
from pytest_django import DjangoAssertNumQueries

from amparo.casework import enforcement
from amparo.casework.installation import Installation
from amparo.casework.safeguarding import Answer, checklist
from amparo.catalogue.models import Case, Enforcement, SafeguardingAnswer, Task
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
NUMBER = len(checklist().points)


def soon(days: float = 5) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)


def planned(tmp_path: Path) -> tuple[Installation, Case, Enforcement]:
    installation = make(tmp_path)
    row = case(installation)
    return installation, row, enforcement.plan_enforcement(installation, row, soon())


def test_every_point_becomes_a_task_of_the_planned_day(tmp_path: Path) -> None:
    _, row, plan = planned(tmp_path)
    made = Task.objects.filter(case=row, done=None)
    assert {each.point for each in made} == {point.id for point in checklist().points}
    assert {each.due for each in made} == {plan.planned.date()}
    assert enforcement.plan_of(plan).open == NUMBER


@pytest.mark.parametrize(
    ("answer", "open_points", "refused"),
    [(Answer.YES, NUMBER - 1, 0), (Answer.NO, NUMBER - 1, 1), (Answer.NOT_APPLICABLE, NUMBER - 1, 0),
     (Answer.NOT_KNOWN, NUMBER, 0)],
)  # fmt: skip
def test_an_answer_ends_the_task_of_its_point_unless_it_is_not_known(
    answer: Answer, open_points: int, refused: int, tmp_path: Path
) -> None:
    installation, row, plan = planned(tmp_path)
    enforcement.answer_point(installation, plan, "children", answer, "Because")
    found = enforcement.plan_of(plan)
    assert (found.open, found.refused) == (open_points, refused)
    assert Task.objects.filter(case=row, done=None).count() == open_points
    assert [each.row for each in enforcement.doubtful(row)] == [plan]


def test_the_newest_answer_counts_and_a_doubt_opens_the_task_again(tmp_path: Path) -> None:
    installation, _, plan = planned(tmp_path)
    task = Task.objects.get(enforcement=plan, point="address")
    for answer, done in ((Answer.YES, True), (Answer.NOT_KNOWN, False), (Answer.YES, True)):
        enforcement.answer_point(installation, plan, "address", answer, "")
        task.refresh_from_db()
        assert (task.done is not None) == done
    asked = next(each for each in enforcement.plan_of(plan).asked if each.point.id == "address")
    assert [each.answer for each in asked.answers] == ["yes", "not-known", "yes"]


@pytest.mark.parametrize(
    ("point", "answer", "note", "said"),
    [
        ("nonsense", "yes", "", "no such point"),
        ("children", "", "", "Choose an answer"),
        ("children", "maybe", "", "Choose an answer"),
        ("children", "no", " \n ", "needs a note"),
        ("children", "not-applicable", "", "needs a note"),
        ("children", "yes", "x" * 1001, "at most 1,000"),
    ],
)
def test_a_wrong_answer_is_refused(point: str, answer: str, note: str, said: str, tmp_path: Path) -> None:
    installation, _, plan = planned(tmp_path)
    with pytest.raises(BadInput, match=said):
        enforcement.answer_point(installation, plan, point, answer, note)
    assert not SafeguardingAnswer.objects.exists()


def test_a_plan_lies_within_the_next_two_years(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row = case(installation)
    for days in (-1, 800):
        with pytest.raises(BadInput, match="not within the next two years"):
            enforcement.plan_enforcement(installation, row, soon(days))
    assert not Task.objects.exists()


def test_moving_moves_open_tasks_only(tmp_path: Path) -> None:
    installation, _, plan = planned(tmp_path)
    enforcement.answer_point(installation, plan, "leaflet", Answer.YES, "")
    enforcement.move_enforcement(installation, plan, soon(9))
    days = dict(Task.objects.filter(enforcement=plan).values_list("point", "due"))
    assert days.pop("leaflet") == plan.planned.date()
    assert set(days.values()) == {soon(9).date()}


@pytest.mark.parametrize("outcome", enforcement.OUTCOMES)
def test_an_ended_plan_warns_no_more_and_takes_no_answer(outcome: str, tmp_path: Path) -> None:
    installation, row, plan = planned(tmp_path)
    with pytest.raises(BadInput):
        enforcement.close_enforcement(installation, plan, "")
    enforcement.close_enforcement(installation, plan, outcome)
    assert not enforcement.doubtful(row)
    assert not Task.objects.filter(case=row, done=None).exists()
    for act in (
        lambda: enforcement.answer_point(installation, plan, "children", Answer.YES, ""),
        lambda: enforcement.move_enforcement(installation, plan, soon()),
        lambda: enforcement.close_enforcement(installation, plan, "held"),
    ):
        with pytest.raises(BadInput, match="has ended"):
            act()


def test_plans_of_a_case_take_two_queries(tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    installation = make(tmp_path)
    row, other = case(installation), case(installation, "R-2")
    for day in (9, 3, 6):
        plan = enforcement.plan_enforcement(installation, row, soon(day))
        enforcement.answer_point(installation, plan, "children", Answer.YES, "")
    enforcement.plan_enforcement(installation, other, soon())
    with django_assert_num_queries(2):
        found = enforcement.doubtful(row)
    assert [each.row.planned.date() for each in found] == [soon(day).date() for day in (3, 6, 9)]
    with django_assert_num_queries(2):
        first = enforcement.plans(row, None, 2)
    assert [each.row.pk for each in (*first, *enforcement.plans(row, first[-1].row.pk, 2))] == sorted(
        Enforcement.objects.filter(case=row).values_list("pk", flat=True), reverse=True
    )


def test_custody_says_neither_when_nor_what_was_answered(tmp_path: Path) -> None:
    installation, row, plan = planned(tmp_path)
    enforcement.answer_point(installation, plan, "children", Answer.NO, "The aunt is away")
    enforcement.move_enforcement(installation, plan, soon(9))
    enforcement.close_enforcement(installation, plan, "called-off")
    assert actions(installation, row)[-4:] == [
        "enforcement.planned", "safeguarding.answered", "enforcement.moved", "enforcement.closed",
    ]  # fmt: skip
    chain = chain_path(installation.settings.home, row.uuid)
    for word in ("aunt", "children", "called-off", plan.planned.date().isoformat()):
        assert word not in chain.read_text()
    verify(chain)
