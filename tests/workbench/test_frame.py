"""What holds around every page: errors in plain words, headers, logs without addresses."""

import logging

import pytest
from casework.installations import actions
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.test import Client
from workbench.staff import client, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.workbench import errors
from amparo.workbench.log import NoAddresses, NoValues

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


def test_a_session_ends_after_twelve_hours_of_use(installation: Installation) -> None:
    browser = client(person(Role.INVESTIGATOR))
    browser.get("/", headers={"X-Unattended": "1"})
    began = browser.session["began"]
    for hours, status in ((11.9, 200), (12.1, 302)):
        session = browser.session
        session["began"] = began - hours * 3600
        session.save()
        assert browser.get("/").status_code == status
    assert browser.get("/").status_code == 302, "it does not come back"
    assert actions(installation, None)[-1] == "account.logged_out"


@pytest.mark.parametrize(
    ("host", "seconds", "proto", "sent"),
    [
        ("amparo.example.org", 31_536_000, "https", True),
        ("amparo.example.org:8443", 31_536_000, None, True),
        ("amparo.example.org", 31_536_000, "http", False),
        ("amparo.example.org", 0, "https", False),
        ("localhost:8471", 31_536_000, None, False),
        ("127.0.0.1", 31_536_000, "https", False),
        ("other.example.org", 31_536_000, "https", False),
    ],
)
def test_browsers_are_told_to_keep_to_tls_where_a_proxy_offers_it(
    host: str, seconds: int, proto: str | None, sent: bool, monkeypatch: pytest.MonkeyPatch, installation: Installation
) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["amparo.example.org", "localhost", "127.0.0.1"])
    monkeypatch.setattr(settings, "SECURE_HSTS_SECONDS", seconds)
    said = {"host": host} | ({"X-Forwarded-Proto": proto} if proto else {})
    answer = Client(raise_request_exception=False).get("/account/login/", headers=said)
    assert answer.headers.get("Strict-Transport-Security") == ("max-age=31536000" if sent else None)


def test_a_fault_in_the_log_names_type_and_place_and_no_value() -> None:
    def fail() -> None:
        try:
            raise KeyError("a name from a case")
        except KeyError as error:
            raise ValueError("/a/path/of/a/case") from error

    with pytest.raises(ValueError, match="path") as caught:
        fail()
    info = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s: %s", ("Fault", "/cases/x/"), info)
    NoAddresses().filter(record)
    said = NoValues().format(record)
    assert said.startswith("Fault: (address)\n")
    for expected in ("in fail", "builtins.KeyError", "builtins.ValueError", "test_frame.py"):
        assert expected in said
    for value in ("name from", "/a/path", "/cases/x"):
        assert value not in said
    assert settings.LOGGING["handlers"]["stderr"]["formatter"] == "no_values"


def test_what_django_refuses_is_logged_without_its_words() -> None:
    info = (SuspiciousFileOperation, SuspiciousFileOperation("/a/path"), None)
    record = logging.LogRecord("django.security.SuspiciousFileOperation", logging.ERROR, "", 0, "/a/path", None, info)
    NoAddresses().filter(record)
    assert "/a/path" not in NoValues().format(record)
    assert "SuspiciousFileOperation" in NoValues().format(record)
