"""The first page: the Cases one is a member of, and nothing of any other."""

import datetime
import re

import pytest
from pytest_django import DjangoAssertNumQueries
from workbench.reading import text, worker
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.catalogue.models import Member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_home_lists_the_cases_one_is_a_member_of_newest_first(installation: Installation) -> None:
    cases = [new_case(installation, f"CASE-{n}") for n in range(3)]
    user, browser, _ = worker(installation, cases[0], owner=True)
    for row in cases[1:2]:
        member(installation, row, user, Role.INVESTIGATOR)
    shown = re.findall(r"CASE-\d", text(browser, "/").partition("<main")[2])
    assert shown == ["CASE-1", "CASE-0"]


def test_home_forgets_a_case_whose_role_or_membership_has_ended(installation: Installation) -> None:
    for n, end in enumerate(("role", "membership", "glass")):
        case = new_case(installation, f"CASE-{n}")
        user, browser, row = worker(installation, case)
        assert f"CASE-{n}" in text(browser, "/").partition("<main")[2]
        now = datetime.datetime.now(datetime.UTC)
        if end == "role":
            user.grants.update(ended=now)
            user.grants.create(role=Role.EXAMINER, given_by="tests")
        else:
            Member.objects.filter(pk=row.pk).update(**{"ended" if end == "membership" else "until": now})
        assert f"CASE-{n}" not in text(browser, "/").partition("<main")[2]


def test_home_takes_no_more_queries_for_more_cases_and_pages_join(
    installation: Installation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = person(Role.EXAMINER)
    for n in range(27):
        member(installation, new_case(installation, f"CASE-{n:02}"), user, Role.EXAMINER)
    user.notices.update(read=datetime.datetime.now(datetime.UTC))
    browser = client(user)
    with django_assert_max_num_queries(24):
        first = text(browser, "/")
    (more,) = re.findall(r'href="(\?before=\d+)"', first)
    names = re.findall(r"<bdi>(CASE-\d\d)</bdi>", first) + re.findall(
        r"<bdi>(CASE-\d\d)</bdi>", text(browser, f"/{more}")
    )
    assert names == [f"CASE-{n:02}" for n in range(26, -1, -1)]
    assert "CASE-26" in text(browser, "/?before=x")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTODIAN])
def test_who_works_on_no_case_is_told_what_the_role_is_for(role: Role, installation: Installation) -> None:
    new_case(installation, "CASE-0")
    shown = text(client(person(role)), "/")
    assert "This is what your roles are for" in shown
    assert "CASE-0" not in shown
    assert ("/logs/" in shown) == (role is Role.AUDITOR)
