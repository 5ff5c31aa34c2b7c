"""Custody logs: of a Case for its members, of all Cases without their references for auditors."""

import datetime
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amparo.accounts.permissions import Permission
from amparo.casework.actors import actor_names
from amparo.casework.custody import chains, check_chain, installation_chain, log_page
from amparo.evidence.custody import CustodyEntry
from amparo.evidence.errors import AmparoError, BadInput
from amparo.evidence.moment import SECOND
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given, words
from amparo.workbench.cases.checks import checked, remember

_MOST = 100
_CHAINS = 50
# A digest of labels would tell a second person how the first one judged: there are few labels to try.
_UNSAID = frozenset({"labels"})


class Row(NamedTuple):
    """An entry in words."""

    n: int
    at: datetime.datetime
    actor: str
    did: str
    action: str
    person: str
    authority: str
    facts: list[tuple[str, object]]


@page("cases/<uuid:case>/log/", Permission.CUSTODY_READ)
def log(request: HttpRequest, access: Access) -> HttpResponse:
    """Entries, newest first, from the file itself."""
    before, broken = given.key(request.GET.get("before")), None
    entries: tuple[CustodyEntry, ...] = ()
    try:
        entries = log_page(access.installation, access.case, before, _MOST + 1)
    except AmparoError as error:
        broken = error
    shown = {
        "rows": _rows(access, entries[:_MOST]),
        "more": entries[_MOST - 1].n if len(entries) > _MOST else None,
        "first": before is None,
        "broken": broken,
        "checked": checked(request.session, access.case.uuid),
    }
    return render(request, "workbench/cases/log.html", shown)


@page("cases/<uuid:case>/log/verify/", Permission.CUSTODY_READ, ("POST",), "log-verify")
def log_verify(request: HttpRequest, access: Access) -> HttpResponse:
    """Check the chain against the installation's."""
    remember(request.session, access.case.uuid, check_chain(access.installation, access.case.uuid))
    return redirect("log", case=access.case.uuid)


@page("logs/", Permission.CUSTODY_ALL)
def logs(request: HttpRequest, access: Access) -> HttpResponse:
    """Every chain, by the number of its Case."""
    return _logs(request, access)


@page("logs/verify/", Permission.CUSTODY_ALL, ("POST",), "logs-verify")
def logs_verify(request: HttpRequest, access: Access) -> HttpResponse:
    """Check one of them. ``chain`` empty: the installation's."""
    try:
        case = _chain(request.POST.get("chain", ""))
        remember(request.session, case, check_chain(access.installation, case))
    except BadInput as refused:
        return _logs(request, access, refused)
    return redirect("logs")


def _logs(request: HttpRequest, access: Access, error: BadInput | None = None) -> HttpResponse:
    before = given.key(request.GET.get("before"))
    access.installation.sealer.seal()
    found = chains(access.installation, before, _CHAINS + 1)
    own = [installation_chain(access.installation)] if before is None else []
    shown = {
        "chains": [(each, checked(request.session, each.case)) for each in [*own, *found[:_CHAINS]]],
        "more": found[_CHAINS - 1].row if len(found) > _CHAINS else None,
        "fingerprint": access.installation.sealer.fingerprint,
        "error": error,
    }
    return render(request, "workbench/cases/logs.html", shown, status=422 if error else 200)


def _chain(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise BadInput("There is no such custody log.", "Load the list again.") from error


def _rows(access: Access, entries: Sequence[CustodyEntry]) -> list[Row]:
    people = {entry.n: f"account:{entry.facts['person']}" for entry in entries if "person" in entry.facts}
    names = actor_names([*(entry.actor for entry in entries), *people.values()])
    authorities = {row.uuid: row.text for row in access.case.authorities.all()}
    return [
        Row(
            n=entry.n,
            at=datetime.datetime.fromtimestamp(entry.at // SECOND, datetime.UTC),
            actor=names[entry.actor],
            did=words.action(entry.action),
            action=entry.action,
            person=names[people[entry.n]] if entry.n in people else "",
            authority="" if entry.authority is None else authorities.get(entry.authority, str(entry.authority)),
            facts=[(name, fact) for name, fact in entry.facts.items() if name not in _UNSAID and fact is not None],
        )
        for entry in entries
    ]
