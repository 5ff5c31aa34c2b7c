"""Tasks: in the order of their days, for members only, recorded without their words."""

import datetime
from pathlib import Path

import pytest
from casework.installations import actions, case, make
from django.utils import timezone
from workbench.staff import member, person

from amparo.accounts.permissions import Role
from amparo.casework import tasks
from amparo.catalogue.models import Member, Notice, Task
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
DAY = datetime.timedelta(days=1)


def test_open_tasks_come_by_day_then_those_without_one_and_pages_join(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row, other, day = case(installation), case(installation, "R-2"), tasks.today()
    due = [day + DAY, None, day - DAY, day + DAY, None, day]
    made = [tasks.add_task(installation, row, f"Task {n}", each, None) for n, each in enumerate(due)]
    tasks.add_task(installation, other, "Elsewhere", day, None)
    tasks.set_done(installation, tasks.add_task(installation, row, "Over", day, None), True)
    wanted = [made[n].text for n in (2, 5, 0, 3, 1, 4)]
    for most in (1, 2, 4, 9):
        found: list[Task] = []
        after = None
        while part := tasks.open_tasks(row, after, most):
            found += part
            after = tasks.After(part[-1].due, part[-1].pk)
        assert [each.text for each in found] == wanted, most


@pytest.mark.parametrize(
    ("days", "late", "soon"), [(-1, True, False), (0, False, True), (3, False, True), (4, False, False)]
)
def test_a_task_is_marked_from_three_days_before_its_day(days: int, late: bool, soon: bool) -> None:
    day = datetime.date(2026, 3, 1)
    row = Task(due=day + days * DAY)
    assert (tasks.overdue(row, day), tasks.due_soon(row, day)) == (late, soon)
    row.done = datetime.datetime.now(datetime.UTC)
    assert not tasks.overdue(row, day) and not tasks.due_soon(row, day)


def test_whoever_is_given_a_task_is_told_once_and_without_its_words(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row = case(installation)
    ana, ben = person(Role.EXAMINER), person(Role.SOCIAL_WORKER)
    member(installation, row, ana, Role.EXAMINER)
    member(installation, row, ben, Role.SOCIAL_WORKER)
    acting = installation.acting(ana.actor)
    told = Notice.objects.filter(kind="task.assigned")
    task = tasks.add_task(acting, row, "Ring the neighbour", tasks.today(), ben)
    facts = {"due": tasks.today().isoformat(), "number": task.pk, "times": 1}
    assert [(each.user, each.facts) for each in told] == [(ben, facts)]
    tasks.change_task(acting, task, None, ben)
    tasks.change_task(acting, task, None, ana)
    assert told.count() == 1, "a new day, and a task given to oneself, are no news"
    task.refresh_from_db()
    assert (task.due, task.assignee) == (None, ana.actor)


def test_a_task_given_again_and_again_is_one_notice_and_another_task_another(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row = case(installation)
    ana, ben = person(Role.EXAMINER), person(Role.SOCIAL_WORKER)
    member(installation, row, ben, Role.SOCIAL_WORKER)
    acting, day = installation.acting(ana.actor), tasks.today()
    told = ben.notices.filter(kind="task.assigned").order_by("pk")
    task = tasks.add_task(acting, row, "Ring the neighbour", day, ben)
    for _ in range(2):
        tasks.change_task(acting, task, day + DAY, None)
        tasks.change_task(acting, task, day + DAY, ben)
    tasks.add_task(acting, row, "Ring the school", None, ben)
    wanted = [((day + DAY).isoformat(), 3), ("", 1)]
    assert [(each.facts["due"], each.facts["times"]) for each in told] == wanted
    told.filter(facts__number=task.pk).update(read=timezone.now())
    tasks.change_task(acting, task, day, None)
    tasks.change_task(acting, task, day, ben)
    assert [(each.facts["due"], each.facts["times"]) for each in told.all()] == [*wanted, (day.isoformat(), 1)]


def test_custody_names_what_was_done_and_no_words(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row = case(installation)
    before = len(actions(installation, row))
    task = tasks.add_task(installation, row, "Ring the neighbour", None, None)
    tasks.change_task(installation, task, None, None)
    tasks.change_task(installation, task, tasks.today(), None)
    for done in (True, True, False, False):
        tasks.set_done(installation, task, done)
    assert actions(installation, row)[before:] == ["task.added", "task.changed", "task.done", "task.reopened"]
    chain = chain_path(installation.settings.home, row.uuid)
    assert "neighbour" not in chain.read_text()
    verify(chain)


@pytest.mark.parametrize("text", ["", " ", "x" * 1001])
def test_a_task_without_words_or_with_too_many_is_refused(text: str, tmp_path: Path) -> None:
    installation = make(tmp_path)
    with pytest.raises(BadInput):
        tasks.add_task(installation, case(installation), text, None, None)
    assert not Task.objects.exists()


def test_only_who_can_open_the_case_can_be_given_a_task(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row, other = case(installation), case(installation, "R-2")
    people = [person(Role.EXAMINER) for _ in range(5)]
    for user in people[:4]:
        member(installation, row, user, Role.EXAMINER)
    member(installation, other, people[4], Role.EXAMINER)
    people[1].grants.update(ended=datetime.datetime.now(datetime.UTC))
    Member.objects.filter(user=people[2]).update(until=datetime.datetime.now(datetime.UTC))
    people[3].is_active = False
    people[3].save()
    assert list(tasks.assignable(row)) == people[:1]
    assert tasks.find_assignee(row, str(people[0].uuid)) == people[0]
    assert tasks.find_assignee(row, "") is None
    for wrong in (str(people[1].uuid), str(people[4].uuid), "nonsense"):
        with pytest.raises(BadInput, match="no member"):
            tasks.find_assignee(row, wrong)


def test_ones_own_tasks_are_those_of_memberships_that_hold(tmp_path: Path) -> None:
    installation = make(tmp_path)
    first, second = case(installation), case(installation, "R-2")
    user = person(Role.EXAMINER)
    for row in (first, second):
        member(installation, row, user, Role.EXAMINER)
    tasks.add_task(installation, first, "No day", None, user)
    tasks.add_task(installation, second, "Later", tasks.today() + DAY, user)
    tasks.add_task(installation, first, "Sooner", tasks.today(), user)
    held = Member.objects.filter(user=user, ended=None)
    assert [each.text for each in tasks.tasks_of(user, held, 9)] == ["Sooner", "Later", "No day"]
    assert [each.text for each in tasks.tasks_of(user, held.filter(case=second), 9)] == ["Later"]
