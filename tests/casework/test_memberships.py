"""Which memberships hold now, and what they allow."""

import datetime
from pathlib import Path

import pytest
from casework.installations import make
from django.utils import timezone
from workbench.staff import member, new_case, person

from amparo.accounts.permissions import Permission, Role
from amparo.casework.members import break_glass
from amparo.casework.memberships import leading, may, memberships, of_case
from amparo.catalogue.models import Member

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_membership_ends_with_itself_with_its_role_with_the_account_and_with_its_day(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    case, user = new_case(installation), person(Role.INVESTIGATOR, Role.SOCIAL_WORKER)
    row = member(installation, case, user, Role.INVESTIGATOR)
    assert list(memberships(user)) == [row]
    grant = user.grants.get(role=Role.INVESTIGATOR)
    past = timezone.now() - datetime.timedelta(seconds=1)
    for holder, name, lost, held in (
        (grant, "ended", past, None), (user, "is_active", False, True), (row, "until", past, None),
        (row, "ended", past, None),
    ):  # fmt: skip
        setattr(holder, name, lost)
        holder.save()
        assert not memberships(user).exists(), name
        assert not may(user, case, Permission.CASE_READ)
        setattr(holder, name, held)
        holder.save()
        assert may(user, case, Permission.CASE_READ)
    assert not memberships(person(Role.INVESTIGATOR)).exists()


def test_who_leads_a_case_can_open_it_now(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    case, other = new_case(installation), new_case(installation, "W-2")
    ana, ben, eve = (person(Role.INVESTIGATOR) for _ in range(3))
    first = member(installation, case, ana, Role.INVESTIGATOR, owner=True)
    second = member(installation, case, ben, Role.INVESTIGATOR)
    member(installation, other, ben, Role.INVESTIGATOR, owner=True)
    visit = break_glass(installation, eve, case.reference, Role.INVESTIGATOR, "Somebody may be in danger tonight.")
    assert set(of_case(case)) == {first, second, visit}
    assert list(leading(case)) == [first]
    past = timezone.now() - datetime.timedelta(seconds=1)
    Member.objects.filter(pk=visit.pk).update(until=past)
    assert set(of_case(case)) == {first, second}, "broken glass ends by itself"
    ana.grants.update(ended=past)
    assert list(of_case(case)) == [second]
    assert not leading(case).exists(), "a role that was lost leads no more"


def test_broken_glass_works_and_never_leads(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    case, user = new_case(installation), person(Role.INVESTIGATOR)
    break_glass(installation, user, case.reference, Role.INVESTIGATOR, "Somebody may be in danger tonight.")
    assert may(user, case, Permission.SCAN_START)
    assert not may(user, case, Permission.ERASURE_ASK)
    Member.objects.update(until=None)
    assert may(user, case, Permission.ERASURE_ASK)
