"""Administrators among themselves: nobody ends another's part silently, and nobody alone by doing so."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from casework.installations import make
from workbench.staff import person

from amparo.accounts.models import Reset, RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework import people
from amparo.casework.administrators import FORMER
from amparo.casework.installation import Installation
from amparo.casework.invitations import VALID, open_invitation
from amparo.casework.resets import agree_reset, alone_from, ask_reset, carry_out_reset, needs_second, open_reset
from amparo.catalogue.models import Notice
from amparo.catalogue.outbox import chain_path
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def events(installation: Installation) -> list[tuple[str, dict[str, Any]]]:
    lines = map(json.loads, chain_path(installation.settings.home, None).read_text().splitlines())
    return [(line["action"], line["facts"]) for line in lines if line["kind"] == "entry"]


def told(user: User) -> list[str]:
    return list(user.notices.order_by("pk").values_list("kind", flat=True))


def end_role(installation: Installation, user: User) -> None:
    people.set_roles(installation, user, [Role.EXAMINER])


def close(installation: Installation, user: User) -> None:
    people.set_active(installation, user, False)


def days_pass(days: float) -> None:
    """Everything that ended, ended so many days earlier."""
    for row in RoleGrant.objects.exclude(ended=None):
        assert row.ended is not None
        row.ended -= datetime.timedelta(days=days)
        row.save()


@pytest.mark.parametrize("end", [end_role, close])
@pytest.mark.parametrize("asked_before", [True, False])
def test_who_ends_the_other_administrator_cannot_take_over_an_account_alone(
    end: Any, asked_before: bool, installation: Installation
) -> None:
    first, second, user = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR), person(Role.EXAMINER)
    acting = installation.acting(first.actor)
    if asked_before:
        ask_reset(acting, user)
    end(acting, second)
    if not asked_before:
        ask_reset(acting, user)
    assert needs_second(user, first.actor)
    with pytest.raises(BadInput, match="has to agree first") as refused:
        carry_out_reset(acting, user)
    assert "seven days" in refused.value.hint
    assert "administrator.ended" in told(second)
    assert "reset.asked" in told(second), "as long as they could have agreed"
    assert user.authenticator_set.exists()


def test_a_second_administrator_who_was_made_since_can_agree(installation: Installation) -> None:
    first, second, user = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR), person(Role.EXAMINER)
    acting = installation.acting(first.actor)
    end_role(acting, second)
    third = person(Role.ADMINISTRATOR)
    ask_reset(acting, user)
    assert alone_from(user, first.actor) is None, "there is somebody to ask"
    agree_reset(installation.acting(third.actor), user)
    assert open_invitation(carry_out_reset(acting, user)) is not None


@pytest.mark.parametrize("end", [end_role, close])
def test_seven_days_after_the_other_one_left_one_goes_on_alone(end: Any, installation: Installation) -> None:
    first, second, user = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR), person(Role.EXAMINER)
    acting = installation.acting(first.actor)
    end(acting, second)
    when = alone_from(user, first.actor)
    assert when is not None
    assert datetime.timedelta(days=6, hours=23) < when - datetime.datetime.now(datetime.UTC) <= FORMER
    days_pass(6.9)
    assert needs_second(user, first.actor)
    days_pass(0.2)
    assert not needs_second(user, first.actor)
    assert alone_from(user, first.actor) is None
    ask_reset(acting, user)
    assert open_invitation(carry_out_reset(acting, user)) is not None
    assert "account.reset" in told(user)


def test_nothing_that_was_asked_for_outlives_the_memory_of_who_could_have_agreed() -> None:
    assert FORMER > VALID


@pytest.mark.parametrize(("end", "closed"), [(end_role, False), (close, True)])
def test_the_person_and_all_other_administrators_are_told(end: Any, closed: bool, installation: Installation) -> None:
    first, second, third = (person(Role.ADMINISTRATOR, name=name) for name in ("Ana", "Bea", "Cem"))
    examiner = person(Role.EXAMINER)
    end(installation.acting(first.actor), second)
    assert [told(each) for each in (first, second, third, examiner)] == [
        [], ["administrator.ended"], ["administrator.ended"], []
    ]  # fmt: skip
    facts: dict[str, object] = {"person": "Bea", "by": "Ana", "uuid": str(second.uuid), "closed": closed, "times": 1}
    facts["by_uuid"] = str(first.uuid)
    assert third.notices.get().facts == facts


def test_who_gives_the_role_up_tells_the_others(installation: Installation) -> None:
    first, second = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR)
    end_role(installation.acting(first.actor), first)
    assert (told(first), told(second)) == ([], ["administrator.ended"])


def test_other_roles_and_accounts_end_without_a_notice(installation: Installation) -> None:
    first, user = person(Role.ADMINISTRATOR), person(Role.EXAMINER, Role.INVESTIGATOR)
    acting = installation.acting(first.actor)
    end_role(acting, user)
    close(acting, user)
    people.set_active(acting, user, True)
    assert not Notice.objects.exists()
    assert user.held() == {Role.EXAMINER}, "what is no administrator's stays"


def test_a_closed_account_is_no_administrator_and_not_one_again_by_itself(installation: Installation) -> None:
    first, second = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR, Role.EXAMINER)
    acting = installation.acting(first.actor)
    close(acting, second)
    number = str(second.uuid)
    assert [(action, facts.get("role")) for action, facts in events(installation) if facts.get("person") == number] == [
        ("person.deactivated", None), ("role.ended", "administrator")
    ]  # fmt: skip
    people.set_active(acting, second, True)
    assert second.held() == {Role.EXAMINER}
    close(acting, second)
    assert told(second) == ["administrator.ended"], "once"


def test_a_link_and_a_question_for_a_person_end_with_the_account(installation: Installation) -> None:
    first, second = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR)
    user, other = person(Role.EXAMINER), person(Role.EXAMINER)
    acting, agreeing = installation.acting(first.actor), installation.acting(second.actor)
    for each in (user, other):
        ask_reset(acting, each)
        agree_reset(agreeing, each)
    link = carry_out_reset(acting, user)
    for each in (user, other):
        close(agreeing, each)
        people.set_active(agreeing, each, True)
    assert open_invitation(link) is None
    with pytest.raises(BadInput, match="too old"):
        people.accept_reset(installation, link, "several words are easy")
    assert open_reset(other) is None
    assert not Reset.objects.filter(ended=None).exists()
