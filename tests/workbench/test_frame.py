"""What holds around every page: errors in plain words, headers, logs without addresses."""

import logging

import pytest
from django.test import Client
from workbench.staff import client, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.workbench import errors
from amparo.workbench.log import NoAddresses

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_not_there_and_what_is_not_for_one_look_alike(installation: Installation) -> None:
    browser = client(person(Role.INVESTIGATOR))
    pages = []
    for case in (new_case(installation).uuid, "00000000-0000-4000-8000-000000000000"):
        answer = browser.get(f"/cases/{case}/")
        assert answer.status_code == 404
        pages.append(answer.content.replace(str(case).encode(), b""))
    assert b"not a member" in pages[0]
    assert _without_token(pages[0]) == _without_token(pages[1])


def _without_token(page: bytes) -> bytes:
    head, _, rest = page.partition(b'name="csrfmiddlewaretoken" value="')
    return head + rest.partition(b'"')[2]


def test_a_form_from_elsewhere_changes_nothing(installation: Installation) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person(Role.INVESTIGATOR), backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = browser.post("/account/logout/")
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()
    assert browser.session.get("_auth_user_id")


def test_headers_of_pages_and_of_styles(installation: Installation) -> None:
    answer = Client().get("/account/login/")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    style = Client().get("/static/ui/tokens.css")
    assert style.status_code == 200
    assert "--page" in b"".join(style).decode()


def test_cookies_are_for_this_site_only(installation: Installation) -> None:
    browser = client(person(Role.INVESTIGATOR))
    browser.get("/")
    assert browser.cookies["sessionid"]["httponly"]
    assert browser.cookies["sessionid"]["samesite"] == "Strict"
    answer = Client().get("/account/login/")
    assert answer.cookies["csrftoken"]["samesite"] == "Strict"
    assert answer.cookies["csrftoken"]["httponly"]


def test_a_fault_shows_no_trace() -> None:
    answer = errors.failed(None)  # type: ignore[arg-type]  # it must not need the request
    assert answer.status_code == 500
    assert b"Traceback" not in answer.content


def test_log_lines_name_no_address() -> None:
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "%s: %s", ("Not Found", "/cases/x/?q=name"), None
    )
    assert NoAddresses().filter(record)
    assert record.getMessage() == "Not Found: (address)"
    record = logging.LogRecord(
        "django.security.csrf", logging.WARNING, "", 0, "Forbidden (%s): %s", ("x", "/a/b/"), None
    )
    assert NoAddresses().filter(record)
    assert record.getMessage() == "Forbidden (x): (address)"


def test_sessions_are_not_written_by_every_page(installation: Installation) -> None:
    browser = client(person(Role.INVESTIGATOR))
    browser.get("/")
    before = browser.session["seen"]
    browser.get("/")
    assert browser.session["seen"] == before


def test_a_page_that_refreshes_itself_does_not_keep_a_session_alive(installation: Installation) -> None:
    browser = client(person(Role.INVESTIGATOR))
    browser.get("/", headers={"X-Unattended": "1"})
    assert "seen" not in browser.session
    browser.get("/")
    assert "seen" in browser.session
