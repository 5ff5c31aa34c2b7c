"""Pages of persons: who sees them, what is kept apart, and that a victim's page is never opened unseen."""

import re
from pathlib import Path

import pytest
from casework.installations import actions
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.casework.persons import add_person, state, withdraw
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Item, Person, Statement

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"pseudonym": "Person A", "role": "victim", "basis": "fact", "origin": "Interview of 4 May", "text": "Is 12"}


def worker(installation: Installation, case: Case, role: Role = Role.INVESTIGATOR) -> Client:
    user = person(role)
    member(installation, case, user, role)
    return client(user)


def text(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2]


def test_a_person_is_added_with_a_role_that_is_fact_or_assessment(installation: Installation) -> None:
    case = new_case(installation)
    browser = worker(installation, case)
    shown = text(browser, f"/cases/{case.uuid}/persons/new/")
    assert 'value="Person A"' in shown
    assert "No real names" in shown
    answer = browser.post(f"/cases/{case.uuid}/persons/new/", FORM)
    row = Person.objects.get(case=case)
    assert answer.headers["Location"] == f"/cases/{case.uuid}/persons/{row.pk}/"
    said = Statement.objects.get(person=row)
    assert (said.role, said.basis, said.origin, said.text) == ("victim", "fact", "Interview of 4 May", "Is 12")
    assert 'value="Person B"' in text(browser, f"/cases/{case.uuid}/persons/new/")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"pseudonym": " "}, "Pseudonym: nothing is written here."),
        ({"role": ""}, "Choose a role"),
        ({"role": "villain"}, "no such role"),
        ({"basis": ""}, "fact or an assessment"),
        ({"origin": ""}, "Where it comes from: nothing is written here."),
        ({"text": "x" * 2_001}, "at most 2,000"),
        ({"pseudonym": "Taken"}, "called “Taken” already"),
    ],
)
def test_a_refused_person_says_why_and_keeps_what_was_typed(
    wrong: dict[str, str], told: str, installation: Installation
) -> None:
    case = new_case(installation)
    add_person(installation, case, "Taken", "contact", "fact", "Interview")
    answer = worker(installation, case).post(f"/cases/{case.uuid}/persons/new/", FORM | wrong)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert told in shown
    assert (FORM["text"] if "origin" in wrong else FORM["origin"]) in shown
    assert Person.objects.count() == 1


def test_opening_the_page_of_a_victim_is_on_record_and_of_others_is_not(installation: Installation) -> None:
    case = new_case(installation)
    victim = add_person(installation, case, "Person A", "victim", "fact", "Interview")
    contact = add_person(installation, case, "Person B", "contact", "fact", "Interview")
    browser = worker(installation, case)
    for row in (contact, victim):
        text(browser, f"/cases/{case.uuid}/persons/{row.pk}/")
    assert actions(installation, case).count("person.seen") == 1
    withdraw(installation, victim.statements.get())
    text(browser, f"/cases/{case.uuid}/persons/{victim.pk}/")
    browser.post(f"/cases/{case.uuid}/persons/{victim.pk}/statements/", {"text": "x", "basis": "", "origin": "y"})
    assert actions(installation, case).count("person.seen") == 3, "also who was said to be one, also after an error"
    text(browser, f"/cases/{case.uuid}/persons/")
    assert actions(installation, case).count("person.seen") == 3


def test_facts_and_assessments_stand_apart_and_what_is_withdrawn_stays(installation: Installation) -> None:
    case = new_case(installation)
    row = add_person(installation, case, "Person A", "suspect", "assessment", "Ana's conclusion")
    browser = worker(installation, case)
    form = {"text": "Lives abroad", "basis": "fact", "origin": "Register, page 2", "role": "", "item": ""}
    assert browser.post(f"/cases/{case.uuid}/persons/{row.pk}/statements/", form).status_code == 302
    shown = text(browser, f"/cases/{case.uuid}/persons/{row.pk}/")
    facts, _, assessments = shown.partition('id="assessment"')
    assert "Lives abroad" in facts and "Lives abroad" not in assessments
    assert "conclusion" in assessments and "conclusion" not in facts
    said = Statement.objects.get(text="Lives abroad")
    path = f"/cases/{case.uuid}/persons/statements/{said.pk}/withdraw/"
    assert browser.post(path).status_code == 302
    assert browser.post(path).status_code == 422
    shown = text(browser, f"/cases/{case.uuid}/persons/{row.pk}/")
    assert "1 withdrawn statement" in shown
    assert "Lives abroad" in shown.partition("withdrawn statement")[2]
    said.refresh_from_db()
    assert said.text == "Lives abroad"


def test_who_reads_no_items_sees_no_link_to_one_and_cannot_give_one(installation: Installation, tmp_path: Path) -> None:
    case = new_case(installation)
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "a.txt").write_text("rose")
    scan(installation, str(tmp_path / "e"), "W-1")
    item = Item.objects.order_by("pk").last()
    row = add_person(installation, case, "Person A", "victim", "fact", "Interview")
    state(installation, row, "", "Shown in it", "fact", "The item", item)
    assert item is not None
    link = f"/cases/{case.uuid}/items/{item.pk}/"
    page = f"/cases/{case.uuid}/persons/{row.pk}/"
    assert link in text(worker(installation, case), page)
    social = worker(installation, case, Role.SOCIAL_WORKER)
    shown = text(social, page)
    assert link not in shown
    assert "rests on an item" in shown
    form = {"text": "More", "basis": "fact", "origin": "Interview", "role": "", "item": str(item.pk)}
    assert social.post(f"{page}statements/", form).status_code == 302
    assert Statement.objects.get(text="More").item is None


def test_an_item_of_another_case_is_no_ground_and_a_person_of_another_case_is_not_found(
    installation: Installation, tmp_path: Path
) -> None:
    case, other = new_case(installation), new_case(installation, "W-2")
    (tmp_path / "e").mkdir()
    scan(installation, str(tmp_path / "e"), "W-2")
    item = Item.objects.order_by("pk").last()
    row = add_person(installation, case, "Person A", "contact", "fact", "Interview")
    theirs = add_person(installation, other, "Person A", "contact", "fact", "Interview")
    browser = worker(installation, case)
    form = {"text": "x", "basis": "fact", "origin": "y", "role": "", "item": str(item.pk if item else 0)}
    answer = browser.post(f"/cases/{case.uuid}/persons/{row.pk}/statements/", form)
    assert answer.status_code == 422
    assert "no item with that number" in answer.content.decode()
    said = theirs.statements.get()
    assert browser.get(f"/cases/{case.uuid}/persons/{theirs.pk}/").status_code == 404
    assert browser.post(f"/cases/{case.uuid}/persons/{theirs.pk}/statements/", form).status_code == 404
    assert browser.post(f"/cases/{case.uuid}/persons/statements/{said.pk}/withdraw/").status_code == 404
    said.refresh_from_db()
    assert said.withdrawn is None


@pytest.mark.parametrize("role", [Role.PROSECUTOR])
def test_prosecutors_see_no_person(role: Role, installation: Installation) -> None:
    case = new_case(installation)
    row = add_person(installation, case, "Person A", "victim", "fact", "Interview")
    browser = worker(installation, case, role)
    assert browser.get(f"/cases/{case.uuid}/persons/").status_code == 403
    assert browser.get(f"/cases/{case.uuid}/persons/{row.pk}/").status_code == 403
    assert "Person A" not in text(browser, f"/cases/{case.uuid}/")


@pytest.mark.database
def test_victims_come_first_and_pages_join_in_as_many_queries_for_more(
    installation: Installation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = new_case(installation)
    for number in range(60):
        role = "victim" if number % 3 == 2 else "contact"
        add_person(installation, case, f"Person {number:02}", role, "fact", "Interview")
    browser = worker(installation, case)
    with django_assert_max_num_queries(24):
        first = text(browser, f"/cases/{case.uuid}/persons/")
    (more,) = re.findall(r'href="(\?after=\d\.\d+)"', first)
    second = text(browser, f"/cases/{case.uuid}/persons/{more}")
    names = re.findall(r"<bdi>Person (\d\d)</bdi>", first) + re.findall(r"<bdi>Person (\d\d)</bdi>", second)
    victims = [f"{n:02}" for n in range(60) if n % 3 == 2]
    assert names == victims + [f"{n:02}" for n in range(60) if n % 3 != 2]
    assert "Person 02" in text(browser, f"/cases/{case.uuid}/persons/?after=x.y")
