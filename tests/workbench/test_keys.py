"""Keys of a person: shown where they act, changed and refused on their page, and nobody else's."""

import re

import pytest
from django.test import Client
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import Preference, User
from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.catalogue.models import Content
from amparo.workbench.triage.keymap import LEFT, USUAL, keymap

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user(installation: Installation) -> User:
    return person(Role.INVESTIGATOR)


def text(browser: Client, where: str) -> str:
    return " ".join(browser.get(where).content.decode().split())


def typed(**changed: str) -> dict[str, str]:
    return {**USUAL, **changed}


def test_a_changed_key_stands_on_the_triage_page_and_for_this_person_alone(
    installation: Installation, user: User
) -> None:
    case, other = new_case(installation), person(Role.INVESTIGATOR)
    for each in (user, other):
        member(installation, case, each, Role.INVESTIGATOR)
    digest = bytes(32)
    content = Content.objects.create(case=case, sha256=digest, sha1=digest[:20], md5=digest[:16], size=1)
    browser = client(user)
    assert browser.post("/keys/", typed(undo="B", flag="")).status_code == 302
    where = f"/cases/{case.uuid}/triage/"
    shown = text(browser, where)
    assert 'value="undo" data-key="b"><kbd aria-hidden="true">B</kbd>' in shown
    assert 'value="flag" data-key=""> Flag' in shown
    assert 'value="undo" data-key="u"' in text(client(other), where)
    act = {"content": content.pk, "act": "0", "queue": "open"}
    said = browser.post(f"{where}act/", act, headers={"X-Amparo-Part": "1"}).content.decode()
    assert "Undo: B." in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"undo": "f"}, "The key F would do two things"),
        ({"undo": "F", "flag": "f"}, "The key F would do two things"),
        ({"undo": "uu"}, "needs one key"),
        ({"undo": "\x07"}, "needs one key"),
        ({"show": "5"}, "has to be a letter"),
    ],
)
def test_a_map_that_is_no_good_is_refused_and_what_was_typed_stays(
    changed: dict[str, str], said: str, user: User
) -> None:
    answer = client(user).post("/keys/", typed(search="y", **changed))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'name="search" value="Y"' in answer.content.decode()
    assert keymap(user) == USUAL


def test_every_key_can_be_off(user: User) -> None:
    assert client(user).post("/keys/", {}).status_code == 302
    assert set(keymap(user).values()) == {""}


def test_keys_for_the_left_hand_and_back(user: User) -> None:
    browser = client(user)
    browser.post("/keys/", {"act": "left"})
    assert keymap(user) == LEFT
    found = dict(re.findall(r'name="(\w+)" value="(.)" maxlength="1"', text(browser, "/keys/")))
    assert found == {name: key.upper() for name, key in LEFT.items()}
    browser.post("/keys/", {"act": "usual"})
    assert keymap(user) == USUAL
    assert not Preference.objects.exists()


@pytest.mark.parametrize("keys", [USUAL, LEFT])
def test_no_set_uses_a_key_twice(keys: dict[str, str]) -> None:
    assert len(set(keys.values())) == len(keys)
