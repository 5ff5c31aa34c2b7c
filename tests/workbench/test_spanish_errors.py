"""Errors on Spanish pages are Spanish, whoever raised them; programs are told in English."""

import datetime
import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.formats import number_format
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Permission, Role
from amparo.casework import worker
from amparo.casework.cases import NewAuthority, create_case
from amparo.casework.exhibits import MOST_HAND_OVERS
from amparo.casework.installation import Installation
from amparo.casework.jobs import start_scan
from amparo.casework.tokens import make_token
from amparo.catalogue import jobs
from amparo.catalogue.models import Case, JobState
from amparo.evidence.authority import Scope
from amparo.evidence.errors import AmparoError

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """The client leaves the language of the last answer active."""
    with translation.override(None):
        yield


@pytest.fixture
def case(installation: Installation) -> Case:
    return new_case(installation)


@pytest.fixture
def browser(installation: Installation, case: Case) -> Client:
    user = person(Role.EXAMINER)
    member(installation, case, user, Role.EXAMINER)
    made = client(user)
    made.defaults["HTTP_ACCEPT_LANGUAGE"] = "es"
    return made


def spanish(text: str) -> str:
    with translation.override("es"):
        found = translation.gettext(text)
    assert found != text, "not translated"
    return found


def shown(browser: Client, where: str) -> str:
    return html.unescape(browser.get(where).content.decode())


def test_a_sentence(browser: Client, case: Case) -> None:
    answer = browser.post(f"/cases/{case.uuid}/jobs/", {"kind": "format"})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert spanish("There is no such kind of job.") in page
    assert spanish("Use the buttons of this page.") in page
    assert "There is no such" not in page


def test_a_sentence_with_a_value(installation: Installation, tmp_path: Path) -> None:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    case = create_case(installation, "S-1", NewAuthority("Order", until, Scope((str(tmp_path).encode(),))))
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    answer = client(user).post(
        f"/cases/{case.uuid}/jobs/", {"kind": "scan", "path": "/elsewhere/100%"}, headers={"accept-language": "es"}
    )
    text = spanish("The path is outside the Authority's scope (action: %(action)s): %(path)s")
    assert text % {"action": spanish("opening"), "path": "'/elsewhere/100%'"} in html.unescape(answer.content.decode())


def test_why_a_job_failed(browser: Client, installation: Installation, case: Case, tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    scan = start_scan(installation, case, str(root), False)
    root.rmdir()
    assert worker.run_next(installation) is not None
    page = shown(browser, f"/cases/{case.uuid}/jobs/{scan.uuid}/")
    filled = {"path": repr(str(root)), "why": "No such file or directory"}
    assert spanish("Cannot open %(path)s: %(why)s.") % filled in page
    assert spanish("Check the path and its permissions.") in page


def test_a_number_has_the_separators_of_the_language(browser: Client, case: Case) -> None:
    text = "An exhibit has at most %(most)s hand-overs."
    job = jobs.enqueue(case, "rematch", {}, "os:root")
    jobs.claim("boot:1:1")
    jobs.finish(job, "boot:1:1", JobState.FAILED, problem=AmparoError(text, "", {"most": MOST_HAND_OVERS}))
    with translation.override("es"):
        most = number_format(MOST_HAND_OVERS, use_l10n=True, force_grouping=True)
    assert most != f"{MOST_HAND_OVERS:,}"
    assert spanish(text) % {"most": most} in shown(browser, f"/cases/{case.uuid}/jobs/{job.uuid}/")


def test_a_sentence_in_answer_to_a_script(browser: Client, case: Case) -> None:
    answer = browser.post("/pause/", {"kind": "forever"})
    assert spanish("There is no such pause.") in html.unescape(answer.content.decode())


def test_programs_are_told_in_english_whatever_language_they_ask_for(installation: Installation, case: Case) -> None:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    _, secret = make_token(installation.acting(user.actor), user, "Program", [Permission.NOTE_WRITE.value], 1)
    answer = Client().post(
        f"/api/v1/cases/{case.uuid}/notes",
        {"text": " "},
        "application/json",
        headers={"authorization": f"Bearer {secret}", "accept-language": "es", "idempotency-key": "k-1"},
    )
    assert (answer.status_code, answer.json()["error"]) == (409, "Note: nothing is written here.")
