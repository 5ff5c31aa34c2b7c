"""How often: a sliding minute for each person, address and token, and a page that says when it opens again."""

import threading
from typing import Any

import pytest
from casework.installations import actions
from django.conf import settings
from django.test import Client
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.casework.vault import custodians
from amparo.workbench import limits
from amparo.workbench.limits import Window

PASSPHRASE = "seven green bottles on a wall"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> None:
    few = settings.SETTINGS.model_copy(update={"rate_login": 2, "rate_search": 2, "rate_reveal": 2})
    monkeypatch.setattr(settings, "SETTINGS", few)
    monkeypatch.setattr(limits, "WINDOW", Window())


def test_the_minute_slides(clock: Clock) -> None:
    window = Window(clock)
    asked = []
    for at in (0.0, 10.0, 20.0, 59.5, 60.0, 69.0, 70.0):
        clock.now = 1000 + at
        asked.append(window.wait("api", "1", 2))
    assert asked == [0, 0, 40, 1, 0, 1, 0]


def test_whoever_waits_as_told_is_let_in(clock: Clock) -> None:
    window = Window(clock)
    for _ in range(500):
        if seconds := window.wait("api", "1", 7):
            clock.now += seconds
            assert window.wait("api", "1", 7) == 0
        clock.now += 0.37


def test_keys_and_kinds_are_counted_apart(clock: Clock) -> None:
    window = Window(clock)
    assert [window.wait(kind, key, 1) for kind in ("api", "search") for key in ("1", "2", "1")] == [0, 0, 60, 0, 0, 60]


def test_what_is_old_takes_no_memory(clock: Clock) -> None:
    window = Window(clock)
    for key in range(10_001):
        window.wait("login", str(key), 5)
    clock.now += 61
    window.wait("login", "new", 5)
    assert len(window._times) == 1


def test_threads_get_no_more_than_one_would(clock: Clock) -> None:
    window, let_in = Window(clock), []

    def ask() -> None:
        let_in.extend(1 for _ in range(200) if window.wait("api", "1", 100) == 0)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(let_in) == 100


def refused(answer: Any) -> str:
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    return str(answer.content.decode())


@pytest.mark.django_db(transaction=True)
def test_log_in_is_limited_by_address(installation: Installation, rates: None) -> None:
    for name in ("one", "two"):
        assert Client().post("/account/login/", {"login": name, "password": "wrong"}).status_code == 422
    assert "Too many tries" in refused(Client().post("/account/login/", {"login": "three", "password": "wrong"}))
    assert Client().get("/account/login/").status_code == 200
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post("/account/login/", {"login": "three", "password": "wrong"})
    assert elsewhere.status_code == 422


@pytest.mark.django_db(transaction=True)
def test_searches_and_reveals_are_limited_by_person(installation: Installation, rates: None) -> None:
    case = new_case(installation)
    first, second = person(Role.EXAMINER), person(Role.EXAMINER)
    for user in (first, second):
        member(installation, case, user, Role.EXAMINER)
    items = f"/cases/{case.uuid}/items/"
    browser = client(first)
    assert [browser.get(items, {"q": "x"}).status_code for _ in range(3)] == [200, 200, 429]
    assert [browser.get(items).status_code for _ in range(3)] == [200] * 3, "without words it is no search"
    assert client(second).get(items, {"q": "x"}).status_code == 200
    reveal = f"{items}999/reveal/"
    assert [browser.post(reveal).status_code for _ in range(3)] == [404, 404, 429]
    assert "Wait" in refused(browser.post(reveal, headers={"Accept": "application/json"}))


def test_a_wait_may_be_longer_than_a_minute(clock: Clock) -> None:
    window = Window(clock)
    asked = []
    for at in (0.0, 70.0, 80.0, 899.0, 900.0):
        clock.now = 1000 + at
        asked.append(window.wait("glass", "1", 2, 900))
    assert asked == [0, 0, 820, 1, 0]
    window.take_back("glass", "1")
    assert window.wait("glass", "1", 2, 900) == 0, "what was taken back does not count"
    window.take_back("glass", "nobody")


@pytest.mark.django_db(transaction=True)
def test_breaking_glass_is_limited_by_person(installation: Installation) -> None:
    case = new_case(installation, "W-1")
    member(installation, case, person(Role.INVESTIGATOR), Role.INVESTIGATOR, owner=True)
    browser, other = client(person(Role.EXAMINER)), client(person(Role.EXAMINER))
    given = {"role": "examiner", "reason": "Somebody may be in danger tonight."}
    for _ in range(6):  # what is wrong with a form is no guess
        assert browser.post("/open-case/", {"reference": "W-9", **given, "reason": "short"}).status_code == 422
    guesses = [browser.post("/open-case/", {"reference": f"W-{n}", **given}) for n in range(2, 8)]
    assert [answer.status_code for answer in guesses] == [404] * 5 + [429]
    assert 60 < int(guesses[-1].headers["Retry-After"]) <= 900
    assert "15 minutes" in guesses[-1].content.decode()
    assert browser.post("/open-case/", {"reference": "W-1", **given}).status_code == 429, "the right one, too"
    assert browser.get("/open-case/").status_code == 200
    assert other.post("/open-case/", {"reference": "W-1", **given}).status_code == 302
    assert actions(installation, None).count("glass.refused") == 5


@pytest.mark.django_db(transaction=True)
def test_wrong_passphrases_of_a_custodian_are_limited_and_right_ones_are_not(installation: Installation) -> None:
    keeper, colleague = person(Role.CUSTODIAN), person(Role.CUSTODIAN)
    for user in (keeper, colleague):
        custodians.make_key(installation, user, PASSPHRASE, PASSPHRASE)
    browser = client(keeper)
    for _ in range(6):
        assert browser.post("/vault/renewal/", {"passphrase": PASSPHRASE}).status_code == 302
    wrong = {"passphrase": "another passphrase here"}
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = browser.cookies
    said = []
    for _ in range(6):
        said.append(browser.post("/vault/renewal/", wrong).status_code)
        assert forged.post("/vault/renewal/", wrong).status_code == 403, "which takes nothing back"
        assert browser.get("/vault/").status_code == 200
    assert said == [422] * 5 + [429]
    for where in ("/vault/renewal/", "/vault/requests/1/"):
        assert browser.post(where, {"passphrase": PASSPHRASE}).status_code == 429, "counted together"
    assert client(colleague).post("/vault/renewal/", {"passphrase": PASSPHRASE}).status_code == 302
