"""Exports in the browser: made by the worker, checked, taken away on record; never another case's."""

import io
import json
import shutil
import uuid
import zipfile
from pathlib import Path

import pytest
from casework.installations import actions
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework.export import FORMS, Choices, export_case, left_out
from amparo.casework.installation import Installation
from amparo.casework.packages import folder_of
from amparo.casework.worker import run_next
from amparo.catalogue.models import Case, Export, Job
from amparo.evidence import manifest
from amparo.workbench.exports.words import FORM_NAMES, LEFT_OUT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(installation: Installation) -> Case:
    return new_case(installation, "W 1/2026")


def test_a_package_is_made_checked_and_taken_on_record(installation: Installation, case: Case, tmp_path: Path) -> None:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    browser = client(user)
    where = f"/cases/{case.uuid}/exports/"
    page = browser.get(where).content.decode()
    assert "pictures and videos" in page
    assert browser.post(where, {"form": ["report", "case"]}).status_code == 302
    job = Job.objects.get()
    assert browser.post(f"{where}{job.uuid}/package/").status_code == 404, "not yet made"
    done = run_next(installation)
    assert done is not None
    answer = browser.post(f"{where}{job.uuid}/package/")
    assert (
        answer.headers["Content-Disposition"]
        == f'attachment; filename="W-1-2026-{Export.objects.get().made:%Y%m%d-%H%M}.zip"'
    )
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        archive.extractall(tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    package = manifest.verify(folder, installation.sealer.fingerprint)
    assert (package.about["case"], package.about["made_by"]) == ("W 1/2026", user.actor)
    assert set(package.about["left_out"]) <= set(LEFT_OUT)  # type: ignore[arg-type]
    assert actions(installation, case)[-3:] == ["case.exported", "job.ended", "export.taken"]
    answer = browser.post(f"{where}{job.uuid}/check/", follow=True)
    assert "Intact: 2 files" in answer.content.decode()


def test_a_changed_package_is_not_handed_out(installation: Installation, case: Case) -> None:
    user = person(Role.EXAMINER)
    member(installation, case, user, Role.EXAMINER)
    browser = client(user)
    where = f"/cases/{case.uuid}/exports/"
    browser.post(where, {"form": ["report"]})
    run_next(installation)
    job = Job.objects.get()
    (folder_of(installation, case, job.uuid) / "report.html").write_text("other")
    answer = browser.post(f"{where}{job.uuid}/package/", follow=True)
    assert "was changed" in answer.content.decode()
    assert "export.taken" not in actions(installation, case)


@pytest.mark.parametrize("forms", [[], ["film"]])
def test_unknown_forms_start_nothing(forms: list[str], installation: Installation, case: Case) -> None:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    answer = client(user).post(f"/cases/{case.uuid}/exports/", {"form": forms})
    assert answer.status_code == 422
    assert Job.objects.count() == 0


def test_a_package_of_another_case_is_not_there(installation: Installation, case: Case) -> None:
    other = new_case(installation, "OTHER")
    user = person(Role.INVESTIGATOR)
    for each in (case, other):
        member(installation, each, user, Role.INVESTIGATOR)
    browser = client(user)
    browser.post(f"/cases/{case.uuid}/exports/", {"form": ["report"]})
    run_next(installation)
    job = Job.objects.get()
    for act in ("package", "check"):
        assert browser.post(f"/cases/{other.uuid}/exports/{job.uuid}/{act}/").status_code == 404


def test_a_worker_that_died_after_the_package_was_whole_does_not_make_it_again(
    installation: Installation, case: Case
) -> None:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    client(user).post(f"/cases/{case.uuid}/exports/", {"form": ["report"]})
    run_next(installation)
    job = Job.objects.get()
    before = (folder_of(installation, case, job.uuid) / "manifest.json").read_bytes()
    Job.objects.update(state="queued", ended=None)
    run_next(installation)
    job.refresh_from_db()
    assert job.state == "done"
    assert (folder_of(installation, case, job.uuid) / "manifest.json").read_bytes() == before


def test_every_form_and_all_it_leaves_out_has_words() -> None:
    assert set(FORMS) <= set(FORM_NAMES)
    assert set(left_out(FORMS)) <= set(LEFT_OUT)


def test_vics_is_made_by_the_scheme_that_was_chosen_and_refused_without(installation: Installation, case: Case) -> None:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    browser = client(user)
    where = f"/cases/{case.uuid}/exports/"
    browser.post(where, {"form": ["vics"], "scheme": "vic-us"})
    done = run_next(installation)
    assert done is not None
    context = json.loads((folder_of(installation, case, done.uuid) / "vics.json").read_text())["@odata.context"]
    assert "/US/" in context
    answer = browser.post(where, {"form": ["vics"], "scheme": "vic-uk"})
    assert answer.status_code == 422
    assert "whose grades are numbers" in answer.content.decode()
    assert Job.objects.count() == 1


def test_a_package_of_the_command_line_is_listed_and_not_taken_from_where_it_lies(
    installation: Installation, case: Case, tmp_path: Path
) -> None:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    export_case(installation, case.reference, ["case"], str(tmp_path / "out"), Choices())
    row = Export.objects.get()
    browser = client(user)
    page = browser.get(f"/cases/{case.uuid}/exports/").content.decode()
    assert "written on the command line" in page
    answer = browser.post(f"/cases/{case.uuid}/exports/{row.uuid}/package/", follow=True)
    assert "does not lie here" in answer.content.decode()


def test_a_package_that_was_swapped_for_another_one_of_ours_is_not_handed_out(
    installation: Installation, case: Case
) -> None:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR)
    first, second = (exported(installation, case, client(user)) for _ in range(2))
    folders = [folder_of(installation, case, each.uuid) for each in (first, second)]
    folders[0].rename(folders[0].with_name("aside"))
    folders[1].rename(folders[0])
    answer = client(user).post(f"/cases/{case.uuid}/exports/{first.uuid}/package/", follow=True)
    assert "another package" in answer.content.decode()


def exported(installation: Installation, case: Case, browser: Client, *forms: str) -> Export:
    browser.post(f"/cases/{case.uuid}/exports/", {"form": forms or ["report", "case"]})
    run_next(installation)
    return Export.objects.latest("pk")


@pytest.fixture
def leader(installation: Installation, case: Case) -> User:
    user = person(Role.INVESTIGATOR)
    member(installation, case, user, Role.INVESTIGATOR, owner=True)
    return user


@pytest.fixture
def prosecutor(installation: Installation, case: Case) -> User:
    user = person(Role.PROSECUTOR)
    member(installation, case, user, Role.PROSECUTOR)
    return user


def test_a_prosecutor_reads_what_was_disclosed_and_nothing_before(
    installation: Installation, case: Case, leader: User, prosecutor: User
) -> None:
    row = exported(installation, case, client(leader))
    hidden = exported(installation, case, client(leader))
    reader, where = client(prosecutor), f"/cases/{case.uuid}/disclosed/"
    assert "Nothing of this case was disclosed yet" in reader.get(where).content.decode()
    for act in ("package", "file"):
        assert reader.post(f"{where}{row.uuid}/{act}/", {"path": "report.html"}).status_code == 404
    assert reader.post(f"/cases/{case.uuid}/exports/{row.uuid}/package/").status_code == 403
    assert reader.post(f"/cases/{case.uuid}/exports/{row.uuid}/disclose/").status_code == 403
    client(leader).post(f"/cases/{case.uuid}/exports/{row.uuid}/disclose/")
    row.refresh_from_db()
    assert row.disclosed_by == leader.actor
    page = reader.get(where).content.decode()
    assert "report.html" in page
    assert "was disclosed to you" in page
    answer = reader.post(f"{where}{row.uuid}/file/", {"path": "report.html"})
    assert b"".join(answer.streaming_content).startswith(b"<!doctype html>")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.html"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer = reader.post(f"{where}{row.uuid}/package/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert any(name.endswith("/manifest.sig") for name in archive.namelist())
    assert reader.post(f"{where}{hidden.uuid}/package/").status_code == 404
    assert actions(installation, case)[-3:] == ["export.disclosed", "export.file_taken", "export.taken"]
    answer = client(leader).post(f"/cases/{case.uuid}/exports/{row.uuid}/disclose/", follow=True)
    assert "disclosed already" in answer.content.decode()


def test_only_who_leads_discloses(installation: Installation, case: Case, leader: User) -> None:
    other = person(Role.INVESTIGATOR)
    member(installation, case, other, Role.INVESTIGATOR)
    row = exported(installation, case, client(leader))
    assert "Disclose to prosecutors" not in client(other).get(f"/cases/{case.uuid}/exports/").content.decode()
    answer = client(other).post(f"/cases/{case.uuid}/exports/{row.uuid}/disclose/", follow=True)
    assert "Only who leads this case" in answer.content.decode()
    row.refresh_from_db()
    assert row.disclosed is None


@pytest.mark.parametrize(
    "path",
    ["../../custody.jsonl", "/etc/passwd", "report.html/../manifest.json", "manifest.json", "", "report.html\0", "."],
)
def test_only_files_that_the_manifest_lists_are_sent(
    path: str, installation: Installation, case: Case, leader: User, prosecutor: User
) -> None:
    row = exported(installation, case, client(leader))
    client(leader).post(f"/cases/{case.uuid}/exports/{row.uuid}/disclose/")
    answer = client(prosecutor).post(f"/cases/{case.uuid}/disclosed/{row.uuid}/file/", {"path": path}, follow=True)
    assert "no such file" in answer.content.decode()
    assert "export.file_taken" not in actions(installation, case)


def test_a_file_that_was_changed_or_put_there_is_not_sent(
    installation: Installation, case: Case, leader: User, prosecutor: User
) -> None:
    row = exported(installation, case, client(leader))
    client(leader).post(f"/cases/{case.uuid}/exports/{row.uuid}/disclose/")
    folder = folder_of(installation, case, row.uuid)
    reader, where = client(prosecutor), f"/cases/{case.uuid}/disclosed/{row.uuid}/file/"
    (folder / "case.jsonld").write_text("{}")
    assert "was changed" in reader.post(where, {"path": "case.jsonld"}, follow=True).content.decode()
    (folder / "report.html").unlink()
    assert "is missing" in reader.post(where, {"path": "report.html"}, follow=True).content.decode()
    (folder / "more").touch()
    assert "no such file" in reader.post(where, {"path": "more"}, follow=True).content.decode()
    assert "export.file_taken" not in actions(installation, case)


def test_what_another_case_disclosed_is_not_there(
    installation: Installation, case: Case, leader: User, prosecutor: User
) -> None:
    other = new_case(installation, "OTHER")
    member(installation, other, prosecutor, Role.PROSECUTOR)
    row = exported(installation, case, client(leader))
    client(leader).post(f"/cases/{case.uuid}/exports/{row.uuid}/disclose/")
    reader = client(prosecutor)
    assert "report.html" not in reader.get(f"/cases/{other.uuid}/disclosed/").content.decode()
    answer = reader.post(f"/cases/{other.uuid}/disclosed/{row.uuid}/file/", {"path": "report.html"})
    assert answer.status_code == 404


def packages(case: Case, number: int, here: Path, manifest: bytes) -> None:
    """Packages on record, each made and disclosed by somebody else; each lies where it may be downloaded."""
    for _ in range(number):
        key, who, made = uuid.uuid4(), person(Role.INVESTIGATOR), timezone.now()
        folder = here.with_name(str(key))
        shutil.copytree(here, folder)
        Export.objects.create(
            case=case, uuid=key, folder=str(folder), forms=["case"], manifest=manifest, made=made, made_by=who.actor,
            disclosed=made, disclosed_by=person(Role.INVESTIGATOR).actor,
        )  # fmt: skip


def test_pages_of_exports_ask_as_often_for_thirty_as_for_two(
    installation: Installation,
    case: Case,
    leader: User,
    prosecutor: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    first = exported(installation, case, client(leader), "case")
    Job.objects.update(state="failed")
    here = folder_of(installation, case, first.uuid)
    pages = [(client(leader), "exports", "Download:", 1), (client(prosecutor), "disclosed", "Download everything:", 0)]
    numbers = []
    for more in (2, 28):
        packages(case, more, here, bytes(first.manifest))
        for _ in range(more):
            user = person(Role.INVESTIGATOR)
            Job.objects.create(case=case, kind="export", arguments={"forms": ["case"]}, operator=user.actor,
                               made=timezone.now(), state="failed")  # fmt: skip
        for browser, name, each, undisclosed in pages:
            browser.get("/")  # the first request of a session writes it
            with django_assert_max_num_queries(25) as told:
                page = browser.get(f"/cases/{case.uuid}/{name}/").content.decode()
            assert page.count(each) == Export.objects.count() - 1 + undisclosed
            numbers.append(len(told.captured_queries))
    assert numbers[:2] == numbers[2:]
