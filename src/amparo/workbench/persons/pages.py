"""Persons of a Case. Who may read them but no Items sees that a statement rests on an Item, and not on which."""

from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework import persons as casework
from amparo.casework.actors import actor_names
from amparo.catalogue.models import Basis, Person, Statement
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given

_MOST = 50


class Said(NamedTuple):
    """A statement with names of people and its role in words."""

    row: Statement
    role: str
    author: str
    withdrawn_by: str


@page("cases/<uuid:case>/persons/", Permission.PERSON_READ)
def persons(request: HttpRequest, access: Access) -> HttpResponse:
    """Victims first."""
    after = _after(request.GET.get("after", ""))
    found = casework.persons_page(access.case, after, _MOST + 1)
    more = ""
    if len(found) > _MOST:
        last, roles = found[_MOST - 1]
        more = f"{int(casework.VICTIM not in roles)}.{last.pk}"
    shown = {
        "persons": [(person, _roles(roles), casework.VICTIM in roles) for person, roles in found[:_MOST]],
        "more": more,
        "first": after == (0, 0),
        "can_write": access.may(Permission.PERSON_WRITE),
    }
    return render(request, "workbench/persons/list.html", shown)


@page("cases/<uuid:case>/persons/new/", Permission.PERSON_WRITE, ("GET", "POST"), "subject-new")
def subject_new(request: HttpRequest, access: Access) -> HttpResponse:
    """Add a person under a pseudonym."""
    typed = given.typed(request.POST, "pseudonym", "role", "basis", "origin", "text")
    error = None
    if request.method == "POST":
        try:
            made = casework.add_person(access.installation, access.case, **typed)
        except BadInput as refused:
            error = refused
        else:
            return redirect("subject", case=access.case.uuid, subject=made.pk)
    else:
        typed["pseudonym"] = casework.suggestion(access.case)
    shown = {"given": typed, "error": error, "roles": _choices(), "longest": casework.LONGEST}
    return render(request, "workbench/persons/new.html", shown, status=422 if error else 200)


@page("cases/<uuid:case>/persons/<int:subject>/", Permission.PERSON_READ)
def subject(request: HttpRequest, access: Access, subject: int) -> HttpResponse:
    """One person: facts and assessments apart."""
    return _one(request, access, _find(access, subject))


@page("cases/<uuid:case>/persons/<int:subject>/statements/", Permission.PERSON_WRITE, ("POST",), "subject-said")
def subject_said(request: HttpRequest, access: Access, subject: int) -> HttpResponse:
    """Say something about a person."""
    person = _find(access, subject)
    typed = given.typed(request.POST, "role", "basis", "origin", "text", "item")
    try:
        number = typed["item"] if access.may(Permission.ITEM_READ) else ""
        item = casework.find_item(access.case, number)
        casework.state(access.installation, person, typed["role"], typed["text"], typed["basis"], typed["origin"], item)
    except BadInput as refused:
        return _one(request, access, person, typed, refused)
    return redirect("subject", case=access.case.uuid, subject=person.pk)


@page("cases/<uuid:case>/persons/statements/<int:statement>/withdraw/", Permission.PERSON_WRITE, ("POST",))
def statement_withdraw(request: HttpRequest, access: Access, statement: int) -> HttpResponse:
    """Take a statement back."""
    row = Statement.objects.filter(person__case=access.case, pk=statement).select_related("person__case").first()
    if row is None:
        raise Http404
    try:
        casework.withdraw(access.installation, row)
    except BadInput as refused:
        return _one(request, access, row.person, None, refused)
    return redirect("subject", case=access.case.uuid, subject=row.person_id)


def _one(
    request: HttpRequest,
    access: Access,
    person: Person,
    typed: dict[str, str] | None = None,
    error: BadInput | None = None,
) -> HttpResponse:
    casework.opened(access.installation, person)
    rows = casework.statements_of(person)
    names = actor_names({actor for row in rows for actor in (row.author, row.withdrawn_by) if actor})
    said = [Said(row, _role(row.role), names[row.author], names.get(row.withdrawn_by, "")) for row in rows]
    shown = {
        "person": person,
        "roles": _roles(casework.roles_of([person])[person.pk]),
        "parts": [
            (basis, [each for each in said if each.row.basis == basis and each.row.withdrawn is None])
            for basis in Basis
        ],
        "withdrawn": [each for each in said if each.row.withdrawn is not None],
        "choices": _choices(),
        "given": typed or {},
        "error": error,
        "longest": casework.LONGEST,
        "items": access.may(Permission.ITEM_READ),
        "can_write": access.may(Permission.PERSON_WRITE),
    }
    return render(request, "workbench/persons/one.html", shown, status=422 if error else 200)


def _find(access: Access, number: int) -> Person:
    row = Person.objects.filter(case=access.case, pk=number).select_related("case").first()
    if row is None:
        raise Http404
    return row


def _role(role: str) -> str:
    return gettext(casework.ROLES[role]) if role in casework.ROLES else role


def _roles(roles: tuple[str, ...]) -> list[str]:
    return [_role(role) for role in roles]


def _choices() -> list[tuple[str, str]]:
    return [(role, gettext(name)) for role, name in casework.ROLES.items()]


def _after(text: str) -> tuple[int, int]:
    """Where a page goes on; its beginning for whatever else stands in an address."""
    group, _, number = text.partition(".")
    key = given.key(number)
    return (int(group), key) if group in ("0", "1") and key is not None else (0, 0)
