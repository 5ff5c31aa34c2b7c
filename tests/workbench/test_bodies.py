"""What a request may carry: no file, and no more than the longest form of ours."""

import io
import os
import tempfile

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from workbench.staff import client, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.workbench.bodies import MAX_BODY

pytestmark = pytest.mark.django_db(transaction=True)


def file(size: int) -> io.BytesIO:
    made = io.BytesIO(bytes(size))
    made.name = "a.bin"
    return made


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("checked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(500_000, 400), (5_000_000, 413)])
def test_no_file_reaches_the_disk(
    inside: bool, checked: bool, size: int, status: int, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *a, **k: opened.append(a))
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", lambda *a, **k: opened.append(a))
    before = set(os.listdir(tempfile.gettempdir()))
    browser = client(person(Role.INVESTIGATOR)) if inside else Client(enforce_csrf_checks=checked)
    browser.get("/account/login/")
    answer = browser.post("/account/login/", {"login": "a", "password": "b", "more": file(size)})
    assert answer.status_code == status
    assert "Amparo" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Content-Security-Policy" in answer.headers
    assert not opened
    assert not [each for each in set(os.listdir(tempfile.gettempdir())) - before if each.endswith(".upload")]


def test_forms_as_scripts_send_them_still_arrive(installation: Installation) -> None:
    answer = Client().post("/account/login/", {"login": "nobody", "password": "wrong words here"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "stated", [str(MAX_BODY + 1), "9" * 5_000, "-1", "1e3", "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT TWO}"]
)
@pytest.mark.parametrize(("path", "type_"), [("/account/login/", "text/plain"), ("/api/v1/cases", "application/json")])
def test_a_length_that_is_too_long_or_none_is_refused(
    stated: str, path: str, type_: str, installation: Installation
) -> None:
    answer = Client().generic("POST", path, b"", content_type=type_, CONTENT_LENGTH=stated)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("application/json") is path.startswith("/api/")


def test_no_body_needs_no_length(installation: Installation) -> None:
    for stated in ("", "0"):
        assert Client().get("/account/login/", CONTENT_LENGTH=stated).status_code == 200
