"""How long a Case is kept, and for whom it is due."""

import datetime
from pathlib import Path

import pytest
from casework.installations import case, make
from pytest_django import DjangoAssertNumQueries

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.casework.members import add_member, end_member
from amparo.casework.retention import due, kept, lift_hold, place_hold, set_retention
from amparo.catalogue.models import Case, Member
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
TODAY = datetime.date(2026, 11, 23)
GROUND = "Rule 4 of the office"


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def investigator(name: str) -> User:
    user = User.objects.create(username=name)
    RoleGrant.objects.create(user=user, role=Role.INVESTIGATOR, given_by="tests")
    return user


def led(home: Installation, user: User, reference: str, *days: int) -> tuple[Case, Member]:
    row = case(home, reference)
    member = add_member(home, row, user, Role.INVESTIGATOR, owner=True)
    for each in days:
        set_retention(home, member, TODAY + datetime.timedelta(days=each), GROUND)
    return row, member


def test_due_are_cases_one_leads_by_their_newest_day_in_as_many_queries(
    home: Installation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user, other = investigator("ana"), investigator("ben")
    near, _ = led(home, user, "NEAR", 90)
    passed, _ = led(home, user, "PASSED", 400, -5)
    led(home, user, "FAR", 91)
    led(home, user, "MOVED", 5, 400)
    led(home, user, "UNSAID")
    led(home, other, "THEIRS", 1)
    left, member = led(home, user, "LEFT", 1)
    add_member(home, left, other, Role.INVESTIGATOR, owner=True)
    end_member(home, member)
    place_hold(home, passed, "Order 5 of the court")
    with django_assert_max_num_queries(3):
        found = due(user, TODAY, 10)
    assert [(each.case, each.days, each.passed, each.held) for each in found] == [
        (passed, -5, True, True),
        (near, 90, False, False),
    ]


def test_a_case_nobody_spoke_of_is_neither_due_nor_passed(home: Installation) -> None:
    found = kept(case(home), TODAY)
    assert (found.row, found.passed, found.soon, found.held) == (None, False, False, False)


def test_several_holds_stand_until_the_last_is_lifted(home: Installation) -> None:
    row, member = led(home, investigator("ana"), "R-1")
    first, second = (place_hold(home, row, f"Order {n} of the court") for n in (1, 2))
    lift_hold(home, member, first, "Order 3 of the court")
    assert kept(row, TODAY).held
    with pytest.raises(BadInput, match="lifted already"):
        lift_hold(home, member, first, "Order 3 of the court")
    lift_hold(home, member, second, "Order 3 of the court")
    assert not kept(row, TODAY).held
