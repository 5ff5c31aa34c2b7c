"""API tokens: parts of what a person may do, ended when the person is, and acts that are done once."""

import datetime
import json
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from casework.installations import actions, make
from django.db import connection
from django.utils import timezone
from workbench.staff import member, new_case, person

from amparo.accounts.models import ApiAct, ApiToken, User
from amparo.accounts.permissions import Permission, Role
from amparo.casework import tokens
from amparo.casework.installation import Installation
from amparo.casework.people import set_active
from amparo.casework.resets import ask_reset, carry_out_reset
from amparo.catalogue.outbox import chain_path
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
READ = frozenset({Permission.ITEM_READ, Permission.CASE_LIST})


@pytest.fixture
def user() -> User:
    return person(Role.EXAMINER)


@pytest.fixture
def installation(tmp_path: Path, user: User) -> Installation:
    return make(tmp_path / "home").acting(user.actor)


def test_a_secret_opens_its_token_and_is_stored_nowhere(installation: Installation, user: User) -> None:
    row, secret = tokens.make_token(installation, user, "  A   program ", READ, 30)
    found = tokens.find_token(secret)
    assert found == row
    assert (row.name, row.scopes) == ("A program", ["case.list", "item.read"])
    assert secret.startswith("amparo_")
    assert tokens.find_token(secret + "x") is None
    assert tokens.find_token("\udcff") is None
    written = chain_path(installation.settings.home, None).read_text()
    assert secret not in written
    assert ApiToken.objects.get().used is not None
    (entry,) = [each for each in map(json.loads, written.splitlines()) if each.get("action") == "token.made"]
    assert entry["facts"]["token"] == row.pk
    assert entry["actor"] == user.actor


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "Name: nothing is written here"),
        ({"name": "x" * 101}, "Name: write at most 100"),
        ({"scopes": frozenset()}, "at least one permission"),
        ({"scopes": {Permission.PEOPLE_MANAGE}}, "at least one permission"),
        ({"days": 0}, "1 to 90 days"),
        ({"days": 91}, "1 to 90 days"),
        ({"cases": {uuid.UUID(int=1)}}, "no member"),
    ],
)
def test_what_a_token_cannot_be(installation: Installation, user: User, change: dict[str, object], says: str) -> None:
    given = {"name": "x", "scopes": READ, "days": 1, **change}
    with pytest.raises(BadInput, match=says):
        tokens.make_token(installation, user, **given)  # type: ignore[arg-type]
    assert not ApiToken.objects.exists()


def test_a_token_is_for_cases_of_its_person_only(installation: Installation, user: User) -> None:
    own, other = (new_case(installation, name) for name in ("OWN", "OTHER"))
    member(installation, own, user, Role.EXAMINER)
    row, _ = tokens.make_token(installation, user, "x", READ, 1, {own.uuid})
    assert row.cases == [str(own.uuid)]
    with pytest.raises(BadInput, match="no member"):
        tokens.make_token(installation, user, "x", READ, 1, {own.uuid, other.uuid})


def test_a_person_holds_at_most_twenty(installation: Installation, user: User) -> None:
    made = [tokens.make_token(installation, user, "x", READ, 1)[0] for _ in range(tokens.MOST)]
    with pytest.raises(BadInput, match="20 tokens already"):
        tokens.make_token(installation, user, "x", READ, 1)
    assert tokens.end_token(installation, user, made[0].pk)
    tokens.make_token(installation, user, "x", READ, 1)


def test_an_ended_token_opens_nothing(installation: Installation, user: User) -> None:
    row, secret = tokens.make_token(installation, user, "x", READ, 1)
    assert not tokens.end_token(installation, person(Role.EXAMINER), row.pk), "somebody else's"
    assert tokens.find_token(secret) == row
    assert tokens.end_token(installation, user, row.pk)
    assert not tokens.end_token(installation, user, row.pk)
    assert tokens.find_token(secret) is None
    assert actions(installation, None).count("token.ended") == 1


def test_an_old_token_opens_nothing(installation: Installation, user: User) -> None:
    _, secret = tokens.make_token(installation, user, "x", READ, 1)
    ApiToken.objects.update(until=timezone.now())
    assert tokens.find_token(secret) is None


def reset(installation: Installation, user: User) -> None:
    ask_reset(installation, user)
    carry_out_reset(installation, user)


@pytest.mark.parametrize("close", [reset, lambda *given: set_active(*given, False)])
def test_tokens_end_with_the_account_and_do_not_come_back(
    installation: Installation, user: User, close: Callable[[Installation, User], object]
) -> None:
    _, secret = tokens.make_token(installation, user, "x", READ, 1)
    administrator = person(Role.ADMINISTRATOR)
    close(installation.acting(administrator.actor), user)
    set_active(installation.acting(administrator.actor), user, True)
    assert tokens.find_token(secret) is None
    assert "token.ended" in actions(installation, None)


def test_reading_does_not_write_at_each_use(
    installation: Installation, user: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    _, secret = tokens.make_token(installation, user, "x", READ, 1)
    tokens.find_token(secret)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        tokens.find_token(secret)


def test_a_key_is_forgotten_after_a_day(installation: Installation, user: User) -> None:
    row, _ = tokens.make_token(installation, user, "x", READ, 1)
    assert tokens.once(row.pk, "key", b"asked", lambda: 1) == (1, True)
    assert tokens.once(row.pk, "key", b"asked", lambda: 2) == (1, False)
    with pytest.raises(BadInput, match="another request"):
        tokens.once(row.pk, "key", b"asked otherwise", lambda: 2)
    ApiAct.objects.update(at=timezone.now() - datetime.timedelta(days=2))
    assert tokens.once(row.pk, "key", b"asked otherwise", lambda: 2) == (2, True)


def test_of_some_at_once_one_acts(installation: Installation, user: User) -> None:
    if connection.vendor == "sqlite":  # its writers wait for each other; in memory they do not even wait
        return
    row, _ = tokens.make_token(installation, user, "x", READ, 1)
    acted: list[int] = []
    begun, found = threading.Barrier(4), []

    def act() -> int:
        acted.append(1)
        return len(acted)

    def ask() -> None:
        begun.wait()
        try:
            found.append(tokens.once(row.pk, "key", b"asked", act))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(found) == [(1, False), (1, False), (1, False), (1, True)]
