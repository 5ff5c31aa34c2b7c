"""A Job as its page shows it: in words, and with numbers that say what is left."""

import dataclasses
import uuid
from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from amparo.accounts.models import User
from amparo.casework.jobs import STOPPABLE
from amparo.catalogue.models import Job, JobState

KIND_NAMES = {
    "scan": gettext_lazy("Scan"),
    "groups": gettext_lazy("Group alike pictures"),
    "rematch": gettext_lazy("Compare with the banks of now"),
    "export": gettext_lazy("Export"),
    "verify": gettext_lazy("Verify the custody log"),
    "erasure": gettext_lazy("Erasure"),
}
STATE_NAMES = {
    JobState.QUEUED: gettext_lazy("Waits"),
    JobState.RUNNING: gettext_lazy("Runs"),
    JobState.DONE: gettext_lazy("Done"),
    JobState.FAILED: gettext_lazy("Not finished"),
    JobState.CANCELLED: gettext_lazy("Stopped"),
}
_STOPPING = gettext_lazy("Is being stopped")
_RESULTS = {
    "items": gettext_lazy("Items"),
    "contents": gettext_lazy("Contents"),
    "compared": gettext_lazy("Contents compared"),
    "skipped": gettext_lazy("Skipped by rule"),
    "failed": gettext_lazy("Could not be finished"),
    "matches": gettext_lazy("Contents known to a bank"),
    "pictures": gettext_lazy("Pictures"),
    "erased": gettext_lazy("Rows erased"),
    "files": gettext_lazy("Files in the package"),
    "entries": gettext_lazy("Custody entries"),
    "unhashed": gettext_lazy("Contents that wait for a scan"),
    "set_aside": gettext_lazy("Bank entries set aside"),
}

_RARE = ("unhashed", "set_aside")  # not worth a word where there are none


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """One Job. ``value`` and ``most`` are of the progress bar; ``most`` 0: how much there is, is not known."""

    job: Job
    kind: str
    state: str
    who: str
    path: bytes | None
    value: int
    most: int
    may_stop: bool
    results: tuple[tuple[str, int], ...]


def shown(jobs: Sequence[Job]) -> list[Shown]:
    """Jobs with the names of who asked for them: one query, however many there are."""
    people = _people(jobs)
    return [_shown(job, people.get(job.operator, job.operator)) for job in jobs]


def _shown(job: Job, who: str) -> Shown:
    numbers = job.progress
    stopping = job.cancel and job.state == JobState.RUNNING
    path = job.arguments.get("path")
    return Shown(
        job=job,
        kind=str(KIND_NAMES.get(job.kind, job.kind)),
        state=str(_STOPPING if stopping else STATE_NAMES[JobState(job.state)]),
        who=who,
        path=None if path is None else bytes.fromhex(path),
        value=numbers.get("done", 0) + numbers.get("contents_done", 0),
        most=numbers.get("total", 0) + numbers.get("contents", 0),
        may_stop=not stopping and (job.state == JobState.QUEUED or (job.ongoing and job.kind in STOPPABLE)),
        results=tuple(
            (str(name), job.result[key])
            for key, name in _RESULTS.items()
            if key in job.result and (job.result[key] or key not in _RARE)
        ),
    )


def _people(jobs: Sequence[Job]) -> dict[str, str]:
    named = [job.operator.removeprefix("account:") for job in jobs if job.operator.startswith("account:")]
    return {user.actor: str(user) for user in User.objects.filter(uuid__in={uuid.UUID(each) for each in named})}
