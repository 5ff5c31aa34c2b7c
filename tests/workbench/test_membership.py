"""Members of a Case, and what only those who lead it change."""

import pytest
from workbench.reading import text, worker
from workbench.staff import client, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.catalogue.models import Content, Member, Review

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
REASON = "Somebody may be in danger tonight."


def test_members_come_and_go_by_the_hand_of_who_leads(installation: Installation) -> None:
    case = new_case(installation)
    lead, browser, own = worker(installation, case, owner=True)
    ben = person(Role.EXAMINER, name="Ben")
    where = f"/cases/{case.uuid}/members/"
    for username, role, said in (("nobody", "examiner", "Nobody here"), (ben.username, "prosecutor", "does not hold")):
        answer = browser.post(where, {"username": username, "role": role})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert username in answer.content.decode()
    assert browser.post(where, {"username": ben.username, "role": "examiner"}).status_code == 302
    row = Member.objects.get(user=ben)
    assert row.given_by == lead.actor
    assert browser.post(f"{where}{row.pk}/end/").status_code == 302
    assert client(ben).get(f"/cases/{case.uuid}/").status_code == 404
    answer = browser.post(f"{where}{own.pk}/end/")
    assert answer.status_code == 422
    assert "Nobody else leads this case" in answer.content.decode()


def test_who_does_not_lead_changes_nothing_also_after_breaking_glass(installation: Installation) -> None:
    case = new_case(installation)
    _, _, own = worker(installation, case, owner=True)
    _, member_browser, _ = worker(installation, case)
    user = person(Role.INVESTIGATOR)
    browser = client(user)
    browser.post("/open-case/", {"reference": "W-1", "role": "investigator", "reason": REASON})
    taken = Member.objects.get(user=user)
    for path, form in (
        ("members/", {"username": user.username, "role": "investigator", "owner": "1"}),
        (f"members/{own.pk}/end/", {}),
        (f"members/{taken.pk}/end/", {}),
        ("two-people/", {"on": "1"}),
    ):
        answer = member_browser.post(f"/cases/{case.uuid}/{path}", form)
        assert answer.status_code == 422, path
        assert "Only who leads this case" in answer.content.decode()
        assert browser.post(f"/cases/{case.uuid}/{path}", form).status_code == 403, path
    form = {"text": "Order", "until": "2030-01-01"}
    assert browser.post(f"/cases/{case.uuid}/authorities/", form).status_code in (403, 404)
    assert case.authorities.count() == 1
    assert Member.objects.filter(ended=None).count() == 3
    case.refresh_from_db()
    assert not case.two_people


def test_a_membership_of_another_case_is_not_ended_from_here(installation: Installation) -> None:
    case, other = new_case(installation), new_case(installation, "OTHER")
    _, browser, _ = worker(installation, case, owner=True)
    _, _, elsewhere = worker(installation, other)
    assert browser.post(f"/cases/{case.uuid}/members/{elsewhere.pk}/end/").status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.ended is None


def test_two_people_are_switched_on_and_not_off_while_one_is_waited_for(installation: Installation) -> None:
    case = new_case(installation)
    _, browser, _ = worker(installation, case, owner=True)
    where = f"/cases/{case.uuid}/two-people/"
    assert browser.post(where, {"on": "1"}).status_code == 302
    assert "Two people grade" in text(browser, f"/cases/{case.uuid}/")
    Content.objects.create(
        case=case, sha256=bytes(32), sha1=bytes(20), md5=bytes(16), size=1, media_type="image/png", review=Review.SECOND
    )
    answer = browser.post(where, {"on": "0"})
    assert answer.status_code == 422
    assert "still wait for a second person" in answer.content.decode()
