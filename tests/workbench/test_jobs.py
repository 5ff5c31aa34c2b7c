"""The pages of Jobs: started, watched and stopped by who may, in one's own case only, quick however many there are."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework import jobs as casework
from amparo.casework import worker
from amparo.casework.cases import NewAuthority, create_case
from amparo.casework.installation import Installation
from amparo.catalogue import jobs
from amparo.catalogue.models import Case, Job, JobState
from amparo.evidence.authority import Scope
from amparo.evidence.errors import AmparoError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "one").write_bytes(b"text")
    return root


@pytest.fixture
def case(installation: Installation) -> Case:
    return new_case(installation)


@pytest.fixture
def browser(installation: Installation, case: Case) -> Client:
    user = person(Role.EXAMINER, name="Ana")
    member(installation, case, user, Role.EXAMINER)
    return client(user)


def at(case: Case, job: Job | None = None, what: str = "") -> str:
    return f"/cases/{case.uuid}/jobs/" + (f"{job.uuid}/{what}" if job else "")


def test_a_scan_is_started_done_and_shown(browser: Client, case: Case, installation: Installation, tree: Path) -> None:
    answer = browser.post(at(case), {"kind": "scan", "path": str(tree)})
    assert (answer.status_code, answer.headers["Location"]) == (302, at(case))
    page = browser.get(at(case)).content.decode()
    assert "Waits" in page
    assert "Started by Ana" in page
    assert 'hx-trigger="every 2s"' in page
    job = worker.run_next(installation)
    assert job is not None
    for where in (at(case), at(case, job)):
        page = browser.get(where).content.decode()
        assert "Done" in page
        assert str(tree) in page
        assert "hx-" not in page.partition("<body>")[2], "nothing is asked for again and again once all has ended"
    answer = browser.post(at(case, job, "again/"))
    assert answer.headers["Location"] == at(case, Job.objects.order_by("-pk")[0])


def test_what_the_authority_does_not_cover_is_said_on_the_page_and_the_path_kept(
    installation: Installation, tree: Path
) -> None:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    case = create_case(installation, "S-1", NewAuthority("Order", until, Scope((str(tree).encode(),))))
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    answer = client(user).post(at(case), {"kind": "scan", "path": "/elsewhere/<b>", "retry_failed": "on"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "outside the Authority" in page
    assert 'value="/elsewhere/&lt;b&gt;"' in page
    assert 'name="retry_failed" checked' in page
    assert not Job.objects.exists()


@pytest.mark.parametrize("given", [{}, {"kind": "format"}, {"kind": "scan"}, {"kind": "scan", "path": "tree"}])
def test_what_is_no_job_is_refused(browser: Client, case: Case, given: dict[str, str]) -> None:
    assert browser.post(at(case), given).status_code == 422
    assert not Job.objects.exists()


def test_stopping(browser: Client, case: Case, installation: Installation) -> None:
    browser.post(at(case), {"kind": "rematch"})
    browser.post(at(case), {"kind": "groups"})
    rematch, groups = Job.objects.order_by("pk")
    assert browser.post(at(case, rematch, "stop/")).headers["Location"] == at(case)
    rematch.refresh_from_db()
    assert rematch.state == JobState.CANCELLED
    assert browser.post(at(case, rematch, "stop/")).status_code == 422
    jobs.claim("boot:1:1")
    answer = browser.post(at(case, groups, "stop/"))
    assert answer.status_code == 422
    assert "cannot be stopped" in answer.content.decode()
    assert "stop/" not in browser.get(at(case, groups)).content.decode(), "the button is not offered"


def test_one_that_failed_says_why_and_what_to_do(browser: Client, case: Case) -> None:
    job = jobs.enqueue(case, "rematch", {}, "os:root")
    jobs.claim("boot:1:1")
    jobs.finish(job, "boot:1:1", JobState.FAILED, problem=AmparoError("The <disk> is full.", "Make room."))
    page = browser.get(at(case, job)).content.decode()
    assert "The &lt;disk&gt; is full." in page
    assert "Make room." in page
    assert "Start again" in page
    assert "Started by os:root" in page


def test_progress_counts_skipped_and_failed_apart(browser: Client, case: Case) -> None:
    job = jobs.enqueue(case, "scan", {"path": b"/e\xff".hex(), "retry_failed": False}, "os:root")
    jobs.claim("boot:1:1")
    numbers = {"done": 1200, "total": 5000, "skipped": 3, "failed": 2, "contents": 900, "contents_done": 400}
    jobs.renew(job, "boot:1:1", numbers)
    page = browser.get(at(case)).content.decode()
    assert '<progress value="1600" max="5900"' in page
    for words in ("Items: 1,200 of 5,000", "Contents: 400 of 900", "Skipped by rule: 3", "Could not be finished: 2"):
        assert words in page


def test_a_job_of_another_case_is_not_found_even_by_a_member_of_both(
    browser: Client, case: Case, installation: Installation
) -> None:
    other = new_case(installation, "W-2")
    user = person(Role.INVESTIGATOR)
    for each in (case, other):
        member(installation, each, user, Role.INVESTIGATOR)
    theirs = casework.start_groups(installation, other)
    both = client(user)
    assert both.get(at(other, theirs)).status_code == 200
    for what in ("", "stop/", "again/"):
        method: Any = both.post if what else both.get
        assert method(at(case, theirs, what)).status_code == 404
    assert str(theirs.uuid) not in both.get(at(case)).content.decode()
    theirs.refresh_from_db()
    assert theirs.state == JobState.QUEUED


def test_pages_are_reached_without_gaps(browser: Client, case: Case) -> None:
    made = [jobs.enqueue(case, "groups", {}, "os:root") for _ in range(45)]
    seen: list[str] = []
    where = at(case)
    while where:
        page = browser.get(where).content.decode()
        seen += [str(each.uuid) for each in reversed(made) if f'/jobs/{each.uuid}/"' in page]
        key = page.partition("?before=")[2].partition('"')[0] if "Earlier ones" in page else ""
        key = page.rpartition('<a href="?before=')[2].partition('"')[0] if key else ""
        where = f"{at(case)}?before={key}" if key else ""
    assert seen == [str(each.uuid) for each in reversed(made)]
    for wrong in ("x", "-1", "9" * 30, "²"):
        assert browser.get(at(case), {"before": wrong}).status_code == 404


def test_the_list_asks_as_much_of_the_database_for_one_as_for_many(
    browser: Client, case: Case, django_assert_max_num_queries: Any
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            jobs.enqueue(case, "groups", {}, person(Role.EXAMINER).actor)

    add(1)
    browser.get(at(case))
    with django_assert_max_num_queries(20) as one:
        browser.get(at(case))
    add(60)
    with django_assert_max_num_queries(len(one)):
        browser.get(at(case))
