"""Tasks of a Case: given to a member, due on a day, done and opened again. Their words stay out of the custody log."""

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from amparo.accounts.models import User
from amparo.accounts.permissions import GRANTS, Permission, Role
from amparo.casework.installation import Installation
from amparo.casework.lines import one_line
from amparo.casework.memberships import of_case
from amparo.casework.notices import tell
from amparo.catalogue.models import Case, Member, Task
from amparo.evidence.errors import BadInput

LONGEST = 1_000  # characters
SOON = 3  # days before its day in which a task is marked
_DAYS = (datetime.date(2000, 1, 1), datetime.date(2199, 12, 31))


@dataclasses.dataclass(frozen=True, slots=True)
class After:
    """Where a page of open tasks goes on. ``due`` None: among those without a day, which come last."""

    due: datetime.date | None
    key: int


def today() -> datetime.date:
    """The day in UTC, by which tasks are due."""
    return datetime.datetime.now(datetime.UTC).date()


def overdue(task: Task, day: datetime.date) -> bool:
    """Whether its day has passed and it is not done."""
    return task.done is None and task.due is not None and task.due < day


def due_soon(task: Task, day: datetime.date) -> bool:
    """Whether it is due on this day or within the next three, and not done."""
    return task.done is None and task.due is not None and 0 <= (task.due - day).days <= SOON


def assignable(case: Case) -> Sequence[User]:
    """Members who can log in and read this Case now, by name."""
    rows = of_case(case).select_related("user")
    found = {row.user_id: row.user for row in rows if Permission.CASE_READ in GRANTS[Role(row.role)]}
    return sorted(found.values(), key=lambda user: (str(user).casefold(), user.pk))


def find_assignee(case: Case, person: str) -> User | None:
    """The member with this UUID, None for empty text. Raises BadInput for whoever cannot read this Case."""
    if not person:
        return None
    try:
        key = uuid.UUID(person)
    except ValueError:
        key = None
    for user in assignable(case) if key else ():
        if user.uuid == key:
            return user
    raise BadInput("This person is no member of the case.", "Choose one of those listed, or nobody.")


def add_task(
    installation: Installation, case: Case, text: str, due: datetime.date | None, assignee: User | None
) -> Task:
    """Add a task; who is to do it is told. Raises BadInput."""
    text = one_line(text, gettext("What has to be done"), LONGEST)
    _check(due)
    recorder = installation.recorder(case)
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        task = Task.objects.create(
            case=case, text=text, due=due, assignee=_actor(assignee), made=now, made_by=recorder.operator
        )
        recorder.record("task.added", _facts(task, assignee), {"text": text, "due": _iso(due)})
        _tell(task, assignee, recorder.operator, now)
    installation.sealer.seal(case)
    return task


def change_task(installation: Installation, task: Task, due: datetime.date | None, assignee: User | None) -> None:
    """Give a task another day or another person, who is told. Nothing happens where both stay. Raises BadInput."""
    _check(due)
    recorder = installation.recorder(task.case)
    with transaction.atomic():
        row = Task.objects.select_for_update().get(pk=task.pk)
        given = row.assignee != _actor(assignee)
        if not given and row.due == due:
            return
        row.due, row.assignee = due, _actor(assignee)
        row.save(update_fields=["due", "assignee"])
        recorder.record("task.changed", _facts(row, assignee), {"due": _iso(due)})
        if given:
            _tell(row, assignee, recorder.operator, datetime.datetime.now(datetime.UTC))
    installation.sealer.seal(task.case)


def set_done(installation: Installation, task: Task, done: bool) -> None:
    """Mark a task done, or open it again. Nothing happens where it is so already."""
    recorder = installation.recorder(task.case)
    with transaction.atomic():
        row = Task.objects.select_for_update().get(pk=task.pk)
        if (row.done is not None) == done:
            return
        row.done = datetime.datetime.now(datetime.UTC) if done else None
        row.done_by = recorder.operator if done else ""
        row.save(update_fields=["done", "done_by"])
        if done:
            recorder.record("task.done", {"task": row.pk})
        else:
            recorder.record("task.reopened", {"task": row.pk})
    installation.sealer.seal(task.case)


def open_tasks(case: Case, after: After | None, most: int) -> Sequence[Task]:
    """Those not done, by day, those without a day last."""
    found = Task.objects.filter(case=case, done=None).select_related("enforcement")
    rows: list[Task] = []
    if after is None or after.due is not None:
        dated = found.filter(due__isnull=False)
        if after is not None:
            dated = dated.filter(Q(due__gt=after.due) | Q(due=after.due, pk__gt=after.key))
        rows = list(dated.order_by("due", "pk")[:most])
    if len(rows) < most:
        undated = found.filter(due=None)
        if after is not None and after.due is None:
            undated = undated.filter(pk__gt=after.key)
        rows += undated.order_by("pk")[: most - len(rows)]
    return rows


def done_tasks(case: Case, before: int | None, most: int) -> Sequence[Task]:
    """Those done, with keys below ``before``, newest first."""
    found = Task.objects.filter(case=case, done__isnull=False).select_related("enforcement").order_by("-pk")
    return list((found if before is None else found.filter(pk__lt=before))[:most])


def tasks_of(user: User, memberships: QuerySet[Member], most: int) -> Sequence[Task]:
    """What a person has to do in the Cases of these memberships, by day, those without a day last; with their Case."""
    found = Task.objects.filter(assignee=user.actor, done=None, case__in=memberships.order_by().values("case"))
    return list(found.select_related("case").order_by(F("due").asc(nulls_last=True), "pk")[:most])


def _actor(user: User | None) -> str:
    return "" if user is None else user.actor


def _facts(task: Task, assignee: User | None) -> dict[str, str | int | None]:
    facts: dict[str, str | int | None] = {"task": task.pk}
    return facts if assignee is None else facts | {"person": str(assignee.uuid)}


def _tell(task: Task, assignee: User | None, by: str, now: datetime.datetime) -> None:
    """Without the words of the task: the notice outlives the membership. One for each task: it names the day."""
    if assignee is not None and assignee.actor != by:
        tell([assignee.pk], "task.assigned", {"due": _iso(task.due), "number": task.pk}, now, task.case)


def _check(due: datetime.date | None) -> None:
    if due is not None and not _DAYS[0] <= due <= _DAYS[1]:
        raise BadInput("This day is too far away.", "Write it as year-month-day, for example 2027-03-31.")


def _iso(due: datetime.date | None) -> str:
    return "" if due is None else due.isoformat()
