"""Custody logs that are too long to be verified while somebody waits: a Job does it, and the page keeps the result."""

import uuid

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework import custody
from amparo.casework.installation import Installation
from amparo.casework.worker import run_next
from amparo.catalogue.models import Case, Job
from amparo.catalogue.outbox import chain_path

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(custody, "LONG", 0)
    return new_case(installation)


def investigator(installation: Installation, case: Case) -> Client:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    return client(user)


def text(browser: Client, where: str) -> str:
    return " ".join(browser.get(where).content.decode().split())


def test_a_long_log_is_verified_by_the_worker_and_the_result_is_there_for_all(
    installation: Installation, case: Case
) -> None:
    browser, colleague = investigator(installation, case), investigator(installation, case)
    where = f"/cases/{case.uuid}/log/"
    for _ in range(2):  # asked for twice, done once
        assert browser.post(where + "verify/").status_code == 302
    job = Job.objects.get()
    assert (job.kind, job.case) == ("verify", case)
    for each in (browser, colleague):
        assert "It waits for the worker." in text(each, where)
    Job.objects.update(state="running", owner="x", progress={"done": 51_000, "total": 120_000})
    shown = text(colleague, where)
    assert "Entries: 51,000 of 120,000" in shown
    assert 'hx-trigger="every 2s"' in shown
    Job.objects.update(state="queued", owner="")
    run_next(installation)
    for each in (browser, colleague):
        shown = text(each, where)
        assert "The log is intact." in shown
        assert "It waits" not in shown
        assert "hx-trigger" not in shown
        assert "Custody log intact, checked" in text(each, f"/cases/{case.uuid}/")
    assert "Verify the custody log" in text(browser, f"/cases/{case.uuid}/jobs/")


def test_a_long_log_that_was_changed_is_told_here_and_with_the_job(installation: Installation, case: Case) -> None:
    browser = investigator(installation, case)
    path = chain_path(installation.settings.home, case.uuid)
    path.write_bytes(path.read_bytes().replace(b"member.added", b"member.ended"))
    where = f"/cases/{case.uuid}/log/"
    browser.post(where + "verify/")
    job = run_next(installation)
    assert job is not None
    assert "The log is not intact." in text(browser, where)
    job.refresh_from_db()
    assert job.result["problem"] in text(browser, f"/cases/{case.uuid}/jobs/{job.uuid}/").replace("&#x27;", "'")


def test_an_auditor_asks_for_a_long_log_without_being_a_member(
    installation: Installation, case: Case, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        new_case(installation, f"MORE-{number}")
    browser = client(person(Role.AUDITOR))
    for chain in (str(case.uuid), ""):
        assert browser.post("/logs/verify/", {"chain": chain}).status_code == 302
    assert text(browser, "/logs/").count("It waits for the worker.") == 2
    while run_next(installation):
        pass
    with django_assert_max_num_queries(20):
        assert text(browser, "/logs/").count("Intact, ") == 2
    assert browser.post("/logs/verify/", {"chain": str(uuid.uuid4())}).status_code == 422
    assert Job.objects.filter(case=None).count() == 1
