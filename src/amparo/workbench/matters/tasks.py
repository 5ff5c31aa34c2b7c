"""Tasks of a Case: who reads the Case reads them."""

import datetime
import re
from collections.abc import Sequence
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amparo.accounts.models import User
from amparo.accounts.permissions import Permission
from amparo.casework import tasks as casework
from amparo.casework.actors import actor_names
from amparo.catalogue.models import Task
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given
from amparo.workbench.matters import times

_MOST = 50
_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2}|none)\.(\d{1,18})", re.ASCII)


class Shown(NamedTuple):
    """A task with the names of people. ``away``: given to somebody who cannot read the Case now."""

    row: Task
    assignee: str
    away: bool
    done_by: str
    overdue: bool
    soon: bool


@page("cases/<uuid:case>/tasks/", Permission.CASE_READ)
def tasks(request: HttpRequest, access: Access) -> HttpResponse:
    """Open ones by day, done ones folded away."""
    return _list(request, access)


@page("cases/<uuid:case>/tasks/add/", Permission.TASK_WRITE, ("POST",), "task-add")
def task_add(request: HttpRequest, access: Access) -> HttpResponse:
    """Add one."""
    typed = given.typed(request.POST, "text", "due", "assignee")
    try:
        assignee = casework.find_assignee(access.case, typed["assignee"])
        casework.add_task(access.installation, access.case, typed["text"], times.day(typed["due"]), assignee)
    except BadInput as refused:
        return _list(request, access, typed, refused)
    return redirect("tasks", case=access.case.uuid)


@page("cases/<uuid:case>/tasks/<int:task>/", Permission.TASK_WRITE, ("GET", "POST"))
def task(request: HttpRequest, access: Access, task: int) -> HttpResponse:
    """Give it to somebody else, or another day."""
    row = _find(access, task)
    typed = {"due": "" if row.due is None else row.due.isoformat(), "assignee": row.assignee.removeprefix("account:")}
    error = None
    if request.method == "POST":
        typed = given.typed(request.POST, "due", "assignee")
        try:
            assignee = casework.find_assignee(access.case, typed["assignee"])
            casework.change_task(access.installation, row, times.day(typed["due"]), assignee)
        except BadInput as refused:
            error = refused
        else:
            return redirect("tasks", case=access.case.uuid)
    people = casework.assignable(access.case)
    gone = "" if not row.assignee or _among(row, people) else actor_names([row.assignee])[row.assignee]
    shown = {"task": row, "given": typed, "people": people, "gone": gone, "error": error}
    return render(request, "workbench/matters/task.html", shown, status=422 if error else 200)


@page("cases/<uuid:case>/tasks/<int:task>/done/", Permission.TASK_WRITE, ("POST",), "task-done")
def task_done(request: HttpRequest, access: Access, task: int) -> HttpResponse:
    """Done, or with ``on=0`` open again."""
    casework.set_done(access.installation, _find(access, task), request.POST.get("on") != "0")
    return redirect("tasks", case=access.case.uuid)


def _list(
    request: HttpRequest, access: Access, typed: dict[str, str] | None = None, error: BadInput | None = None
) -> HttpResponse:
    after, before = _after(request.GET.get("after", "")), given.key(request.GET.get("done"))
    opened = casework.open_tasks(access.case, after, _MOST + 1)
    done = casework.done_tasks(access.case, before, _MOST + 1)
    people = casework.assignable(access.case)
    shown = {
        "open": _shown(opened[:_MOST], people),
        "more": _cursor(opened[_MOST - 1]) if len(opened) > _MOST else "",
        "first": after is None,
        "done": _shown(done[:_MOST], people),
        "done_more": done[_MOST - 1].pk if len(done) > _MOST else None,
        "unfolded": before is not None,
        "people": people,
        "given": typed or {},
        "error": error,
        "longest": casework.LONGEST,
        "can_write": access.may(Permission.TASK_WRITE),
        "can_plan": access.may(Permission.ENFORCEMENT_PLAN),
    }
    return render(request, "workbench/matters/tasks.html", shown, status=422 if error else 200)


def _shown(rows: Sequence[Task], people: Sequence[User]) -> list[Shown]:
    names = actor_names({actor for row in rows for actor in (row.assignee, row.done_by) if actor})
    day = casework.today()
    return [
        Shown(
            row=row,
            assignee=names.get(row.assignee, ""),
            away=bool(row.assignee) and row.done is None and not _among(row, people),
            done_by=names.get(row.done_by, ""),
            overdue=casework.overdue(row, day),
            soon=casework.due_soon(row, day),
        )
        for row in rows
    ]


def _among(row: Task, people: Sequence[User]) -> bool:
    return any(row.assignee == user.actor for user in people)


def _find(access: Access, number: int) -> Task:
    row = Task.objects.filter(case=access.case, pk=number).select_related("case", "enforcement").first()
    if row is None:
        raise Http404
    return row


def _cursor(row: Task) -> str:
    return f"{'none' if row.due is None else row.due.isoformat()}.{row.pk}"


def _after(text: str) -> casework.After | None:
    """Where a page goes on; None for its beginning and for whatever else stands in an address."""
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    try:
        due = None if found[1] == "none" else datetime.date.fromisoformat(found[1])
    except ValueError:
        return None
    return casework.After(due, int(found[2]))
