"""The custody log of a Case: where it stands, and whether it is intact. A long log is checked by a Job."""

import contextlib
import uuid

from amparo.accounts.permissions import Permission
from amparo.casework.custody import check_chain, is_long, restored
from amparo.casework.jobs import UnderWay, newest_checks, start_check
from amparo.catalogue.models import Job, JobState
from amparo.evidence.custody.entry import Seal
from amparo.evidence.custody.tail import last_seal
from amparo.evidence.errors import VerificationFailed
from amparo.workbench.api.access import ApiRequest, Call, route
from amparo.workbench.api.rows import CustodyCheck, CustodyHead, CustodyWork, Problem


@route("GET", "cases/{uuid:case}/custody", Permission.CUSTODY_READ, CustodyHead)
def custody(request: ApiRequest, case: uuid.UUID) -> CustodyHead:
    """Where the custody log stands, after sealing what waits, and the newest check of it by the worker."""
    call = request.auth
    seal, problem = _end(call)
    job = newest_checks([call.case]).get(call.case.pk)
    return CustodyHead(
        entries=0 if seal is None else seal.n,
        head=None if seal is None else f"{seal.n}:{seal.head}",
        key=call.installation.sealer.fingerprint,
        problem=problem,
        check=None if job is None else _check(job),
    )


@route("POST", "cases/{uuid:case}/custody/verify", Permission.CUSTODY_READ, CustodyCheck | CustodyWork)
def custody_verify(request: ApiRequest, case: uuid.UUID) -> CustodyCheck | CustodyWork:
    """Check the whole log. Counts as a search: it reads every entry.

    A log with many entries is checked by the worker: the answer is then `under way`, as `check` of `GET custody` is
    until it has ended. Who asks again meanwhile gets the same.
    """
    call = request.auth
    call.slow_down("search")
    if not is_long(call.installation, call.case.uuid):
        return CustodyCheck.model_validate(check_chain(call.installation, call.case.uuid))
    with contextlib.suppress(UnderWay):  # asked for by two: both follow the same progress
        start_check(call.installation, call.case)
    return _check(newest_checks([call.case])[call.case.pk])


def _end(call: Call) -> tuple[Seal | None, Problem | None]:
    """The newest seal. A log that was changed stops nobody from reading what its check came to."""
    sealer, row = call.installation.sealer, call.case
    seal = None
    try:
        seal = last_seal(sealer.path(row))
        sealer.seal(row)
        return last_seal(sealer.path(row)), None
    except VerificationFailed as broken:
        return seal, Problem(message=broken.message, hint=broken.hint)


def _check(job: Job) -> CustodyCheck | CustodyWork:
    if job.state == JobState.DONE:
        return CustodyCheck.model_validate(restored(job.result))
    return CustodyWork(
        state="under way" if job.ongoing else "failed" if job.state == JobState.FAILED else "stopped",
        done=job.progress.get("done", 0),
        total=job.progress.get("total"),
        problem=Problem(**job.problem) if job.problem else None,
        asked=job.made,
    )
