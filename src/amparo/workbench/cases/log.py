"""Custody logs: of a Case for its members, of all Cases without their references for auditors."""

import contextlib
import datetime
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amparo.accounts.permissions import Permission
from amparo.casework.actors import actor_names
from amparo.casework.custody import (
    chains,
    check_chain,
    find_chain,
    installation_chain,
    is_long,
    log_page,
    restored,
)
from amparo.casework.jobs import UnderWay, newest_checks, start_check
from amparo.catalogue.models import Case, Job, JobState
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
        **_check(request, access.case.uuid, newest_checks([access.case]).get(access.case.pk)),
    }
    return render(request, "workbench/cases/log.html", shown)


@page("cases/<uuid:case>/log/verify/", Permission.CUSTODY_READ, ("POST",), "log-verify")
def log_verify(request: HttpRequest, access: Access) -> HttpResponse:
    """Check the chain against the installation's: at once, or where it is long by a Job."""
    _verify(request, access, access.case.uuid)
    return redirect("log", case=access.case.uuid)


@page("logs/", Permission.CUSTODY_ALL)
def logs(request: HttpRequest, access: Access) -> HttpResponse:
    """Every chain, by the number of its Case."""
    return _logs(request, access)


@page("logs/verify/", Permission.CUSTODY_ALL, ("POST",), "logs-verify")
def logs_verify(request: HttpRequest, access: Access) -> HttpResponse:
    """Check one of them. ``chain`` empty: the installation's."""
    try:
        _verify(request, access, _chain(request.POST.get("chain", "")))
    except BadInput as refused:
        return _logs(request, access, refused)
    return redirect("logs")


def _logs(request: HttpRequest, access: Access, error: BadInput | None = None) -> HttpResponse:
    before = given.key(request.GET.get("before"))
    access.installation.sealer.seal()
    found = chains(access.installation, before, _CHAINS + 1)
    own = [installation_chain(access.installation)] if before is None else []
    listed = [*own, *found[:_CHAINS]]
    rows = {row.uuid: row for row in Case.objects.filter(uuid__in=[each.case for each in listed if each.case])}
    jobs = newest_checks([None, *rows.values()])
    by_chain: dict[uuid.UUID | None, Job | None] = {key: jobs.get(row.pk) for key, row in rows.items()}
    by_chain[None] = jobs.get(None)
    made = [{"chain": each, **_check(request, each.case, by_chain.get(each.case))} for each in listed]
    shown = {
        "chains": made,
        "ongoing": any(each["job"] for each in made),
        "more": found[_CHAINS - 1].row if len(found) > _CHAINS else None,
        "fingerprint": access.installation.sealer.fingerprint,
        "error": error,
    }
    return render(request, "workbench/cases/logs.html", shown, status=422 if error else 200)


def _verify(request: HttpRequest, access: Access, case: uuid.UUID | None) -> None:
    if not is_long(access.installation, case):
        remember(request.session, case, check_chain(access.installation, case))
        return
    with contextlib.suppress(UnderWay):  # asked for by two: both look at the same progress
        start_check(access.installation, None if case is None else find_chain(case))


def _check(request: HttpRequest, case: uuid.UUID | None, job: Job | None) -> dict[str, object]:
    """The newest check: one of this session, or of a Job, which everybody sees. ``job`` while it waits or runs."""
    found = checked(request.session, case)
    if job is not None and job.state == JobState.DONE:
        by_job = restored(job.result)
        if found is None or found.at < by_job.at:
            remember(request.session, case, by_job)  # for the bar of the case
            found = by_job
    ongoing = job if job is not None and job.ongoing else None
    failed = job.problem if job is not None and job.state == JobState.FAILED else None
    return {"checked": found, "job": ongoing, "failed": failed}


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
