"""Jobs: work that is asked for in the browser, and done by a worker (:mod:`amparo.casework.worker`)."""

import contextlib
import dataclasses
import datetime
import os
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from amparo.accounts.models import User
from amparo.accounts.permissions import Permission
from amparo.casework.cases import authorities
from amparo.casework.export.form import Choices, Context
from amparo.casework.export.forms import check_choices, check_forms
from amparo.casework.installation import Installation
from amparo.casework.memberships import allowed, may, memberships
from amparo.casework.reach import within_reach
from amparo.catalogue import jobs
from amparo.catalogue.models import Case, Erasure, Job, JobState, Source
from amparo.evidence.authority import check_any, within
from amparo.evidence.errors import BadInput, NotAuthorised, VerificationFailed
from amparo.sources.opener import installed, open_source

STOPPABLE = frozenset({"scan", "rematch", "verify"})  # what looks, while it runs, whether to stop

_PATH = 4096  # bytes, PATH_MAX of Linux
_NEEDS = {
    "scan": Permission.SCAN_START,
    "groups": Permission.SCAN_START,
    "rematch": Permission.SCAN_START,
    "export": Permission.EXPORT_MAKE,
}  # of who asked, still when it runs. Two people decided an erasure, which is to end; a check of a log changes nothing


class UnderWay(BadInput):
    """The same was asked for before and has not ended."""


def start_scan(installation: Installation, case: Case, path: str, retry_failed: bool = False) -> Job:
    """Ask for a scan of a path of this machine; a path scanned before goes on where it stopped.

    The path has to be whole, from the root. Raises BadInput, NotAuthorised, MissingComponent: the same refusals as the
    scan itself, before anything is queued.
    """
    path = path.strip()
    raw = os.fsencode(path)
    if not path.startswith("/") or "\0" in path or len(raw) > _PATH:
        raise BadInput("Give the whole path, from / on.", "For example: /evidence/2026-0412/laptop")
    return _scan(installation, case, raw, retry_failed)


def start_groups(installation: Installation, case: Case) -> Job:
    """Ask to group the near duplicates of a Case. Raises BadInput if that is under way."""
    return _start(installation, case, "groups", {})


def start_rematch(installation: Installation, case: Case) -> Job:
    """Ask to compare a Case with the Banks of now. Raises BadInput if that is under way."""
    return _start(installation, case, "rematch", {})


def start_export(installation: Installation, case: Case, forms: Sequence[str], choices: Choices) -> Job:
    """Ask for a signed package of a Case. Raises BadInput."""
    forms = check_forms(forms)
    check_choices(Context(installation, case, datetime.datetime.now(datetime.UTC), choices), forms)
    return _start(installation, case, "export", {"forms": forms, **dataclasses.asdict(choices)})


def start_erasure(installation: Installation, case: Case, erasure: int) -> Job:
    """Ask to erase what two people decided to erase. Raises BadInput if that is under way."""
    return _start(installation, case, "erasure", {"erasure": erasure})


def start_check(installation: Installation, case: Case | None) -> Job:
    """Ask to verify a custody log, None for the installation's. Raises UnderWay."""
    job = _queue(installation, case, "verify", {})
    with contextlib.suppress(VerificationFailed):  # that nothing can be sealed behind it, the check is to say
        installation.sealer.seal(case)
    return job


def newest_checks(cases: Collection[Case | None]) -> dict[int | None, Job]:
    """The newest of these Jobs for each of the Cases, by key; None stands for the installation."""
    return jobs.newest_by_case([None if case is None else case.pk for case in cases], "verify")


def start_again(installation: Installation, job: Job) -> Job:
    """Ask once more for what a Job did. Raises what the first asking may raise."""
    case = case_of(job)
    if job.kind == "scan":
        finished = job.state == JobState.DONE  # then all that is left to do is what failed
        return _scan(installation, case, bytes.fromhex(job.arguments["path"]), finished)
    if job.kind == "erasure":
        raise BadInput("An erasure goes on from the page Retention.", "Those who lead the case find it there.")
    if job.kind == "verify":
        return start_check(installation, case)
    return _start(installation, case, job.kind, job.arguments)


def stop(installation: Installation, job: Job) -> None:
    """Ask to stop a Job. Raises BadInput if it has ended, or is of a kind that runs to its end."""
    if job.state == JobState.RUNNING and job.kind not in STOPPABLE:
        raise BadInput("This cannot be stopped once it runs.", "It ends by itself, and changes no evidence.")
    with transaction.atomic():
        if not jobs.cancel(job):
            raise BadInput("This has ended already.", "Look at what it came to.")
        installation.recorder(job.case).record("job.stopped", {"job": str(job.uuid)})
    installation.sealer.seal(job.case)


def case_of(job: Job) -> Case:
    """The Case of a Job that belongs to one. Raises TypeError."""
    if job.case is None:
        raise TypeError("this job belongs to no case")
    return job.case


def find_job(case: Case, key: uuid.UUID) -> Job | None:
    """A Job of this Case."""
    return jobs.find(case, key)


def unfinished_exports(case: Case, limit: int) -> list[Job]:
    """Of the newest exports of this Case those that wait, run, or came to nothing."""
    return [job for job in jobs.of_kind(case, "export", limit) if job.state != JobState.DONE]


def job_page(case: Case, before: int | None, limit: int) -> list[Job]:
    """Jobs of a Case, newest first, older than the one with this key."""
    return jobs.page(case, before, limit)


def check_asker(job: Job) -> None:
    """Raise NotAuthorised if who asked for a Job has lost the account, the role or the Case since."""
    user, needs = User.of(job.operator), _NEEDS.get(job.kind)
    if user is not None and needs is not None and not may(user, case_of(job), needs):
        raise NotAuthorised(
            "Who asked for this may not do it in this case any more.", "A member of the case can ask for it again."
        )


def check_place(installation: Installation, case: Case, asked: bytes, resolved: bytes) -> None:
    """Raise NotAuthorised if the path of a queued scan leads elsewhere when it runs, or is out of reach by then."""
    if resolved != asked:
        raise NotAuthorised(
            "This folder was replaced by a link after the scan was asked for.", "Find out who did, then ask again."
        )
    _check_reach(installation, case, resolved)


def _scan(installation: Installation, case: Case, raw: bytes, retry_failed: bool) -> Job:
    resolved = os.path.realpath(raw)
    now = datetime.datetime.now(datetime.UTC)
    check_any(authorities(case), "open", resolved, now)  # first: outside the scope, nobody learns what is there
    _check_reach(installation, case, resolved)
    open_source(resolved, authorities(case), now, installed(installation.settings.plugins))
    return _start(installation, case, "scan", {"path": resolved.hex(), "retry_failed": retry_failed})


def _check_reach(installation: Installation, case: Case, resolved: bytes) -> None:
    """What the account that runs the server can read is more than who asks may see. Raises NotAuthorised."""
    refused = not within_reach(installation.settings, resolved)
    if not refused:
        user = User.of(installation.settings.operator)
        held = () if user is None else memberships(user)
        mine = [each.case_id for each in held if Permission.ITEM_READ in allowed(each)]
        others = Source.objects.exclude(case=case).exclude(case__in=mine)
        roots_of_others = others.values_list("root", flat=True).distinct()
        refused = any(within(resolved, bytes(root)) or within(bytes(root), resolved) for root in roots_of_others)
    if refused:
        raise NotAuthorised(
            "This folder is not open to scans from the browser.",
            "Scans start below the folders of the setting evidence_roots, never in Amparo's own folder, nor where a "
            "case works that you are no member of. Ask an administrator.",
        )


def _start(installation: Installation, case: Case, kind: str, arguments: dict[str, Any]) -> Job:
    job = _queue(installation, case, kind, arguments)
    installation.sealer.seal(case)
    return job


def _queue(installation: Installation, case: Case | None, kind: str, arguments: dict[str, Any]) -> Job:
    recorder = installation.recorder(case)
    with transaction.atomic():
        if case is not None:
            Case.objects.select_for_update().get(pk=case.pk)  # of two who ask at once, one is first
        if kind != "erasure" and Erasure.objects.filter(case=case, begun__isnull=False, done=None).exists():
            raise BadInput("Something of this case is being erased.", "Wait until that has ended.")
        for other in jobs.ongoing(case, kind):
            if not other.cancel and other.arguments.get("path") == arguments.get("path"):
                raise UnderWay("This is under way already.", "Its progress is in the list of jobs.")
        job = jobs.enqueue(case, kind, arguments, recorder.operator)
        recorder.record("job.started", {"job": str(job.uuid), "kind": kind})
    return job
