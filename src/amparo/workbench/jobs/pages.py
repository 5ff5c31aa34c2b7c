"""Jobs of a Case: what runs and ran, and starting more."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework import jobs as casework
from amparo.catalogue.models import Job
from amparo.evidence.errors import AmparoError, BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.jobs.shown import shown

_PAGE = 20
_KEY = 18  # digits of a key in an address


@page("cases/<uuid:case>/jobs/", Permission.SCAN_START, methods=("GET", "POST"))
def jobs(request: HttpRequest, access: Access) -> HttpResponse:
    """The list, newest first; POST starts one of a ``kind``."""
    error = None
    if request.method == "POST":
        try:
            _start(request, access)
        except AmparoError as refused:  # also NotAuthorised: what the Authority does not cover
            error = refused
        else:
            return redirect("jobs", access.case.uuid)
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= _KEY):
        raise Http404
    found = casework.job_page(access.case, int(before) if before else None, _PAGE + 1)
    context = {
        "jobs": shown(found[:_PAGE]),
        "more": found[_PAGE - 1].pk if len(found) > _PAGE else None,
        "ongoing": any(each.ongoing for each in found[:_PAGE]),
        "before": before,
        "given": request.POST,
        "error": error,
    }
    return render(request, "workbench/jobs/list.html", context, status=422 if error else 200)


@page("cases/<uuid:case>/jobs/<uuid:job>/", Permission.SCAN_START)
def job(request: HttpRequest, access: Access, job: uuid.UUID) -> HttpResponse:
    """One Job: where it stands, or what it came to."""
    return _one(request, _find(access, job))


@page("cases/<uuid:case>/jobs/<uuid:job>/stop/", Permission.SCAN_START, methods=("POST",))
def job_stop(request: HttpRequest, access: Access, job: uuid.UUID) -> HttpResponse:
    """Ask to stop it. What it finished stays."""
    found = _find(access, job)
    try:
        casework.stop(access.installation, found)
    except BadInput as refused:
        return _one(request, _find(access, job), refused)
    messages.info(request, gettext("It is being stopped. What was finished is kept, and starting it again goes on."))
    return redirect("jobs", access.case.uuid)


@page("cases/<uuid:case>/jobs/<uuid:job>/again/", Permission.SCAN_START, methods=("POST",))
def job_again(request: HttpRequest, access: Access, job: uuid.UUID) -> HttpResponse:
    """Ask for the same once more: it goes on where it stopped."""
    found = _find(access, job)
    try:
        started = casework.start_again(access.installation, found)
    except AmparoError as refused:
        return _one(request, found, refused)
    return redirect("job", access.case.uuid, started.uuid)


def _start(request: HttpRequest, access: Access) -> Job:
    kind = request.POST.get("kind", "")
    if kind == "scan":
        retry = "retry_failed" in request.POST
        return casework.start_scan(access.installation, access.case, request.POST.get("path", ""), retry)
    if kind == "groups":
        return casework.start_groups(access.installation, access.case)
    if kind == "rematch":
        return casework.start_rematch(access.installation, access.case)
    raise BadInput("There is no such kind of job.", "Use the buttons of this page.")


def _find(access: Access, key: uuid.UUID) -> Job:
    found = casework.find_job(access.case, key)
    if found is None:
        raise Http404
    return found


def _one(request: HttpRequest, found: Job, error: AmparoError | None = None) -> HttpResponse:
    context = {"each": shown([found])[0], "error": error}
    return render(request, "workbench/jobs/one.html", context, status=422 if error else 200)
