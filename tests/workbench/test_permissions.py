"""Who may open which page: every page, every role, on a case of one's own and on another's."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from workbench.keys import ALL, ask, token
from workbench.matrix import API, API_OPEN, EXAMPLES, MATRIX, OPEN, THEIRS
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import CASE, GRANTS, ON_CASES, Permission, Role
from amparo.casework.installation import Installation
from amparo.catalogue.models import Case
from amparo.workbench.access import Page
from amparo.workbench.api.access import ROUTES, Route
from amparo.workbench.urls import PAGES

pytestmark = pytest.mark.django_db(transaction=True)  # who may do what does not depend on the database
REFUSED = {True: 404, False: 403}


def routed(patterns: list[URLPattern | URLResolver], before: str = "") -> dict[str, str]:
    """Name and route of everything that is routed."""
    found = {}
    for each in patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            found.update(routed(each.url_patterns, route))
        else:
            assert each.name, route
            found[each.name] = route
    return found


def address(page: Page, case: str) -> str:
    route = page.route.replace("<uuid:case>", case)
    for marker, example in EXAMPLES.items():
        route = route.replace(marker, example)
    assert "<" not in route, f"write an example of a value into EXAMPLES for {page.route}"
    return f"/{route}"


def test_every_page_has_a_row_and_no_row_is_without_a_page() -> None:
    assert {page.name: page.needs for page in PAGES} == MATRIX
    assert len({page.name for page in PAGES}) == len(PAGES)


def test_nothing_is_routed_that_is_not_a_page() -> None:
    """What has no permission is a short list: the door, and allauth's pages of one's own account.

    Where an address takes two methods, ninja routes it under the name of the first.
    """
    names = set(routed(get_resolver().url_patterns))
    rest = names - {page.name for page in PAGES}
    assert rest - {route.url_name for route in ROUTES} == OPEN | THEIRS | API_OPEN


def test_every_permission_is_given_to_somebody_and_asked_for_by_some_page() -> None:
    assert frozenset.union(*GRANTS.values()) == frozenset(Permission)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_role_on_a_case_of_its_own_and_on_another(page: Page, installation: Installation) -> None:
    own, other = (str(new_case(installation, reference).uuid) for reference in ("OWN", "OTHER"))
    method = page.methods[0].lower()
    below = page.needs in CASE
    for role in Role:
        user = person(role)
        if role in ON_CASES:
            member(installation, Case.objects.get(uuid=own), user, role, owner=True)
        browser = client(user)
        granted = page.needs in GRANTS[role]
        mine = getattr(browser, method)(address(page, own)).status_code
        if below and role not in ON_CASES:
            assert mine == 404, (page.name, role)
        elif granted:
            assert mine not in (403, 405), (page.name, role)  # 404: the example names nothing that is there
        else:
            assert mine == 403, (page.name, role)
        if below:
            assert getattr(browser, method)(address(page, other)).status_code == 404, (page.name, role)


def test_every_route_of_the_api_has_a_row_and_no_row_is_without_a_route() -> None:
    assert {route.name: route.needs for route in ROUTES} == API
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def below_api(route: Route, case: str) -> str:
    path = route.path.replace("{uuid:case}", case)
    return path.replace("{uuid:job}", EXAMPLES["<uuid:job>"]).replace("{item}", EXAMPLES["<int:item>"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_role_and_scope_on_the_api(route: Route, installation: Installation) -> None:
    own, other = (new_case(installation, reference) for reference in ("OWN", "OTHER"))
    mine, theirs = (below_api(route, str(case.uuid)) for case in (own, other))
    body = None if route.method == "GET" else {}
    below = route.needs in CASE
    for role in Role:
        user = person(role)
        if role in ON_CASES:
            member(installation, own, user, role, owner=True)
        whole, only, without = token(user), token(user, {route.needs}), token(user, ALL - {route.needs})
        granted = route.needs in GRANTS[role]
        refused = 404 if below and role not in ON_CASES else 403
        for secret in (whole, only):
            status = ask(secret, mine, body).status_code
            assert status not in (401, 403, 405) if granted else status == refused, (route.name, role)
        assert ask(without, mine, body).status_code == refused, (route.name, role)
        if below:
            assert ask(whole, theirs, body).status_code == 404, (route.name, role)
            elsewhere = token(user, ALL, [other])
            assert ask(elsewhere, mine, body).status_code == 404, (route.name, role)
            assert ask(elsewhere, theirs, body).status_code == 404, (route.name, role)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_api_opens_to_a_good_token_of_somebody_with_a_role_only(route: Route, installation: Installation) -> None:
    case = new_case(installation)
    user = person(*Role)
    member(installation, case, user, Role.INVESTIGATOR, owner=True)
    secret, old = token(user), token(user, days=-1)
    where = f"/api/v1/{below_api(route, str(case.uuid))}"
    assert getattr(client(user), route.method.lower())(where).status_code == 401, "a cookie is no token"
    for wrong in ("", "amparo_wrong", old):
        answer = ask(wrong, where.removeprefix("/api/v1/"), method=route.method)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="amparo"')
    user.grants.update(ended="2026-01-01T00:00:00Z")
    answer = ask(secret, where.removeprefix("/api/v1/"), method=route.method)
    assert answer.status_code == REFUSED[route.needs in CASE]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nobody_and_whoever_has_no_second_factor_is_sent_to_log_in(page: Page, installation: Installation) -> None:
    where = address(page, str(new_case(installation).uuid))
    method = page.methods[0].lower()
    answer = getattr(Client(), method)(where)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/account/login/")
    user = person(*Role)
    user.authenticator_set.all().delete()
    answer = getattr(client(user), method)(where)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/second-factor/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_role_that_was_taken_away_opens_nothing(page: Page, installation: Installation) -> None:
    case = new_case(installation)
    user = person(*Role)
    member(installation, case, user, Role.INVESTIGATOR)
    user.grants.update(ended="2026-01-01T00:00:00Z")
    status = getattr(client(user), page.methods[0].lower())(address(page, str(case.uuid))).status_code
    assert status == REFUSED[page.needs in CASE]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_answer_is_kept_on_the_way(page: Page, installation: Installation) -> None:
    case = new_case(installation)
    user = person(*Role)
    member(installation, case, user, Role.INVESTIGATOR)
    answer = getattr(client(user), page.methods[0].lower())(address(page, str(case.uuid)))
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "data:" not in policy
