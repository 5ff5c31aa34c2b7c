"""The queue of Jobs: several workers, each Job in one of them at a time, and none lost with a worker that dies.

A worker holds a Job as a driver holds a Source (:mod:`amparo.catalogue.lease`): who has died is recognised and
replaced. Every change of state is one conditional UPDATE, so that of two who try, one succeeds.
"""

import datetime
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Q

from amparo.catalogue import lease
from amparo.catalogue.models import Case, Job, JobState
from amparo.evidence.errors import AmparoError

ATTEMPTS = 3  # workers that may die at one Job


class Cancelled(AmparoError):
    """Somebody asked to stop the Job."""


class Lost(Exception):
    """Another worker has taken the Job over, because this one gave no sign of life."""


def enqueue(case: Case | None, kind: str, arguments: Mapping[str, Any], operator: str) -> Job:
    """Put a Job into the queue; call it inside the transaction that records it."""
    return Job.objects.create(case=case, kind=kind, arguments=dict(arguments), operator=operator, made=_now())


def claim(owner: str) -> Job | None:
    """The oldest Job whose worker died, else the oldest that waits; it is ``owner``'s now. None if there is none.

    A Job that comes back with more than :data:`ATTEMPTS` attempts is to be ended, not begun.
    """
    now = _now()
    running = Job.objects.filter(state=JobState.RUNNING).order_by("pk")
    for job in running:
        if job.owner != owner and not lease.alive(job.owner, job.owner_until, now):
            mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, owner=job.owner)
            if mine.update(owner=owner, owner_until=now + lease.TERM, attempts=F("attempts") + 1):
                return Job.objects.select_related("case").get(pk=job.pk)
    waiting = Job.objects.filter(state=JobState.QUEUED).order_by("pk")
    if not waiting.exists():  # idle workers do not queue for SQLite's one writer
        return None
    with transaction.atomic():  # IMMEDIATE on SQLite: one worker at a time
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        found = waiting.first()
        if found is None:
            return None
        Job.objects.filter(pk=found.pk).update(
            state=JobState.RUNNING, owner=owner, owner_until=now + lease.TERM, attempts=F("attempts") + 1,
            begun=found.begun or now,
        )  # fmt: skip
    return Job.objects.select_related("case").get(pk=found.pk)


def renew(job: Job, owner: str, progress: Mapping[str, Any] | None = None) -> bool:
    """A sign of life, with where the work stands if given. Returns whether somebody asked to stop. Raises Lost."""
    more: dict[str, Any] = {} if progress is None else {"progress": dict(progress)}
    if not _owned(job, owner).update(owner_until=_now() + lease.TERM, **more):
        raise Lost
    return Job.objects.filter(pk=job.pk, cancel=True).exists()


def put_back(job: Job, owner: str) -> None:
    """Into the queue again, because the worker is stopped in order: that is no attempt."""
    attempts = F("attempts") - 1
    _owned(job, owner).update(state=JobState.QUEUED, owner="", owner_until=None, attempts=attempts)


def finish(
    job: Job, owner: str, state: JobState, result: Mapping[str, Any] | None = None, problem: AmparoError | None = None
) -> None:
    """End a Job for good. ``problem``: why it failed. Raises Lost."""
    told = {} if problem is None else problem.stored()
    ended = _owned(job, owner).update(
        state=state, owner="", owner_until=None, ended=_now(), result=dict(result or {}), problem=told
    )
    if not ended:
        raise Lost


def cancel(job: Job) -> bool:
    """Ask to stop a Job: one that waits ends at once, one that runs when its worker looks. False: it had ended."""
    waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
    if waiting.update(state=JobState.CANCELLED, cancel=True, ended=_now()):
        return True
    return bool(Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel=True))


def page(case: Case, before: int | None, limit: int) -> list[Job]:
    """Jobs of a Case, newest first, older than the one with this key."""
    rows = Job.objects.filter(case=case).order_by("-pk")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def ongoing(case: Case | None, kind: str) -> list[Job]:
    """What of a kind waits or runs in a Case, or without one."""
    return list(Job.objects.filter(case=case, kind=kind, state__in=(JobState.QUEUED, JobState.RUNNING)))


def of_kind(case: Case, kind: str, limit: int) -> list[Job]:
    """The newest Jobs of one kind."""
    return list(Job.objects.filter(case=case, kind=kind).order_by("-pk")[:limit])


def newest_by_case(cases: Collection[int | None], kind: str) -> dict[int | None, Job]:
    """The newest Job of a kind of each of these Cases, by the Case's key; None stands for the installation."""
    keys = [case for case in cases if case is not None]
    among = Q(case__in=keys) | Q(case=None) if None in cases else Q(case__in=keys)
    newest = Job.objects.filter(among, kind=kind).order_by().values("case").annotate(newest=Max("pk"))
    return {job.case_id: job for job in Job.objects.filter(pk__in=[row["newest"] for row in newest])}


def find(case: Case, key: uuid.UUID) -> Job | None:
    """A Job of this Case."""
    return Job.objects.filter(case=case, uuid=key).first()


def _owned(job: Job, owner: str) -> Any:
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, owner=owner)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
