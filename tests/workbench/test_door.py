"""The door: log-in, lock-out, second factors, and what the installation's custody log says of them."""

import base64
import datetime
import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from web_e2e import one_time
from workbench.staff import PASSWORD, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework import people
from amparo.casework.installation import Installation
from amparo.catalogue.outbox import chain_path

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = base64.b32encode(b"not a secret of anyb").decode()


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


def account(*roles: Role, factor: bool = True) -> User:
    """Somebody with a password, and an authenticator app whose key is SECRET."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    user = person(*(roles or (Role.INVESTIGATOR,)))
    user.authenticator_set.all().delete()
    user.set_password(PASSWORD)
    user.save()
    if factor:
        TOTP.activate(user, SECRET)
        RecoveryCodes.activate(user)
    return user


def log_in(browser: Client, user: User, password: str = PASSWORD) -> Any:
    return browser.post("/account/login/", {"login": user.username, "password": password})


def events(installation: Installation) -> list[tuple[str, dict[str, Any]]]:
    """Actions and facts of the installation's chain."""
    path = chain_path(installation.settings.home, None)
    lines = map(json.loads, path.read_text().splitlines()) if path.exists() else ()
    return [(line["action"], line["facts"]) for line in lines if line["kind"] == "entry"]


def inside(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def test_password_and_code_open_and_the_session_changes_its_key(installation: Installation) -> None:
    user, browser = account(), Client()
    answer = log_in(browser, user)
    assert answer.headers["Location"] == "/account/second-factor/authenticate/"
    assert not inside(browser)
    before = browser.cookies["sessionid"].value
    browser.post("/account/second-factor/authenticate/", {"code": one_time.code(SECRET)})
    assert inside(browser)
    assert browser.cookies["sessionid"].value != before
    browser.post("/account/logout/")
    assert not inside(browser)
    number = str(user.uuid)
    assert events(installation) == [
        ("account.logged_in", {"person": number}),
        ("account.logged_out", {"person": number}),
    ]


def test_a_code_works_once(installation: Installation) -> None:
    user, code = account(), one_time.code(SECRET)
    for opens in (True, False):
        browser = Client()
        log_in(browser, user)
        browser.post("/account/second-factor/authenticate/", {"code": code})
        assert inside(browser) is opens


def test_five_wrong_passwords_pause_log_in_for_the_right_one_too(installation: Installation) -> None:
    user, browser = account(), Client()
    answers = [log_in(browser, user, f"wrong password {number}") for number in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    refused = log_in(browser, user)
    assert refused.status_code == 429
    assert "Log-in is paused" in refused.content.decode()
    assert log_in(browser, account()).status_code == 302, "others are not locked out"
    AccessAttempt.objects.update(attempt_time=datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=16))
    assert log_in(Client(), user).status_code == 302
    said = [(action, facts["person"]) for action, facts in events(installation)]
    assert said.count(("account.login_failed", str(user.uuid))) == 6
    assert said.count(("account.locked_out", str(user.uuid))) == 1


def test_five_wrong_codes_pause_codes_for_the_right_one_too(installation: Installation) -> None:
    user, browser = account(), Client()
    log_in(browser, user)
    for _ in range(5):
        browser.post("/account/second-factor/authenticate/", {"code": "wrong"})
    answer = browser.post("/account/second-factor/authenticate/", {"code": one_time.code(SECRET)})
    assert answer.status_code == 422
    assert "Five codes were wrong" in answer.content.decode()
    assert not inside(browser)
    again = Client()
    log_in(again, user)
    again.post("/account/second-factor/authenticate/", {"code": one_time.code(SECRET)})
    assert not inside(again), "a new session counts on"
    failed = ("account.login_failed", {"person": str(user.uuid), "with": "totp"})
    assert events(installation).count(failed) == 5


def test_what_was_typed_is_not_in_the_custody_log(installation: Installation) -> None:
    typed = "a password in the wrong field"
    Client().post("/account/login/", {"login": typed, "password": typed})
    assert events(installation) == [("account.login_failed", {"person": None, "with": "password"})]
    assert typed not in chain_path(installation.settings.home, None).read_text()
    assert typed not in AccessAttempt.objects.get().post_data


def test_the_database_holds_no_secret_of_a_second_factor(installation: Installation) -> None:
    user, browser = account(factor=False), Client()
    log_in(browser, user)
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    page = browser.get("/account/second-factor/totp/activate/")
    secret = page.context["form"].secret
    answer = browser.post("/account/second-factor/totp/activate/", {"code": one_time.code(secret)})
    assert answer.headers["Location"] == "/account/second-factor/recovery-codes/"
    codes = browser.get(answer.headers["Location"]).context["unused_codes"]
    assert len(codes) == 10
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    stored += json.dumps([session.get_decoded() for session in Session.objects.all()], default=str)
    assert "v1:" in stored
    assert secret not in stored
    assert not any(code in stored for code in codes)
    for row in Authenticator.objects.filter(type=Authenticator.Type.RECOVERY_CODES):
        assert row.wrap().generate_codes() == codes, "what is stored can be read with the key"
    shown_again = browser.get(answer.headers["Location"]).content.decode()
    assert not any(code[:4] in shown_again for code in codes)
    added = [facts["type"] for action, facts in events(installation) if action == "second_factor.added"]
    assert sorted(added) == ["recovery_codes", "totp"]


def test_the_last_second_factor_stays(installation: Installation) -> None:
    user, browser = account(), Client()
    reauthenticated(browser, user)
    page = browser.post("/account/second-factor/totp/deactivate/")
    assert page.status_code == 422
    assert "only second factor" in page.content.decode()
    assert user.authenticator_set.filter(type="totp").exists()
    passkey = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Key", "credential": {}})
    browser.post("/account/second-factor/totp/deactivate/")
    assert not user.authenticator_set.filter(type="totp").exists()
    page = browser.post(f"/account/second-factor/webauthn/keys/{passkey.pk}/remove/")
    assert page.status_code == 422
    assert "only second factor" in page.content.decode()
    other = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Other", "credential": {}})
    browser.post(f"/account/second-factor/webauthn/keys/{passkey.pk}/remove/")
    assert list(user.authenticator_set.filter(type="webauthn")) == [other]
    gone = [facts["type"] for action, facts in events(installation) if action == "second_factor.removed"]
    assert gone == ["totp", "webauthn"]


def test_nobody_removes_the_passkey_of_another(installation: Installation) -> None:
    passkey = Authenticator.objects.create(user=account(), type="webauthn", data={"name": "Key", "credential": {}})
    browser = Client()
    reauthenticated(browser, account())
    for act in ("remove", "edit"):
        assert browser.post(f"/account/second-factor/webauthn/keys/{passkey.pk}/{act}/").status_code == 404
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_who_was_closed_out_is_told_so_and_not_logged_in(installation: Installation) -> None:
    user, browser = account(), Client()
    people.set_active(installation, user, False)
    answer = log_in(browser, user)
    assert answer.status_code == 403
    assert "This account is closed" in answer.content.decode()
    assert not inside(browser)


def test_a_changed_password_ends_other_sessions(installation: Installation) -> None:
    user, here, there = account(), Client(), Client()
    reauthenticated(here, user)
    cache.clear()
    reauthenticated(there, user)
    new = {"oldpassword": PASSWORD, "password1": "other words are easy too", "password2": "other words are easy too"}
    assert here.post("/account/password/", new).headers["Location"] == "/account/second-factor/"
    assert inside(here)
    assert not inside(there)
    assert ("account.password_changed", {"person": str(user.uuid)}) in events(installation)


@pytest.mark.parametrize("page", ["", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "webauthn/",
                                  "webauthn/add/"])  # fmt: skip
def test_pages_of_ones_own_log_in_are_ours(page: str, installation: Installation) -> None:
    user, browser = account(), Client()
    reauthenticated(browser, user)
    answer = browser.get(f"/account/second-factor/{page}")
    assert answer.status_code == 200
    assert "workbench/door.css" in answer.content.decode()


def reauthenticated(browser: Client, user: User) -> None:
    """Logged in, and shown to be who they are a moment ago."""
    log_in(browser, user)
    browser.post("/account/second-factor/authenticate/", {"code": one_time.code(SECRET)})
    browser.post("/account/reauthenticate/", {"password": PASSWORD})


def test_other_spellings_of_a_name_are_one_name_for_the_lock(installation: Installation) -> None:
    user = account()
    spellings = [user.username, user.username.upper(), f" {user.username.title()} ", user.username.capitalize()]
    answers = [
        Client().post("/account/login/", {"login": spellings[n % 4], "password": f"wrong password {n}"})
        for n in range(5)
    ]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    for name in spellings:
        answer = Client().post("/account/login/", {"login": name, "password": PASSWORD})
        assert answer.status_code == 429, "the right password, too"
    said = [(action, facts["person"]) for action, facts in events(installation)]
    assert said.count(("account.locked_out", str(user.uuid))) == 1
    assert {person for _, person in said} == {str(user.uuid)}


def test_the_lock_ends_with_the_right_password_whatever_the_capitals(installation: Installation) -> None:
    user = account()
    for name in (user.username.upper(), user.username):
        for n in range(4):
            Client().post("/account/login/", {"login": name, "password": f"wrong password {n}"})
        browser = Client()
        browser.post("/account/login/", {"login": name, "password": PASSWORD})
        browser.post("/account/second-factor/authenticate/", {"code": one_time.code(SECRET)})
        cache.clear()
        assert inside(browser)
        user.authenticator_set.filter(type="totp").delete()
        from allauth.mfa.totp.internal.auth import TOTP

        TOTP.activate(user, SECRET)
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize("name", ["Nobody", "\N{FULLWIDTH LATIN SMALL LETTER N}OBODY", "\ufdfa" * 150])
def test_names_that_are_nobodys_are_counted_too(name: str, installation: Installation) -> None:
    for n in range(5):
        answer = Client().post("/account/login/", {"login": name, "password": f"wrong password {n}"})
    assert answer.status_code == 429
    assert len(AccessAttempt.objects.get().username) <= 255
    locked = [facts for action, facts in events(installation) if action == "account.locked_out"]
    assert locked == [{"person": None}]
