"""The first page: where somebody with these roles begins; and the two ways to come to a Case."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from amparo.accounts.permissions import GRANTS, ROLE_NAMES, ROLE_SAYS, Permission, Role
from amparo.casework import members, tasks
from amparo.casework.cases import ReferenceTaken
from amparo.casework.memberships import memberships
from amparo.casework.overview import Line, case_lines
from amparo.catalogue.models import Task
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given

_MOST = 25
_TASKS = 10


class _Named(NamedTuple):
    """A role in words."""

    value: str
    name: str
    says: str


class _Due(NamedTuple):
    """A task of the person who looks."""

    row: Task
    overdue: bool
    soon: bool


@page("", Permission.OWN_ACCOUNT)
def home(request: HttpRequest, access: Access) -> HttpResponse:
    """Cases for those who work on them, people for administrators, logs for auditors."""
    held = access.user.held()
    lines: list[tuple[Line, str]] = []
    more = None
    if access.may(Permission.CASE_LIST):
        before = given.key(request.GET.get("before"))
        found = memberships(access.user).select_related("case").order_by("-case")
        rows = list((found if before is None else found.filter(case__lt=before))[: _MOST + 1])
        more = rows[_MOST - 1].case_id if len(rows) > _MOST else None
        lines = [(each, _named(Role(each.member.role)).name) for each in case_lines(rows[:_MOST], timezone.now())]
    own = _tasks(access) if access.may(Permission.CASE_LIST) else []
    roles = [_named(each) for each in Role if each in held]
    shown = {
        "lines": lines,
        "more": more,
        "roles": roles,
        "tasks": own[:_TASKS],
        "tasks_more": len(own) > _TASKS,
    }
    return render(request, "workbench/home.html", shown)


@page("new-case/", Permission.CASE_CREATE, ("GET", "POST"), "case-new")
def new_case(request: HttpRequest, access: Access) -> HttpResponse:
    """Open a new Case, with its first Authority; whoever does leads it."""
    typed = given.typed(request.POST, "reference", "text", "until", "paths", "role")
    error, status = None, 200
    if request.method == "POST":
        try:
            role, authority = given.role(typed["role"]), given.authority(typed, access.installation.settings)
            case = members.open_case(access.installation, access.user, role, typed["reference"], authority)
        except BadInput as refused:
            error, status = refused, 409 if isinstance(refused, ReferenceTaken) else 422
        else:
            return redirect("case", case=case.uuid)
    roles = _roles(access, Permission.CASE_CREATE)
    shown = {"given": typed, "error": error, "roles": roles}
    return render(request, "workbench/cases/new.html", shown, status=status)


@page("open-case/", Permission.GLASS_BREAK, ("GET", "POST"), "case-open")
def open_case(request: HttpRequest, access: Access) -> HttpResponse:
    """Take access to a Case for a day. What is wrong with the form is said before any Case is looked for."""
    typed = given.typed(request.POST, "reference", "role", "reason")
    error, status = None, 200
    if request.method == "POST":
        try:
            role = given.role(typed["role"])
            taken = members.break_glass(access.installation, access.user, typed["reference"], role, typed["reason"])
        except BadInput as refused:
            error, status = refused, 404 if isinstance(refused, members.NoSuchReference) else 422
        else:
            return redirect("case", case=taken.case.uuid)
    roles = _roles(access, Permission.GLASS_BREAK)
    shown = {"given": typed, "error": error, "roles": roles}
    return render(request, "workbench/cases/open.html", shown, status=status)


def _tasks(access: Access) -> list[_Due]:
    """What this person has to do in the Cases they may open now."""
    day = tasks.today()
    rows = tasks.tasks_of(access.user, memberships(access.user), _TASKS + 1)
    return [_Due(row, tasks.overdue(row, day), tasks.due_soon(row, day)) for row in rows]


def _roles(access: Access, permission: Permission) -> list[_Named]:
    """The roles of a person that give a permission."""
    return [_named(each) for each in Role if each in access.user.held() and permission in GRANTS[each]]


def _named(role: Role) -> _Named:
    return _Named(role.value, str(ROLE_NAMES[role]), str(ROLE_SAYS[role]))
