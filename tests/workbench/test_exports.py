"""Exports in the browser: made by the worker, checked, taken away on record; never another case's."""

import io
import zipfile
from pathlib import Path

import pytest
from casework.installations import actions
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.casework.packages import folder_of
from amparo.casework.worker import run_next
from amparo.catalogue.models import Case, Job
from amparo.evidence import manifest
from amparo.workbench.exports.pages import LEFT_OUT

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
    assert answer.headers["Content-Disposition"] == f'attachment; filename="W-1-2026-{job.made:%Y%m%d-%H%M}.zip"'
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
