"""Jobs: asked for in the browser, refused as a scan refuses, run in the name of who asked, taken over from the dead."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from casework.installations import actions, bank, case, make
from casework.pictures import copies
from e2e.homes import Home, new_home

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework import jobs as module
from amparo.casework import scan as scanning
from amparo.casework import worker
from amparo.casework.banks.store import open_banks
from amparo.casework.export import Choices
from amparo.casework.installation import Installation
from amparo.casework.members import add_member, break_glass
from amparo.casework.scan import scan
from amparo.catalogue import jobs, models
from amparo.catalogue.models import Job, JobState, Source
from amparo.catalogue.outbox import chain_path
from amparo.evidence.authority import Scope
from amparo.evidence.errors import BadInput, NotAuthorised

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    for number in range(20):
        (root / f"f{number}").write_bytes(b"text %d" % (number % 10))
    return root


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home").acting("account:one")


def run(installation: Installation) -> Job:
    """As the worker, which acts in nobody's name."""
    job = worker.run_next(installation.acting("os:worker"))
    assert job is not None
    job.refresh_from_db()
    return job


def test_a_scan_ends_with_its_numbers_in_the_name_of_who_asked(tree: Path, installation: Installation) -> None:
    row = case(installation)
    asked = module.start_scan(installation, row, f" {tree}\n")
    job = run(installation)
    assert (job.pk, job.state, job.problem, job.owner) == (asked.pk, JobState.DONE, {}, "")
    assert {key: job.result[key] for key in ("items", "contents", "failed")} == {
        "items": 21, "contents": 10, "failed": 0,
    }  # fmt: skip
    assert job.result["source"] == str(Source.objects.get().uuid)
    entries = map(json.loads, chain_path(installation.settings.home, row.uuid).read_text().splitlines())
    told = [entry for entry in entries if entry["kind"] == "entry"]
    assert {entry["actor"] for entry in told if entry["action"] != "case.created"} == {"account:one"}
    done = [entry["action"] for entry in told]
    assert (
        done.index("job.started") < done.index("scan.started") < done.index("scan.finished") < done.index("job.ended")
    )
    ended = next(entry for entry in told if entry["action"] == "job.ended")
    assert ended["facts"] == {"job": str(job.uuid), "state": "done"}
    assert worker.run_next(installation) is None


def test_what_a_scan_refuses_is_refused_before_it_is_queued(tree: Path, installation: Installation) -> None:
    (tree.parent / "other").mkdir()
    row = case(installation, scope=Scope((str(tree).encode(),)))
    with pytest.raises(NotAuthorised, match="outside"):
        module.start_scan(installation, row, str(tree.parent / "other"))
    with pytest.raises(NotAuthorised, match="outside"):
        module.start_scan(installation, row, str(tree.parent / "missing"))  # whether it exists is not told
    with pytest.raises(BadInput, match="No such"):
        module.start_scan(installation, row, str(tree / "missing"))
    for path in ("", "tree", "~/tree", "/a\0b", "/" + "x" * 5000):
        with pytest.raises(BadInput, match="whole path"):
            module.start_scan(installation, row, path)
    assert not Job.objects.exists()


def test_one_path_is_scanned_once_at_a_time(tree: Path, installation: Installation) -> None:
    row = case(installation)
    first = module.start_scan(installation, row, str(tree))
    (tree.parent / "link").symlink_to(tree)
    with pytest.raises(BadInput, match="under way"):
        module.start_scan(installation, row, str(tree.parent / "link"))
    module.start_scan(installation, row, str(tree / "f1"))
    module.start_scan(installation, case(installation, "R-2"), str(tree))
    module.stop(installation, first)
    module.start_scan(installation, row, str(tree))


def test_stopping_a_scan_leaves_it_resumable_and_starting_it_again_goes_on(
    tree: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = case(installation)
    asked = module.start_scan(installation, row, str(tree))
    monkeypatch.setattr(scanning, "_SHOW_EVERY", 0.0)
    monkeypatch.setattr(worker, "_REPORT_EVERY", 0.0)
    renew = jobs.renew
    seen: list[Mapping[str, Any]] = []

    def stopping(job: Job, owner: str, progress: Mapping[str, Any] | None = None) -> bool:
        if progress is not None:
            seen.append(progress)
            if progress["done"] and len(seen) > 1:
                module.stop(installation, Job.objects.get(pk=job.pk))
        return renew(job, owner, progress)

    monkeypatch.setattr(worker.jobs, "renew", stopping)
    stopped = run(installation)
    monkeypatch.undo()
    assert (stopped.state, stopped.result, stopped.problem) == (JobState.CANCELLED, {}, {})
    assert stopped.progress == seen[-1]
    source = Source.objects.get()
    assert (source.finished, source.owner) == (None, "")
    assert [each for each in actions(installation, row) if each.startswith("job.")] == [
        "job.started", "job.stopped", "job.ended",
    ]  # fmt: skip
    again = module.start_again(installation, stopped)
    assert again.arguments == asked.arguments
    done = run(installation)
    assert (done.pk, done.state, done.result["items"]) == (again.pk, JobState.DONE, 21)
    assert Source.objects.get() == source
    with pytest.raises(BadInput, match="ended already"):
        module.stop(installation, done)


def test_starting_a_finished_scan_again_tries_what_failed(tree: Path, installation: Installation) -> None:
    row = case(installation)
    first = module.start_scan(installation, row, str(tree))
    run(installation)
    first.refresh_from_db()
    assert module.start_again(installation, first).arguments["retry_failed"] is True
    assert run(installation).result["items"] == 21
    assert "failed.retried" in actions(installation, row)


def test_grouping_and_comparing_again(tmp_path: Path, installation: Installation) -> None:
    row = case(installation)
    copies(tmp_path / "pictures", 1, 3)
    module.start_scan(installation, row, str(tmp_path / "pictures"))
    module.start_groups(installation, row)
    module.start_rematch(installation, row)
    with pytest.raises(BadInput, match="under way"):
        module.start_groups(installation, row)
    bank(installation, tmp_path, "ab" * 32)
    results = [run(installation) for _ in range(3)]
    assert [job.state for job in results] == [JobState.DONE] * 3, [job.problem for job in results]
    assert results[1].result == {"pictures": 3}
    assert set(results[2].result) == {"compared", "unhashed", "set_aside"}


def test_grouping_that_runs_cannot_be_stopped(installation: Installation) -> None:
    job = module.start_groups(installation, case(installation))
    jobs.claim("boot:1:1")
    job.refresh_from_db()
    with pytest.raises(BadInput, match="once it runs"):
        module.stop(installation, job)


def test_a_refusal_and_an_error_of_ours_end_a_job_and_not_the_worker(
    tree: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = case(installation)
    module.start_scan(installation, row, str(tree))
    models.Authority.objects.update(until="2026-01-02T00:00:00Z", valid_from="2026-01-01T00:00:00Z")
    refused = run(installation)
    assert refused.state == JobState.FAILED
    assert "ended" in refused.problem["message"]
    assert refused.problem["hint"]

    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(worker, "RUN", {"groups": broken})
    module.start_groups(installation, row)
    failed = run(installation)
    assert (failed.state, failed.result) == (JobState.FAILED, {})
    assert re.fullmatch(r"An error of ours: ZeroDivisionError, test_jobs\.py:\d+", failed.problem["message"])
    assert actions(installation, row).count("job.ended") == 2


def test_a_job_at_which_three_workers_died_is_not_begun_again(installation: Installation) -> None:
    row = case(installation)
    module.start_groups(installation, row)
    for number in range(jobs.ATTEMPTS):
        assert jobs.claim(f"dead:{number}:1") is not None
        Job.objects.update(owner_until="2026-01-01T00:00:00Z")
    ended = run(installation)
    assert ended.state == JobState.FAILED
    assert "3 times" in ended.problem["message"]
    assert "groups.made" not in actions(installation, row)


def test_a_job_that_another_worker_took_over_is_left_alone(
    tree: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = case(installation)
    module.start_scan(installation, row, str(tree))
    monkeypatch.setattr(scanning, "_SHOW_EVERY", 0.0)
    monkeypatch.setattr(worker, "_REPORT_EVERY", 0.0)
    renew = jobs.renew

    def losing(job: Job, owner: str, progress: Mapping[str, Any] | None = None) -> bool:
        if progress is not None:
            Job.objects.filter(pk=job.pk).update(owner="other:1:1")
        return renew(job, owner, progress)

    monkeypatch.setattr(worker.jobs, "renew", losing)
    job = run(installation)
    assert (job.state, job.owner) == (JobState.RUNNING, "other:1:1")
    assert "job.ended" not in actions(installation, row)


def test_banks_that_nobody_made_need_nothing(installation: Installation) -> None:
    """Comparing with no Banks at all is no error."""
    assert not open_banks(installation.settings).states()
    module.start_rematch(installation, case(installation))
    assert run(installation).state == JobState.DONE


_ASK = """
from amparo.cli.start import start
installation = start()
import sys
from amparo.casework import jobs
from amparo.casework.cases import find_case
print(jobs.start_scan(installation, find_case("K-1"), sys.argv[1]).uuid)
"""
_WAIT = """
from amparo.cli.start import start
start()
import time
from amparo.catalogue.models import Job
print("ready", flush=True)
while not Job.objects.get().progress.get("done"):
    time.sleep(0.02)
"""
_TELL = """
from amparo.cli.start import start
start()
import json
from amparo.catalogue.models import Job
job = Job.objects.get()
print(json.dumps([job.state, job.attempts, job.result, job.progress, job.problem]))
"""


def script(home: Home, text: str, *arguments: object) -> str:
    command = [sys.executable, "-c", text, *map(str, arguments)]
    done = subprocess.run(command, env=home.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ended(home: Home) -> list[Any]:
    """State, attempts, result, progress and problem of the Job, once it has ended."""
    until = time.monotonic() + 90
    while True:
        job: list[Any] = json.loads(script(home, _TELL))
        if job[0] not in ("queued", "running"):
            return job
        assert time.monotonic() < until, job
        time.sleep(0.3)


@pytest.mark.parametrize(("how", "attempts"), [(signal.SIGKILL, 2), (signal.SIGINT, 1), (signal.SIGTERM, 1)])
def test_the_next_worker_goes_on_and_the_numbers_are_the_same(
    tmp_path: Path, how: signal.Signals, attempts: int
) -> None:
    root = tmp_path / "many"
    root.mkdir()
    number = 3000
    for each in range(number):
        (root / f"f{each}").write_bytes(b"text %d" % (each % 1000))
    with new_home(tmp_path / "home") as home:
        home.env["AMPARO_WORKERS"] = "1"
        home.case("K-1")
        script(home, _ASK, root)
        waiting = subprocess.Popen([sys.executable, "-c", _WAIT], env=home.env, stdout=subprocess.PIPE, text=True)
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "ready\n"
        first = home.start("worker")
        waiting.communicate(timeout=60)
        first.send_signal(how)
        code = first.wait(30)
        first.communicate()
        assert code == (-9 if how == signal.SIGKILL else 0)
        left = json.loads(script(home, _TELL))
        assert left[0] == ("running" if how == signal.SIGKILL else "queued"), "if it is done, scan more files"
        second = home.start("worker")
        try:
            state, tried, result, _, problem = ended(home)
        finally:
            second.terminate()
            second.communicate(timeout=30)
        assert (state, tried, problem) == ("done", attempts, {})
        assert (result["items"], result["contents"], result["failed"]) == (number + 1, 1000, 0)
        home.verify()


def test_the_browser_does_not_reach_the_installation_itself(installation: Installation) -> None:
    row = case(installation)
    home = installation.settings.home
    (home.parent / "link").symlink_to(home / "secrets")
    for path in (home, home / "secrets", home.parent / "link"):
        with pytest.raises(NotAuthorised, match="not open to scans"):
            module.start_scan(installation, row, str(path))
    assert not Job.objects.exists()


def test_the_browser_does_not_reach_where_a_case_of_others_works(tree: Path, installation: Installation) -> None:
    other = case(installation, "OTHER")
    scan(installation, str(tree), "OTHER")
    row = case(installation)
    user = User.objects.create(username="ana")
    RoleGrant.objects.create(user=user, role=Role.INVESTIGATOR, given_by="tests")
    mine = installation.acting(user.actor)
    for path in (tree, tree / "f1", tree.parent):
        with pytest.raises(NotAuthorised, match="not open"):
            module.start_scan(mine, row, str(path))
    add_member(installation, other, user, Role.INVESTIGATOR)
    assert module.start_scan(mine, row, str(tree)).kind == "scan"


def test_evidence_roots_are_the_only_places(tmp_path: Path, tree: Path) -> None:
    (tmp_path / "tree2").mkdir()
    installation = make(tmp_path / "home", evidence_roots=(tree,))
    row = case(installation)
    for path in (tmp_path, tmp_path / "tree2"):  # a name that begins alike is another folder
        with pytest.raises(NotAuthorised, match="not open to scans"):
            module.start_scan(installation, row, str(path))
    assert module.start_scan(installation, row, str(tree)).kind == "scan"


def examiner(name: str) -> User:
    user = User.objects.create(username=name)
    RoleGrant.objects.create(user=user, role=Role.EXAMINER, given_by="tests")
    return user


def test_broken_glass_that_ended_opens_no_folder_to_scans(tree: Path, installation: Installation) -> None:
    case(installation, "OTHER")
    scan(installation, str(tree), "OTHER")
    user, row = examiner("ana"), case(installation)
    mine = installation.acting(user.actor)
    broken = break_glass(mine, user, "OTHER", Role.EXAMINER, "Somebody may be in danger tonight.")
    module.stop(mine, module.start_scan(mine, row, str(tree)))
    models.Member.objects.filter(pk=broken.pk).update(until="2026-01-02T00:00:00Z")
    with pytest.raises(NotAuthorised, match="not open to scans"):
        module.start_scan(mine, row, str(tree))


def test_a_member_who_never_sees_material_does_not_reach_its_folder(tree: Path, installation: Installation) -> None:
    other = case(installation, "OTHER")
    scan(installation, str(tree), "OTHER")
    user = examiner("ana")
    RoleGrant.objects.create(user=user, role=Role.SOCIAL_WORKER, given_by="tests")
    add_member(installation, other, user, Role.SOCIAL_WORKER)
    with pytest.raises(NotAuthorised, match="not open to scans"):
        module.start_scan(installation.acting(user.actor), case(installation), str(tree))


def test_a_folder_that_became_a_link_while_the_scan_waited_is_not_followed(tmp_path: Path, tree: Path) -> None:
    (tmp_path / "roots" / "a").mkdir(parents=True)
    installation = make(tmp_path / "home", evidence_roots=(tmp_path / "roots",))
    row = case(installation)
    module.start_scan(installation, row, str(tmp_path / "roots" / "a"))
    (tmp_path / "roots" / "a").rmdir()
    (tmp_path / "roots" / "a").symlink_to(tree)
    refused = run(installation)
    assert (refused.state, Source.objects.count()) == (JobState.FAILED, 0)
    assert "replaced by a link" in refused.problem["message"]


def test_a_folder_that_went_out_of_reach_while_the_scan_waited_is_not_scanned(
    tree: Path, installation: Installation
) -> None:
    user, row = examiner("ana"), case(installation)
    add_member(installation, row, user, Role.EXAMINER)
    module.start_scan(installation.acting(user.actor), row, str(tree))
    case(installation, "OTHER")
    scan(installation, str(tree), "OTHER")
    refused = run(installation)
    assert (refused.state, row.sources.count()) == (JobState.FAILED, 0)
    assert "not open to scans" in refused.problem["message"]


def lose_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def lose_role(user: User) -> None:
    user.grants.update(ended="2026-01-02T00:00:00Z")


def lose_case(user: User) -> None:
    user.memberships.update(ended="2026-01-02T00:00:00Z")


@pytest.mark.parametrize("lose", [lose_account, lose_role, lose_case])
def test_what_somebody_asked_for_who_has_left_meanwhile_is_not_done(
    tree: Path, installation: Installation, lose: Callable[[User], None]
) -> None:
    user, row = examiner("ana"), case(installation)
    add_member(installation, row, user, Role.EXAMINER)
    mine = installation.acting(user.actor)
    module.start_scan(mine, row, str(tree))
    module.start_export(mine, row, ["report"], Choices())
    lose(user)
    for _ in range(2):
        refused = run(installation)
        assert refused.state == JobState.FAILED
        assert "any more" in refused.problem["message"]
    assert (row.sources.count(), row.exports.count()) == (0, 0)
