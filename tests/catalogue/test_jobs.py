"""The queue of Jobs: each in one worker at a time, none lost with a worker that dies."""

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest
from casework.installations import case, make
from catalogue.test_lease import OTHER_MACHINE, process
from e2e.homes import new_home

from amparo.catalogue import jobs, lease
from amparo.catalogue.models import Job, JobState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ME = "boot:1:1"
_DRIVER = Path(__file__).with_name("jobs_driver.py")


def job(number: int = 0) -> Job:
    return jobs.enqueue(None, "groups", {"number": number}, "account:1")


def held(row: Job, owner: str, seconds: float = 60, attempts: int = 1) -> Job:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    Job.objects.filter(pk=row.pk).update(
        state=JobState.RUNNING, owner=owner, owner_until=until, attempts=attempts, progress={"done": 7}
    )
    row.refresh_from_db()
    return row


def test_the_oldest_comes_first_and_each_once() -> None:
    first, second = job(1), job(2)
    assert [each and each.pk for each in (jobs.claim(ME), jobs.claim(ME), jobs.claim(ME))] == [
        first.pk,
        second.pk,
        None,
    ]
    first.refresh_from_db()
    assert (first.state, first.owner, first.attempts) == (JobState.RUNNING, ME, 1)
    assert first.begun is not None


def test_a_job_of_a_living_worker_is_left_to_it() -> None:
    other, owner = process()
    try:
        held(job(), owner, seconds=-1)
        assert jobs.claim(ME) is None
    finally:
        other.kill()
        other.communicate()


def test_a_job_of_a_dead_worker_comes_before_those_that_wait_and_keeps_its_progress() -> None:
    waiting, left = job(1), job(2)
    other, owner = process()
    held(left, owner)
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    taken = jobs.claim(ME)
    other.communicate()
    assert taken is not None
    assert (taken.pk, taken.attempts, taken.owner, taken.progress) == (left.pk, 2, ME, {"done": 7})
    assert (jobs.claim(ME) or left).pk == waiting.pk


def test_a_worker_of_another_machine_is_believed_while_it_gives_signs_of_life() -> None:
    row = held(job(), OTHER_MACHINE)
    assert jobs.claim(ME) is None
    held(row, OTHER_MACHINE, seconds=-1)
    assert jobs.claim(ME) is not None
    with pytest.raises(jobs.Lost):
        jobs.renew(row, OTHER_MACHINE, {"done": 1})
    with pytest.raises(jobs.Lost):
        jobs.finish(row, OTHER_MACHINE, JobState.DONE)
    jobs.put_back(row, OTHER_MACHINE)
    row.refresh_from_db()
    assert (row.state, row.owner, row.progress) == (JobState.RUNNING, ME, {"done": 7})


def test_put_back_is_no_attempt() -> None:
    row = job()
    for _ in range(jobs.ATTEMPTS + 2):
        taken = jobs.claim(ME)
        assert taken is not None
        assert taken.attempts == 1
        jobs.put_back(taken, ME)
    row.refresh_from_db()
    assert (row.state, row.owner, row.attempts) == (JobState.QUEUED, "", 0)


def test_progress_prolongs_and_tells_whether_to_stop() -> None:
    row = job()
    jobs.claim(ME)
    assert not jobs.renew(row, ME, {"done": 3, "total": 4})
    assert jobs.cancel(row)
    assert jobs.renew(row, ME)
    row.refresh_from_db()
    assert (row.progress, row.state) == ({"done": 3, "total": 4}, JobState.RUNNING)
    assert row.owner_until is not None
    assert row.owner_until - datetime.datetime.now(datetime.UTC) > lease.TERM / 2


def test_cancelling_what_waits_ends_it_and_what_has_ended_cannot_be_cancelled() -> None:
    row = job()
    assert jobs.cancel(row)
    row.refresh_from_db()
    assert row.state == JobState.CANCELLED
    assert row.ended is not None
    assert not jobs.cancel(row)
    assert jobs.claim(ME) is None


def test_pages_are_of_one_case_newest_first(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    here, there = case(installation, "A"), case(installation, "B")
    mine = [jobs.enqueue(here, "groups", {}, "x") for _ in range(5)]
    other = jobs.enqueue(there, "groups", {}, "x")
    first = jobs.page(here, None, 3)
    assert [each.pk for each in first] == [each.pk for each in mine[:1:-1]]
    assert [each.pk for each in jobs.page(here, first[-1].pk, 3)] == [each.pk for each in mine[1::-1]]
    assert jobs.find(here, other.uuid) is None


def test_two_processes_never_take_one_job_both(tmp_path: Path) -> None:
    number = 60
    with new_home(tmp_path / "home") as home:
        assert home.run("doctor").returncode in (0, 3)  # makes the tables
        now = datetime.datetime.now(datetime.UTC).isoformat()
        for each in range(number):
            home.change(
                "INSERT INTO catalogue_job (uuid, kind, arguments, state, progress, cancel, operator, owner, attempts,"
                " made, result, problem) VALUES (?, 'groups', ?, 'queued', '{}', ?, 'x', '', 0, ?, '{}', '{}')",
                f"{each:032x}", f'{{"number": {each}}}', False, now,
            )  # fmt: skip
        workers = [
            subprocess.Popen(
                [sys.executable, str(_DRIVER), str(number)], env=home.env, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True,
            )
            for _ in range(2)
        ]  # fmt: skip
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
        taken = [worker.communicate(timeout=120)[0].split() for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0]
        assert sorted(map(int, taken[0] + taken[1])) == list(range(number))
        assert all(taken), "both worked"
