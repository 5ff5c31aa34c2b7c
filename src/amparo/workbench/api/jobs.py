"""Jobs: asking for work, watching it, stopping it."""

import uuid

from django.http import Http404

from amparo.accounts.permissions import Permission
from amparo.casework import jobs as casework
from amparo.catalogue.models import Job, JobState
from amparo.evidence.errors import NotAuthorised
from amparo.workbench.api.access import ApiRequest, Call, route
from amparo.workbench.api.cases import MOST, After
from amparo.workbench.api.rows import JobRow, NewJob, Page, Problem


@route("GET", "cases/{uuid:case}/jobs", Permission.SCAN_START, Page[JobRow])
def jobs(request: ApiRequest, case: uuid.UUID, after: After = None) -> Page[JobRow]:
    """Jobs of the Case, newest first."""
    found = casework.job_page(request.auth.case, after, MOST + 1)
    return Page(rows=[_row(each) for each in found[:MOST]], next=str(found[MOST - 1].pk) if len(found) > MOST else None)


@route("POST", "cases/{uuid:case}/jobs", Permission.SCAN_START, JobRow)
def job_new(request: ApiRequest, case: uuid.UUID, body: NewJob) -> JobRow:
    """Ask for work. The same is refused while it is under way, so a request that is sent twice is done once."""
    call = request.auth
    if body.kind == "groups":
        return _row(casework.start_groups(call.installation, call.case))
    if body.kind == "rematch":
        return _row(casework.start_rematch(call.installation, call.case))
    if not call.installation.settings.evidence_roots:
        raise NotAuthorised(
            "Scans start through the API only below folders that are set.",
            "An administrator names them in the setting evidence_roots.",
        )
    return _row(casework.start_scan(call.installation, call.case, body.path, body.retry_failed))


@route("GET", "cases/{uuid:case}/jobs/{uuid:job}", Permission.SCAN_START, JobRow)
def job(request: ApiRequest, case: uuid.UUID, job: uuid.UUID) -> JobRow:
    """One Job."""
    return _row(_find(request.auth, job))


@route("POST", "cases/{uuid:case}/jobs/{uuid:job}/cancel", Permission.SCAN_START, JobRow)
def job_cancel(request: ApiRequest, case: uuid.UUID, job: uuid.UUID) -> JobRow:
    """Ask to stop it. What it finished stays."""
    call = request.auth
    casework.stop(call.installation, _find(call, job))
    return _row(_find(call, job))


def _find(call: Call, key: uuid.UUID) -> Job:
    found = casework.find_job(call.case, key)
    if found is None:
        raise Http404
    return found


def _row(job: Job) -> JobRow:
    return JobRow(
        id=job.uuid,
        kind=job.kind,
        state=JobState(job.state),
        stopping=job.cancel and job.ongoing,
        progress=_numbers(job.progress),
        result=_numbers(job.result),
        problem=Problem(**job.problem) if job.problem else None,
        operator=job.operator,
        made=job.made,
        begun=job.begun,
        ended=job.ended,
    )


def _numbers(held: dict[str, object]) -> dict[str, int]:
    return {name: each for name, each in held.items() if isinstance(each, int) and not isinstance(each, bool)}
