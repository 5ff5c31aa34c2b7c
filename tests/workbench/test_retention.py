"""Pages of retention: last days that near, holds, and erasure that takes two people."""

import datetime

import pytest
from casework.installations import actions
from django.test import Client
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework import worker
from amparo.casework.installation import Installation
from amparo.casework.retention import place_hold
from amparo.catalogue.models import Case, Erasure, Job, LegalHold, Retention

pytestmark = pytest.mark.django_db(transaction=True)
GROUND = "Rule 4 of the office, file 88"


def leader(installation: Installation, case: Case, owner: bool = True) -> tuple[User, Client]:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR, owner)
    user.notices.all().delete()
    return user, client(user)


def text(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2]


@pytest.mark.parametrize(
    ("days", "said", "listed"),
    [(91, "", False), (90, "90 more days", True), (0, "0 more days", True), (-1, "1 day ago", True)],
)
def test_a_last_day_warns_from_ninety_days_before(
    days: int, said: str, listed: bool, installation: Installation
) -> None:
    case = new_case(installation)
    _, browser = leader(installation, case)
    until = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)
    form = {"until": until.isoformat(), "ground": GROUND}
    assert browser.post(f"/cases/{case.uuid}/retention/until/", form).status_code == 302
    row = Retention.objects.get(case=case)
    assert (row.keep_until, row.ground) == (until, GROUND)
    shown = text(browser, f"/cases/{case.uuid}/")
    assert (said in shown) if said else ("more day" not in shown)
    assert (case.reference in text(browser, "/retention/")) == listed
    assert ("/retention/" in text(browser, "/")) == listed
    _, other = leader(installation, case, owner=False)
    assert case.reference not in text(other, "/retention/"), "only who leads a case decides about it"
    form["until"] = "2150-01-01"
    browser.post(f"/cases/{case.uuid}/retention/until/", form)
    assert case.reference not in text(browser, "/retention/"), "the newest statement counts"


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("until/", {"until": "31/12/2030", "ground": GROUND}, "not a date"),
        ("until/", {"until": "9999-12-31", "ground": GROUND}, "too far ahead"),
        ("until/", {"until": "2031-12-31", "ground": "short"}, "Ground: write at least 10 characters (now: 5)."),
        ("hold/", {"reason": "x"}, "Reason: write at least 10 characters (now: 1)."),
        ("erasures/", {"what": "", "because": GROUND}, "Choose what"),
        ("erasures/", {"what": "content", "because": GROUND}, "Give the SHA-256"),
        ("erasures/", {"what": "content", "because": GROUND, "sha256": "ab" * 32}, "no content with that"),
        ("erasures/", {"what": "case", "because": GROUND}, "Nobody else leads"),
    ],
)
def test_what_is_refused_is_said_on_the_page(
    path: str, form: dict[str, str], said: str, installation: Installation
) -> None:
    case = new_case(installation)
    _, browser = leader(installation, case)
    answer = browser.post(f"/cases/{case.uuid}/retention/{path}", form)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert said in shown
    assert all(value in shown for value in form.values())
    assert not Retention.objects.exists() and not LegalHold.objects.exists() and not Erasure.objects.exists()


def test_a_hold_is_placed_by_any_investigator_and_lifted_by_who_leads(installation: Installation) -> None:
    case = new_case(installation)
    _, owner = leader(installation, case)
    _, browser = leader(installation, case, owner=False)
    path = f"/cases/{case.uuid}/retention/"
    assert browser.post(f"{path}hold/", {"reason": "Order 5 of the court"}).status_code == 302
    row = LegalHold.objects.get()
    assert "A legal hold stands" in text(browser, f"/cases/{case.uuid}/")
    assert browser.post(f"{path}hold/{row.pk}/lift/", {"why": "Order 6 of the court"}).status_code == 422
    assert owner.post(f"{path}hold/{row.pk}/lift/", {"why": "Order 6 of the court"}).status_code == 302
    assert owner.post(f"{path}hold/{row.pk}/lift/", {"why": "Order 6 of the court"}).status_code == 422
    assert "A legal hold stands" not in text(browser, f"/cases/{case.uuid}/")
    assert actions(installation, case)[-2:] == ["hold.placed", "hold.lifted"]


def test_erasure_takes_two_people_who_lead_and_the_typed_reference(installation: Installation) -> None:
    case = new_case(installation)
    ana, asks = leader(installation, case)
    ben, decides = leader(installation, case)
    path = f"/cases/{case.uuid}/retention/"
    assert asks.post(f"{path}erasures/", {"what": "case", "because": GROUND}).status_code == 302
    row = Erasure.objects.get()
    assert [notice.kind for notice in ben.notices.all()] == ["erasure.asked"]
    assert not ana.notices.exists()
    begin = f"{path}erasures/{row.pk}/begin/"
    assert "Erase the whole case" not in text(asks, path).partition('id="erasure"')[2].partition('id="ask"')[0]
    assert "yourself" in asks.post(begin, {"reference": "W-1"}).content.decode()
    assert "Erase the whole case" in text(decides, path)
    assert "does not match" in decides.post(begin, {"reference": "w-1"}).content.decode()
    assert not Job.objects.exists()
    assert decides.post(begin, {"reference": "W-1"}).status_code == 302
    assert "This case is being erased" in text(asks, f"/cases/{case.uuid}/")
    assert "See how far it is" in text(asks, path)
    job = worker.run_next(installation)
    assert job is not None
    case.refresh_from_db()
    assert case.reference.startswith("erased-")
    for user, browser in ((ana, asks), (ben, decides)):
        assert browser.get(path).status_code == 404
        assert [notice.kind for notice in user.notices.all()] == ["erasure.done"]
        assert str(case.uuid)[:8] in browser.get("/").content.decode()


def test_a_question_is_refused_or_taken_back(installation: Installation) -> None:
    case = new_case(installation)
    _, asks = leader(installation, case)
    _, decides = leader(installation, case)
    path = f"/cases/{case.uuid}/retention/"
    for browser in (asks, decides):
        asks.post(f"{path}erasures/", {"what": "case", "because": GROUND})
        row = Erasure.objects.latest("pk")
        assert browser.post(f"{path}erasures/{row.pk}/refuse/").status_code == 302
        assert browser.post(f"{path}erasures/{row.pk}/refuse/").status_code == 422
    assert "refused" in text(asks, path)
    assert not Job.objects.exists()


def test_holds_and_erasures_of_another_case_are_not_found(installation: Installation) -> None:
    case, other = new_case(installation), new_case(installation, "W-2")
    _, browser = leader(installation, case)
    hold = place_hold(installation, other, "Order 5 of the court")
    now = datetime.datetime.now(datetime.UTC)
    row = Erasure.objects.create(case=other, whole=True, ground=GROUND, asked=now, asked_by="account:x")
    path = f"/cases/{case.uuid}/retention/"
    for below in (f"hold/{hold.pk}/lift/", f"erasures/{row.pk}/refuse/", f"erasures/{row.pk}/begin/"):
        assert browser.post(path + below, {"why": GROUND, "reference": "W-2"}).status_code == 404
