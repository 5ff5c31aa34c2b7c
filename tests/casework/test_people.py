"""People: links that work once and not for ever, passwords, roles, and what the custody log says of them."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from casework.installations import make
from workbench.staff import new_case

from amparo.accounts.models import Invitation, Reset, User
from amparo.accounts.permissions import Role
from amparo.casework import people
from amparo.casework.installation import Installation
from amparo.casework.invitations import invitation_page, open_invitation, withdraw
from amparo.casework.members import add_member
from amparo.casework.resets import agree_reset, ask_reset, carry_out_reset, open_reset, refuse_reset
from amparo.catalogue.models import Notice
from amparo.catalogue.outbox import chain_path
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
PASSWORD = "several words are easy"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def events(installation: Installation) -> list[tuple[str, dict[str, Any]]]:
    lines = map(json.loads, chain_path(installation.settings.home, None).read_text().splitlines())
    return [(line["action"], line["facts"]) for line in lines if line["kind"] == "entry"]


def came(installation: Installation, username: str, *roles: Role) -> User:
    secret = people.invite(installation, username, roles)
    return people.accept(installation, secret, username, username, PASSWORD)


def reset(installation: Installation, user: User) -> str:
    """Asked for and carried out by one who has nobody to agree."""
    ask_reset(installation, user)
    return carry_out_reset(installation, user)


def test_a_link_works_once(installation: Installation) -> None:
    secret = people.invite(installation, "Ana", [Role.EXAMINER])
    user = people.accept(installation, secret, "ana", "Ana", PASSWORD)
    assert user.held() == {Role.EXAMINER}
    assert user.check_password(PASSWORD)
    assert open_invitation(secret) is None
    with pytest.raises(BadInput, match="used already"):
        people.accept(installation, secret, "bela", "Bela", PASSWORD)
    assert [user.username for user in User.objects.all()] == ["ana"]


def test_a_link_ends_after_three_days(installation: Installation) -> None:
    secret = people.invite(installation, "Ana", [Role.EXAMINER])
    row = Invitation.objects.get()
    assert row.until - row.made > datetime.timedelta(days=2, hours=23)
    Invitation.objects.update(until=datetime.datetime.now(datetime.UTC))
    assert open_invitation(secret) is None
    with pytest.raises(BadInput, match="too old"):
        people.accept(installation, secret, "ana", "Ana", PASSWORD)


def test_the_database_does_not_hold_the_link(installation: Installation) -> None:
    secret = people.invite(installation, "Ana", [Role.EXAMINER])
    (row,) = Invitation.objects.values()
    assert secret not in str(row)
    assert secret not in chain_path(installation.settings.home, None).read_text()


def test_a_user_name_is_given_once_and_the_link_stays_good(installation: Installation) -> None:
    came(installation, "ana", Role.EXAMINER)
    secret = people.invite(installation, "Other", [Role.AUDITOR])
    with pytest.raises(BadInput, match="has this user name"):
        people.accept(installation, secret, "ana", "Other", PASSWORD)
    assert people.accept(installation, secret, "other", "Other", PASSWORD).held() == {Role.AUDITOR}


def test_a_new_second_factor_takes_password_and_factors_away(installation: Installation) -> None:
    user = came(installation, "ana", Role.EXAMINER)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    first = reset(installation, user)
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert not Authenticator.objects.exists()
    second = reset(installation, user)
    assert open_invitation(first) is None, "an older link ends"
    with pytest.raises(BadInput, match="too short"):
        people.accept_reset(installation, second, "short")
    with pytest.raises(BadInput, match="account that exists"):
        people.accept(installation, second, "eve", "Eve", PASSWORD)
    assert people.accept_reset(installation, second, PASSWORD) == user
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    with pytest.raises(BadInput, match="used already"):
        people.accept_reset(installation, second, PASSWORD)
    said = [(action, facts.get("person")) for action, facts in events(installation)]
    asked = [("reset.asked", str(user.uuid)), ("second_factor.reset", str(user.uuid))]
    assert said[-5:] == [*asked, *asked, ("person.returned", str(user.uuid))]


def test_an_invitation_sets_nobodys_password(installation: Installation) -> None:
    secret = people.invite(installation, "Ana", [Role.EXAMINER])
    with pytest.raises(BadInput, match="belongs to no account"):
        people.accept_reset(installation, secret, PASSWORD)
    assert open_invitation(secret) is not None


def test_a_closed_account_is_not_opened_by_a_link(installation: Installation) -> None:
    user = came(installation, "ana", Role.EXAMINER)
    secret = reset(installation, user)
    people.set_active(installation, user, False)
    with pytest.raises(BadInput, match="too old"):
        people.accept_reset(installation, secret, PASSWORD)
    user.refresh_from_db()
    with pytest.raises(BadInput, match="cannot log in"):
        reset(installation, user)


def test_roles_are_ended_not_removed_and_the_last_administrator_stays(installation: Installation) -> None:
    user = came(installation, "ana", Role.ADMINISTRATOR)
    for refused in (lambda: people.set_roles(installation, user, []),
                    lambda: people.set_active(installation, user, False)):  # fmt: skip
        with pytest.raises(BadInput, match="Nobody else is an administrator"):
            refused()
    came(installation, "bela", Role.ADMINISTRATOR)
    people.set_roles(installation, user, [Role.AUDITOR])
    assert user.held() == {Role.AUDITOR}
    assert user.grants.count() == 2
    said = [(action, facts.get("role")) for action, facts in events(installation)]
    assert said[-2:] == [("role.given", "auditor"), ("role.ended", "administrator")]


def test_user_names_that_log_in_alike_are_one_name(installation: Installation) -> None:
    came(installation, "bea", Role.EXAMINER)
    secret = people.invite(installation, "", [Role.EXAMINER])
    for username in ("BEA", "Bea", "\uff42\uff45\uff41"):  # the last in full width
        with pytest.raises(BadInput, match="has this user name"):
            people.accept(installation, secret, username, "", PASSWORD)
    assert User.objects.count() == 1


def test_invitations_of_who_leaves_open_nothing(installation: Installation) -> None:
    came(installation, "ana", Role.ADMINISTRATOR)
    ben = came(installation, "ben", Role.ADMINISTRATOR)
    secrets = [people.invite(installation.acting(ben.actor), "", [Role.EXAMINER]) for _ in range(2)]
    others = people.invite(installation, "", [Role.EXAMINER])
    people.set_roles(installation, ben, [Role.EXAMINER])
    assert [open_invitation(each) for each in secrets] == [None, None]
    assert open_invitation(others) is not None


def test_a_reset_is_told_to_the_person_and_to_all_who_could_notice(installation: Installation) -> None:
    ana = came(installation, "ana", Role.ADMINISTRATOR)
    ben = came(installation, "ben", Role.ADMINISTRATOR)
    came(installation, "eva", Role.EXAMINER)
    reset(installation.acting(ana.actor), ben)
    assert [(each.user.username, each.kind) for each in Notice.objects.all()] == [("ben", "account.reset")]


def test_who_leads_a_case_is_told_of_a_reset_while_they_can_open_it(installation: Installation) -> None:
    """Also where the person's role was ended before: given back, it opens the Case to whoever holds the link."""
    case = new_case(installation)
    ana = came(installation, "ana", Role.ADMINISTRATOR)
    lea, leo, eva = (came(installation, name, Role.INVESTIGATOR) for name in ("lea", "leo", "eva"))
    for user in (lea, leo, eva):
        add_member(installation, case, user, Role.INVESTIGATOR, owner=user != eva)
    people.set_roles(installation, leo, [])
    people.set_roles(installation, eva, [])
    reset(installation.acting(ana.actor), eva)
    told = Notice.objects.filter(kind="account.reset").values_list("user__username", flat=True)
    assert sorted(told) == ["eva", "lea"], "not leo, who lost the role"


def test_a_second_administrator_agrees_before_there_is_a_link(installation: Installation) -> None:
    ana, ada = (came(installation, name, Role.ADMINISTRATOR) for name in ("ana", "ada"))
    ben = came(installation, "ben", Role.EXAMINER)
    asking, other = installation.acting(ana.actor), installation.acting(ada.actor)
    ask_reset(asking, ben)
    assert {(each.user.username, each.kind) for each in Notice.objects.all()} == {
        ("ben", "reset.asked"), ("ada", "reset.asked"),
    }  # fmt: skip
    for refused, said in (
        (lambda: carry_out_reset(asking, ben), "has to agree first"),
        (lambda: agree_reset(asking, ben), "asked for this yourself"),
        (lambda: agree_reset(installation.acting(ben.actor), ben), "for yourself"),
        (lambda: carry_out_reset(other, ben), "Somebody else asked"),
        (lambda: ask_reset(other, ben), "asked for already"),
    ):
        with pytest.raises(BadInput, match=said):
            refused()
    ben.refresh_from_db()
    assert ben.check_password(PASSWORD), "nothing happens before somebody agreed"
    agree_reset(other, ben)
    assert Notice.objects.filter(user=ana, kind="reset.agreed").exists()
    secret = carry_out_reset(asking, ben)
    assert open_invitation(secret) is not None
    assert Notice.objects.filter(kind="account.reset").values_list("user__username", flat=True).count() == 2
    with pytest.raises(BadInput, match="Nobody asks"):
        carry_out_reset(asking, ben)
    said = [action for action, _ in events(installation)]
    assert said[-3:] == ["reset.asked", "reset.agreed", "second_factor.reset"]


def test_a_reset_that_was_refused_or_is_old_gives_no_link(installation: Installation) -> None:
    ana, ada = (came(installation, name, Role.ADMINISTRATOR) for name in ("ana", "ada"))
    ben = came(installation, "ben", Role.EXAMINER)
    asking, other = installation.acting(ana.actor), installation.acting(ada.actor)
    ask_reset(asking, ben)
    refuse_reset(other, ben)
    ask_reset(asking, ben)
    agree_reset(other, ben)
    Reset.objects.filter(ended=None).update(asked=datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=4))
    for refused in (lambda: carry_out_reset(asking, ben), lambda: agree_reset(other, ben)):
        with pytest.raises(BadInput, match="Nobody asks"):
            refused()
    assert ask_reset(asking, ben).agreed is None


def test_the_word_of_who_is_no_administrator_any_more_counts_no_more(installation: Installation) -> None:
    ana, ada, cem = (came(installation, name, Role.ADMINISTRATOR) for name in ("ana", "ada", "cem"))
    ben = came(installation, "ben", Role.EXAMINER)
    ask_reset(installation.acting(ana.actor), ben)
    agree_reset(installation.acting(ada.actor), ben)
    people.set_roles(installation, ada, [])
    with pytest.raises(BadInput, match="has to agree first"):
        carry_out_reset(installation.acting(ana.actor), ben)
    agree_reset(installation.acting(cem.actor), ben)
    people.set_active(installation, ana, False)
    assert open_reset(ben) is None


def test_a_link_that_was_withdrawn_opens_nothing(installation: Installation) -> None:
    secret = people.invite(installation, "Ana", [Role.EXAMINER])
    row = Invitation.objects.get()
    withdraw(installation, row.pk)
    assert open_invitation(secret) is None
    with pytest.raises(BadInput, match="too old"):
        people.accept(installation, secret, "ana", "Ana", PASSWORD)
    with pytest.raises(BadInput, match="opens nothing"):
        withdraw(installation, row.pk)
    assert events(installation)[-1] == ("invitation.withdrawn", {"invitation": row.pk})


def test_the_list_of_links_holds_open_ones_and_for_30_days_ended_ones(installation: Installation) -> None:
    came(installation, "ben", Role.EXAMINER)
    for name in ("open", "expired", "old"):
        people.invite(installation, name, [Role.EXAMINER])
    now = datetime.datetime.now(datetime.UTC)
    for name, days in (("expired", 29), ("old", 31)):
        Invitation.objects.filter(name=name).update(until=now - datetime.timedelta(days=days))
    assert [row.name for row in invitation_page(None, 9)] == ["expired", "open"]
    (newest,) = invitation_page(None, 1)
    assert [row.name for row in invitation_page(newest.pk, 9)] == ["open"]
