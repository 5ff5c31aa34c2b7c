"""One's own tokens in the browser: made after the second factor, shown once, ended."""

import re
import time

import pytest
from django.test import Client
from workbench.keys import ask
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import ApiToken, User
from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.catalogue.models import Case
from amparo.workbench.account.tokens import NAMES
from amparo.workbench.api.routes import SCOPES

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = "/own/tokens/"


def confirmed(user: User, ago: float = 0) -> Client:
    """A browser in whose session this person passed the second factor so many seconds ago."""
    browser = client(user)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - ago, "type": "totp"}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser


@pytest.fixture
def case(installation: Installation) -> Case:
    return new_case(installation, "W-1")


@pytest.fixture
def user(installation: Installation, case: Case) -> User:
    user = person(Role.EXAMINER)
    member(installation, case, user, Role.EXAMINER)
    return user


def form(**change: object) -> dict[str, object]:
    return {"name": "Nightly numbers", "days": "30", "scope": ["case.list", "case.read"], **change}


def test_every_scope_has_words_and_nothing_else_is_offered() -> None:
    assert set(NAMES) == SCOPES


def test_a_token_is_made_shown_once_and_works(user: User, case: Case) -> None:
    browser = confirmed(user)
    page = browser.post(WHERE, form()).content.decode()
    found = re.search(r"amparo_[\w-]{43}", page)
    assert found
    assert "It is shown only now" in page
    again = browser.get(WHERE).content.decode()
    assert "Nightly numbers" in again
    assert found[0] not in again
    assert ask(found[0], "cases").json()["rows"][0]["reference"] == "W-1"
    assert ask(found[0], f"cases/{case.uuid}/items").status_code == 403


def test_without_the_second_factor_there_is_no_form_and_no_token(user: User) -> None:
    for browser in (client(user), confirmed(user, 601)):
        page = browser.get(WHERE).content.decode()
        assert "Confirm with your second factor" in page
        assert 'name="scope"' not in page
        answer = browser.post(WHERE, form())
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/second-factor/reauthenticate/")
    assert not ApiToken.objects.exists()


def test_a_refused_form_keeps_what_was_typed(user: User, case: Case) -> None:
    answer = confirmed(user).post(WHERE, form(days="91", case=[str(case.uuid)]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 to 90 days" in page
    assert 'value="Nightly numbers"' in page
    assert re.search(r'value="case.read" checked', page)
    assert re.search(rf'value="{case.uuid}" checked', page)
    for wrong in ({"case": ["no-uuid"]}, {"days": "x"}, {"scope": ["people.manage"]}, {"scope": []}):
        assert confirmed(user).post(WHERE, form(**wrong)).status_code == 422


def test_only_what_the_person_may_do_is_offered(installation: Installation, user: User) -> None:
    page = confirmed(person(Role.SOCIAL_WORKER)).get(WHERE).content.decode()
    assert "Read and write notes" in page
    assert "Grade in your name" not in page
    assert "nothing that a program could do" in confirmed(person(Role.CUSTODIAN)).get(WHERE).content.decode()


def test_nobody_ends_the_token_of_another(user: User) -> None:
    confirmed(user).post(WHERE, form())
    key = ApiToken.objects.get().pk
    assert client(person(Role.EXAMINER)).post(f"{WHERE}{key}/end/").status_code == 404
    assert ApiToken.objects.get().ended is None
    assert client(user).post(f"{WHERE}{key}/end/").status_code == 302
    assert ApiToken.objects.get().ended is not None
    assert client(user).post(f"{WHERE}{key}/end/").status_code == 404
