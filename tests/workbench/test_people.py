"""The administrator's pages: inviting, roles, closing accounts, new second factors; and the links they make."""

import datetime
import re
import uuid
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from workbench.staff import PASSWORD, client, member, new_case, person

from amparo.accounts.models import Invitation, User
from amparo.accounts.permissions import Role
from amparo.casework import people
from amparo.casework.installation import Installation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(installation: Installation) -> Client:
    return client(person(Role.ADMINISTRATOR, name="Admin"))


def link_in(answer: Any) -> str:
    found = re.search(r"http://testserver(/welcome/[\w-]+/)", answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_list_names_who_is_here_and_no_case(admin: Client, installation: Installation) -> None:
    ana = person(Role.INVESTIGATOR, Role.EXAMINER, name="Ana")
    member(installation, new_case(installation, "SECRET-7"), ana, Role.INVESTIGATOR)
    bela = person(name="Bela")
    bela.authenticator_set.all().delete()
    people.set_active(installation, bela, False)
    listed = words(admin.get("/people/"))
    assert "Examiner, Investigator" in listed
    assert re.search(rf"{bela.username}.*?None.*?Not set up.*?No.*?Never", listed)
    assert "SECRET-7" not in listed
    assert "SECRET-7" not in words(admin.get(f"/people/{ana.uuid}/"))


def test_a_long_list_comes_in_pages_of_few_queries(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.bulk_create([User(username=f"z{number:04}", name=f"Nobody {number}") for number in range(230)])
    seen, where = set(), "/people/"
    while where:
        with django_assert_max_num_queries(12):
            page = admin.get(where).content.decode()
        new = set(re.findall(r"z\d{4}", re.sub(r"href=\"[^\"]*\"", "", page)))
        assert not seen & new
        seen |= new
        more = re.search(r'href="(\?after=[^"]+|/people/\?after=[^"]+)"', page)
        where = more[1] if more else ""
    assert len(seen) == 230


def test_an_invitation_shows_its_link_once_and_the_link_makes_the_account(admin: Client) -> None:
    answer = admin.post("/people/invite/", {"name": "Ana", "roles": ["examiner"]})
    link = link_in(answer)
    assert link not in admin.get("/people/").content.decode()
    guest = Client()
    assert "Scans evidence" in words(guest.get(link))
    made = guest.post(link, {"name": "Ana B", "username": "ana", "password": PASSWORD, "again": PASSWORD})
    assert made.headers["Location"] == "/account/second-factor/"
    assert User.objects.get(username="ana").held() == {Role.EXAMINER}
    assert "Set up a second factor" in words(guest.get("/account/second-factor/"))
    assert guest.get("/account/second-factor/totp/activate/").status_code == 200, "the password is not asked for again"
    assert guest.get(link).status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "Ana"}, "An invitation needs a role."),
        ({"name": "Ana", "roles": ["emperor"]}, "An invitation needs a role."),
        ({"name": "A\x07", "roles": ["examiner"]}, "Name: character number 2 (U+0007) cannot be stored."),
        ({"name": "A" * 201, "roles": ["examiner"]}, "Name: write at most 200 characters (now: 201)."),
    ],
)
def test_a_bad_invitation_is_not_made(admin: Client, given: dict[str, Any], said: str) -> None:
    answer = admin.post("/people/invite/", given)
    assert answer.status_code == 422
    assert said in words(answer)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"again": "another password here"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "This password is too short."),
        ({"username": "with space"}, "A user name has"),
    ],
)
def test_a_bad_welcome_keeps_what_was_typed(admin: Client, changed: dict[str, str], said: str) -> None:
    link = link_in(admin.post("/people/invite/", {"name": "Ana", "roles": ["examiner"]}))
    typed = "nine trees near a lake"
    given = {"name": "Ana B", "username": "ana", "password": typed, "again": typed, **changed}
    answer = Client().post(link, given)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "Ana B" in words(answer)
    assert typed not in answer.content.decode()


def test_roles_are_what_is_ticked(admin: Client) -> None:
    user = person(Role.INVESTIGATOR)
    admin.post(f"/people/{user.uuid}/", {"roles": ["examiner", "auditor"]})
    assert user.held() == {Role.EXAMINER, Role.AUDITOR}


def test_the_last_administrator_stays(installation: Installation) -> None:
    only = person(Role.ADMINISTRATOR)
    browser = client(only)
    for where, given in ((f"/people/{only.uuid}/", {"roles": ["auditor"]}), (f"/people/{only.uuid}/active/", {})):
        answer = browser.post(where, given)
        assert answer.status_code == 422
        assert "Nobody else is an administrator." in words(answer)
    only.refresh_from_db()
    assert only.is_active
    assert only.held() == {Role.ADMINISTRATOR}


def test_closing_an_account_ends_its_sessions_for_good(admin: Client) -> None:
    user = person(Role.INVESTIGATOR)
    theirs = client(user)
    assert theirs.get("/").status_code == 200
    admin.post(f"/people/{user.uuid}/active/", {"active": "0"})
    assert theirs.get("/").status_code == 302
    admin.post(f"/people/{user.uuid}/active/", {"active": "1"})
    assert theirs.get("/").status_code == 302, "a session does not come back"
    assert admin.get("/").status_code == 200


def test_a_new_second_factor_needs_the_link(admin: Client) -> None:
    user = person(Role.INVESTIGATOR, name="Ana")
    user.set_password(PASSWORD)
    user.save()
    theirs = client(user)
    link = link_in(admin.post(f"/people/{user.uuid}/second-factor/", {"act": "ask"}))
    assert theirs.get("/").status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
    old = Client()
    assert old.post("/account/login/", {"login": user.username, "password": PASSWORD}).status_code == 422
    assert old.get("/account/second-factor/").status_code == 302, "the password alone opens nothing"
    new = "other words are easy too"
    answer = old.post(link, {"password": new, "again": new})
    assert answer.headers["Location"] == "/account/second-factor/"
    assert old.get("/").headers["Location"] == "/account/second-factor/"
    user.refresh_from_db()
    assert user.check_password(new)
    assert user.held() == {Role.INVESTIGATOR}
    assert User.objects.count() == 2
    assert old.get(link).status_code == 404


def test_nobody_resets_their_own_second_factor(installation: Installation) -> None:
    user = person(Role.ADMINISTRATOR)
    answer = client(user).post(f"/people/{user.uuid}/second-factor/", {"act": "ask"})
    assert answer.status_code == 422
    assert user.authenticator_set.count() == 1


def test_a_person_who_does_not_exist_is_not_found(admin: Client) -> None:
    for page, method in (("", "get"), ("", "post"), ("active/", "post"), ("second-factor/", "post")):
        assert getattr(admin, method)(f"/people/{uuid.uuid4()}/{page}").status_code == 404


def test_a_second_administrator_agrees_on_the_page(admin: Client) -> None:
    other, user = client(person(Role.ADMINISTRATOR, name="Ada")), person(Role.INVESTIGATOR, name="Ana")
    here = f"/people/{user.uuid}/"
    asked = admin.post(f"{here}second-factor/", {"act": "ask"}, follow=True)
    assert "/welcome/" not in words(asked)
    assert "Another administrator has to agree before you get the link" in words(asked)
    assert admin.post(f"{here}second-factor/", {"act": "link"}).status_code == 422
    assert "Admin asks to take away" in words(other.get(here))
    assert 'value="agree"' in words(other.get(here))
    other.post(f"{here}second-factor/", {"act": "agree"})
    assert 'value="link"' not in words(other.get(here))
    assert "Ada agreed" in words(admin.get(here))
    assert link_in(admin.post(f"{here}second-factor/", {"act": "link"}))


def test_an_act_that_is_none_is_refused(admin: Client) -> None:
    user = person(Role.INVESTIGATOR)
    assert admin.post(f"/people/{user.uuid}/second-factor/", {"act": "none"}).status_code == 422


def test_open_invitations_are_listed_and_withdrawn(admin: Client) -> None:
    link = link_in(admin.post("/people/invite/", {"name": "Ana", "roles": ["examiner"]}))
    listed = words(admin.get("/people/invitations/"))
    for said in ("Ana", "Examiner", "Admin", "UTC", "Withdraw"):
        assert said in listed
    row = Invitation.objects.get()
    after = admin.post("/people/invitations/", {"invitation": row.pk}, follow=True)
    assert ">Withdrawn</td>" in words(after)
    assert Client().get(link).status_code == 404
    assert admin.post("/people/invitations/", {"invitation": row.pk}).status_code == 422
    Invitation.objects.update(withdrawn=None)
    assert ">Expired</td>" in words(admin.get("/people/invitations/"))


def test_a_page_says_when_one_goes_on_alone_after_the_other_administrator_left(installation: Installation) -> None:
    first, second = person(Role.ADMINISTRATOR, name="Admin"), person(Role.ADMINISTRATOR, name="Ada")
    user, browser = person(Role.INVESTIGATOR, name="Ana"), client(first)
    here = f"/people/{user.uuid}/"
    browser.post(f"/people/{second.uuid}/", {"roles": ["examiner"]})
    shown = words(browser.post(f"{here}second-factor/", {"act": "ask"}, follow=True))
    assert "/welcome/" not in shown
    when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=7)
    assert re.search(rf"nobody else is one now\. .*{when:%Y-%m-%d} \d\d:\d\d UTC", shown)
    refused = browser.post(f"{here}second-factor/", {"act": "link"})
    assert refused.status_code == 422
    assert "seven days" in words(refused)
    assert "Admin ended the role administrator of Ada." in words(client(second).get("/"))


def test_a_closed_account_of_an_administrator_is_told_to_the_others(admin: Client) -> None:
    second, third = person(Role.ADMINISTRATOR, name="Ada"), person(Role.ADMINISTRATOR)
    closed = admin.post(f"/people/{second.uuid}/active/", {"active": "0"}, follow=True)
    assert "all roles but administrator" in words(closed)
    assert "Admin closed the account of Ada, who was an administrator." in words(client(third).get("/"))
