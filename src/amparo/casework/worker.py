"""The worker: runs Jobs, each in the name of who asked for it.

A Job that is stopped, or whose worker dies, loses nothing: its function is one that goes on where it stopped.
"""

import dataclasses
import functools
import shutil
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.db import close_old_connections, connection, transaction

from amparo.casework.banks.rematch import rematch
from amparo.casework.custody import check_chain, stored
from amparo.casework.erasure import erase
from amparo.casework.export import Choices, export_case
from amparo.casework.groups import make_groups
from amparo.casework.installation import Installation, storage_error
from amparo.casework.jobs import case_of, check_asker, check_place
from amparo.casework.packages import check_package, folder_of
from amparo.casework.scan import Progress, scan
from amparo.catalogue import jobs, lease, search_backlog
from amparo.catalogue.models import Export, Job, JobState
from amparo.catalogue.turns import give_way
from amparo.evidence.errors import AmparoError, VerificationFailed

Show = Callable[[Mapping[str, int]], None]
Result = Mapping[str, Any]

_REPORT_EVERY = 0.5  # seconds between two reports of progress
_SIGN_EVERY = 20.0  # seconds between two signs of life where nothing is reported
_IDLE = 0.5  # seconds between two looks into an empty queue


def _scan(installation: Installation, job: Job, show: Show) -> Result:
    def told(now: Progress) -> None:
        show(
            {
                "done": now.done,
                "total": now.total,
                "skipped": now.skipped,
                "failed": now.failed,
                "contents": now.contents,
                "contents_done": now.contents_done,
            }
        )

    path = bytes.fromhex(job.arguments["path"])
    retry = job.arguments["retry_failed"]
    case = case_of(job)
    check = functools.partial(check_place, installation, case, path)
    scanned = scan(installation, path, case.reference, retry_failed=retry, show=told, check=check)
    now = scanned.progress
    return {
        "source": str(scanned.source.uuid),
        "items": now.total,
        "contents": now.contents,
        "skipped": now.skipped,
        "failed": now.failed,
        "matches": now.matches,
        "bytes": now.bytes,
        "set_aside": len(scanned.flooded),
    }


def _groups(installation: Installation, job: Job, show: Show) -> Result:
    return {"pictures": make_groups(installation, case_of(job).reference)}


def _rematch(installation: Installation, job: Job, show: Show) -> Result:
    (done,) = rematch(installation, case_of(job).reference, lambda number: show({"done": number}))
    return {"compared": done.compared, "unhashed": done.unhashed, "set_aside": len(done.flooded)}


def _export(installation: Installation, job: Job, show: Show) -> Result:
    case = case_of(job)
    folder = folder_of(installation, case, job.uuid)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not Export.objects.filter(uuid=job.uuid).exists():  # else the worker died after it was whole
        shutil.rmtree(folder, ignore_errors=True)  # it died between the folder and the row
        given = job.arguments
        chosen = Choices(**{name: given[name] for name in Choices.__slots__ if name in given})
        export_case(installation, case.reference, given["forms"], str(folder), chosen, job.uuid)
    return {"files": check_package(installation, Export.objects.select_related("case").get(uuid=job.uuid)).files}


def _erasure(installation: Installation, job: Job, show: Show) -> Result:
    counts = erase(installation, case_of(job), job.arguments["erasure"], show)
    return {"erased": sum(counts.values())}


def _verify(installation: Installation, job: Job, show: Show) -> Result:
    key = None if job.case is None else job.case.uuid
    return stored(check_chain(installation, key, lambda done, total: show({"done": done, "total": total})))


RUN: Mapping[str, Callable[[Installation, Job, Show], Result]] = MappingProxyType(
    {"scan": _scan, "groups": _groups, "rematch": _rematch, "export": _export, "erasure": _erasure, "verify": _verify}
)


def work(installation: Installation) -> None:
    """Run Jobs until KeyboardInterrupt, which puts the one under way back into the queue; between them, the index."""
    while True:
        close_old_connections()
        if run_next(installation) is not None:
            continue
        began = time.monotonic()
        if search_backlog.step():
            give_way(time.monotonic() - began)
        else:
            time.sleep(_IDLE)


def run_next(installation: Installation) -> Job | None:
    """Run the next Job that is due to its end; None if none is. Raises KeyboardInterrupt, after putting it back."""
    owner = lease.this_process()
    job = jobs.claim(owner)
    if job is None:
        return None
    acting = installation.acting(job.operator)
    with suppress(jobs.Lost):
        try:
            ended = _Ended(JobState.DONE, _run(acting, job, owner))
        except jobs.Cancelled:
            ended = _Ended(JobState.CANCELLED)
        except AmparoError as error:
            ended = _Ended(JobState.FAILED, problem=error)
        except jobs.Lost:
            raise
        except Exception as error:  # noqa: BLE001  # the edge: one Job fails, the worker goes on
            ended = _Ended(JobState.FAILED, problem=_told(error))
        except BaseException:
            jobs.put_back(job, owner)
            raise
        with transaction.atomic():
            jobs.finish(job, owner, ended.state, ended.result, ended.problem)
            acting.recorder(job.case).record("job.ended", {"job": str(job.uuid), "state": ended.state.value})
        # Behind a log that is broken nothing can be sealed; a check of it has said so, and other Jobs go on.
        with suppress(VerificationFailed) if job.kind == "verify" else nullcontext():
            acting.sealer.seal(job.case)
    return job


@dataclasses.dataclass(frozen=True, slots=True)
class _Ended:
    state: JobState
    result: Result = dataclasses.field(default_factory=dict)
    problem: AmparoError | None = None


def _run(acting: Installation, job: Job, owner: str) -> Result:
    if job.attempts > jobs.ATTEMPTS:
        raise AmparoError(
            "The worker ended %(times)s times in the middle of this.",
            "What was finished is kept. Look for memory pressure (amparo doctor), then start it again.",
            {"times": jobs.ATTEMPTS},
        )
    if jobs.renew(job, owner):
        raise jobs.Cancelled("Stopped.")
    check_asker(job)
    with _signs_of_life(job, owner):
        return RUN[job.kind](acting, job, _reporter(job, owner))


def _reporter(job: Job, owner: str) -> Show:
    """Stores progress at most twice a second. Raises Cancelled when somebody asked to stop, and Lost."""
    last = -_REPORT_EVERY

    def show(numbers: Mapping[str, int]) -> None:
        nonlocal last
        if time.monotonic() - last < _REPORT_EVERY:
            return
        last = time.monotonic()
        if jobs.renew(job, owner, numbers):
            raise jobs.Cancelled("Stopped.")

    return show


@contextmanager
def _signs_of_life(job: Job, owner: str) -> Iterator[None]:
    """Keeps the Job from workers of other machines while nothing is reported for long."""
    over = threading.Event()

    def sign() -> None:
        try:
            while not over.wait(_SIGN_EVERY):
                jobs.renew(job, owner)
        except Exception:  # noqa: BLE001  # the Job's own thread meets the same, and says so
            return
        finally:
            connection.close()

    thread = threading.Thread(target=sign, name="signs-of-life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _told(error: Exception) -> AmparoError:
    ours = AmparoError(
        "An error of ours: %(what)s",
        "What was finished is kept. Please report it.",
        {"what": _place(error)},
    )
    return storage_error(error) or ours


def _place(error: Exception) -> str:
    """Type and place, which a report of a fault needs. Not its text, which may hold a path or words of the Case."""
    frames = traceback.extract_tb(error.__traceback__, -1)
    return type(error).__name__ + "".join(f", {Path(each.filename).name}:{each.lineno}" for each in frames)
