"""Roles: who may do what, and that rows are ended instead of removed."""

import pytest
from workbench.staff import person

from amparo.accounts.permissions import CASE, GRANTS, INSTALLATION, ON_CASES, ROLE_NAMES, ROLE_SAYS, Permission, Role

P = Permission


def test_every_role_has_grants_a_name_and_a_sentence() -> None:
    assert set(GRANTS) == set(ROLE_NAMES) == set(ROLE_SAYS) == set(Role)
    assert set(Permission) == INSTALLATION | CASE
    assert not INSTALLATION & CASE


def test_those_who_give_access_have_none() -> None:
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTODIAN):
        assert not GRANTS[role] & CASE
        assert role not in ON_CASES


def test_who_cares_for_people_sees_no_material() -> None:
    assert not GRANTS[Role.SOCIAL_WORKER] & {P.ITEM_READ, P.ITEM_GRADE, P.ITEM_REVEAL, P.EXPORT_MAKE}
    assert not GRANTS[Role.PROSECUTOR] & {P.ITEM_READ, P.ITEM_GRADE, P.ITEM_REVEAL}


def test_only_administrators_manage_people() -> None:
    assert [role for role in Role if P.PEOPLE_MANAGE in GRANTS[role]] == [Role.ADMINISTRATOR]


@pytest.mark.django_db
@pytest.mark.database
def test_a_role_counts_until_it_is_ended() -> None:
    user = person(Role.INVESTIGATOR, Role.ADMINISTRATOR)
    assert user.may(P.CASE_CREATE) and user.may(P.PEOPLE_MANAGE)
    user.grants.filter(role=Role.ADMINISTRATOR).update(ended="2026-01-01T00:00:00Z")
    assert user.held() == {Role.INVESTIGATOR}
    assert not user.may(P.PEOPLE_MANAGE)
    assert user.grants.count() == 2
