"""Cases made on the command line belong to the first administrator, and to nobody else by themselves."""

from pathlib import Path

import pytest
from casework.installations import actions, case, make

from amparo.accounts.permissions import Role
from amparo.casework.members import add_member
from amparo.casework.people import accept, invite
from amparo.catalogue.models import Member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
PASSWORD = "several words are easy"


def test_the_first_administrator_owns_what_nobody_is_a_member_of_and_the_second_nothing(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    orphan = case(installation, "DEMO-1")
    both = [Role.ADMINISTRATOR, Role.INVESTIGATOR]
    first = accept(installation, invite(installation, "", both), "first", "", PASSWORD)
    row = Member.objects.get()
    assert (row.case, row.user, row.role, row.owner, row.ended) == (orphan, first, Role.INVESTIGATOR, True, None)
    assert row.given_by == first.actor
    assert actions(installation, orphan)[-1] == "member.added"
    later = case(installation, "LATER")
    accept(installation, invite(installation, "", both), "second", "", PASSWORD)
    assert not later.members.exists()


def test_a_case_that_has_or_had_a_member_is_left_as_it_is(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    known = case(installation, "K")
    examiner = accept(installation, invite(installation, "", [Role.EXAMINER]), "examiner", "", PASSWORD)
    add_member(installation, known, examiner, Role.EXAMINER)
    Member.objects.update(ended="2026-01-01T00:00:00Z")
    first = accept(
        installation, invite(installation, "", [Role.ADMINISTRATOR, Role.INVESTIGATOR]), "first", "", PASSWORD
    )
    assert not first.memberships.exists()


def test_an_administrator_who_is_no_investigator_sees_no_case(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    case(installation, "DEMO-1")
    only = accept(installation, invite(installation, "", [Role.ADMINISTRATOR]), "only", "", PASSWORD)
    assert not only.memberships.exists()
