"""The portable case: what it holds, what it leaves out, and what comes back from its reviewer."""

import json
import re
import uuid
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from casework.installations import actions, make
from casework.seen import item, scanned
from exchange.test_reviewer_marks import signed
from PIL import Image
from workbench.staff import member, new_case, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework import imagery
from amparo.casework.export import export_case, portable
from amparo.casework.export.portable_sealed import seal_portable
from amparo.casework.grading import grade
from amparo.casework.installation import Installation
from amparo.casework.members import break_glass
from amparo.casework.reviewed import check_marks, take_marks
from amparo.casework.scan import scan
from amparo.casework.vault import custodians, objects, openings
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.catalogue.models import Case, Category, Content, Export, ImageryRelease, Item, Note, Notice
from amparo.evidence import manifest
from amparo.evidence.errors import BadInput, NotAuthorised, VerificationFailed
from amparo.evidence.item import item_id

pytestmark = pytest.mark.django_db(transaction=True)
PASSPHRASE = "seven green bottles on a wall"
REASON, RECIPIENT = "The court asked to see it.", "Court of this test"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def case(installation: Installation, tmp_path: Path) -> Case:
    return scanned(installation, new_case(installation), tmp_path / "tree")


def examiner(installation: Installation, case: Case) -> User:
    user = person(Role.EXAMINER)
    member(installation, case, user, Role.EXAMINER)
    return user


def released(installation: Installation, case: Case, path: str) -> ImageryRelease:
    one, two = examiner(installation, case), examiner(installation, case)
    row = imagery.ask(installation.acting(one.actor), item(case, path), REASON, RECIPIENT)
    imagery.agree(installation.acting(two.actor), row)
    return row


def scripts(folder: Path, name: str) -> list[Any]:
    """What the scripts of this name hand over, in order."""
    found = []
    for number in range(1000):
        path = folder / "data" / (f"{name}-{number}.js" if name != "index" else "index.js")
        if not path.exists():
            break
        values = json.loads("[" + re.fullmatch(r"amparo\.\w+\((.*)\);\n", path.read_text())[1] + "]")  # type: ignore[index]
        if name == "index":
            return values
        assert values[0] == number
        found += values[1]
    return found


def test_every_item_is_in_it_with_its_details_and_no_picture(
    installation: Installation, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portable, "LIST", 4)
    monkeypatch.setattr(portable, "DETAILS", 3)
    folder = tmp_path / "out"
    row = export_case(installation, case.reference, ["portable"], str(folder))
    assert manifest.verify(folder, installation.sealer.fingerprint).sha256 == row["manifest_sha256"]
    (index,) = scripts(folder, "index")
    rows, details = scripts(folder, "list"), scripts(folder, "details")
    assert index["items"] == len(rows) == len(details) == Item.objects.filter(case=case).count()
    assert {each[0] for each in rows} == set(Item.objects.filter(case=case).values_list("pk", flat=True))
    assert sum(number for _, _, number in index["facets"]["outcome"]) == len(rows)
    assert {each[-1] for each in details} == {0}
    assert index["types"]["image/jpeg"] == "Picture (JPEG)"
    assert index["types"].keys() == {each[2] for each in rows}
    assert ["image/jpeg", "Picture (JPEG)", 5] in index["facets"]["type"]
    assert not (folder / "pictures").exists()
    assert "match.bank" in {kind for each in rows for kind in each[5]}
    assert not [path for path in folder.rglob("*") if path.suffix in (".png", ".jpg")]


def test_a_grade_that_does_not_count_yet_is_not_in_it(installation: Installation, case: Case, tmp_path: Path) -> None:
    Case.objects.update(two_people=True)
    case.refresh_from_db()
    people = [examiner(installation, case) for _ in range(2)]
    picture = item(case, "camera2.jpg").content
    assert picture is not None
    for number, user in enumerate(people):
        grade(installation, user, case, Content.objects.get(pk=picture.pk), ["material-not-pertinent"])
        export_case(installation, case.reference, ["portable"], str(tmp_path / str(number)))
    graded = [[row[1] for row in scripts(tmp_path / each, "list") if row[6] != Category.OPEN] for each in "01"]
    assert graded == [[], ["camera2.jpg"]]


def marked(installation: Installation, case: Case, folder: Path, change: dict[str, Any]) -> Path:
    """A portable case was exported and marked."""
    row = export_case(installation, case.reference, ["portable"], str(folder / "out"))
    found = item(case, "camera2.jpg")
    public = item_id(found.source.uuid, bytes(found.locator))
    mark = {"item": found.pk, "id": str(public), "mark": "question", "note": "Who made it?"}
    body = {
        "case": str(case.uuid), "manifest": row["manifest_sha256"], "made": "2026-11-23T20:00:00Z",
        "reviewer": "Office 4", "marks": [mark | change.get("mark", {})],
    }  # fmt: skip
    (folder / "marks.json").write_bytes(signed(body | {name: given for name, given in change.items() if name in body}))
    return folder / "marks.json"


def test_marks_become_notes_of_the_reviewers_key_once(installation: Installation, case: Case, tmp_path: Path) -> None:
    path = str(marked(installation, case, tmp_path, {}))
    found, _ = check_marks(case, path)
    assert not Note.objects.exists(), "shown first"
    with pytest.raises(VerificationFailed):
        take_marks(installation, case, path, "0" * 64)
    assert take_marks(installation, case, path, found.key) == 1
    note = Note.objects.get()
    assert (note.author, note.item_id) == (f"reviewer:{found.key[:16]}", found.marks[0].item)
    assert note.text == "Office 4: A question.\nWho made it?"
    assert item(case, "camera2.jpg").content.flagged  # type: ignore[union-attr]
    assert take_marks(installation, case, path, found.key) == 0
    assert Note.objects.count() == 1
    assert actions(installation, case)[-1] == "marks.taken"


@pytest.mark.parametrize(
    "change",
    [
        {"case": str(uuid.UUID(int=9))},
        {"manifest": "ab" * 32},
        {"mark": {"id": str(uuid.UUID(int=9))}},
        {"mark": {"item": 2**40}},
    ],
)
def test_marks_of_another_case_package_or_item_are_refused(
    installation: Installation, case: Case, tmp_path: Path, change: dict[str, Any]
) -> None:
    path = marked(installation, case, tmp_path, change)
    with pytest.raises(VerificationFailed):
        check_marks(case, str(path))
    with pytest.raises(BadInput):
        check_marks(case, str(tmp_path / "nothing"))


def test_names_cannot_end_a_script_or_a_page(installation: Installation, tmp_path: Path) -> None:
    case = new_case(installation, "</title><script>alert(1)</script>")
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "<script>alert(1)<\u2028script>.txt").write_text("text")
    scan(installation, str(folder), case.reference)
    export_case(installation, case.reference, ["portable"], str(tmp_path / "out"))
    for path in (tmp_path / "out" / "data").iterdir():
        assert "<" not in path.read_text("ascii")
    page = (tmp_path / "out" / "index.html").read_text()
    assert "<script>alert" not in page
    assert any("<script>" in each[1] for each in scripts(tmp_path / "out", "list"))


def test_pictures_leave_only_released_by_two_sealed_and_small(
    installation: Installation, case: Case, tmp_path: Path
) -> None:
    keeper = person(Role.CUSTODIAN)
    custodians.make_key(installation, keeper, PASSPHRASE, PASSPHRASE)
    with pytest.raises(BadInput, match="No picture"):
        seal_portable(installation, case.reference, RECIPIENT)
    released(installation, case, "camera2.jpg")
    imagery.ask(installation, item(case, "camera3.jpg"), REASON, RECIPIENT)  # nobody agrees
    other = item(case, "copies/copy1-0.jpg")
    row = released(installation, case, "copies/copy1-0.jpg")
    ImageryRelease.objects.filter(pk=row.pk).update(recipient="somebody else")
    sealed = seal_portable(installation, case.reference, RECIPIENT)
    assert Export.objects.get().sealed == sealed
    openings.take(installation, keeper, sealed, PASSPHRASE, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        archive.extractall(tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    package = manifest.verify(folder, installation.sealer.fingerprint)
    assert package.about["recipient"] == RECIPIENT
    content = item(case, "camera2.jpg").content_id
    names = sorted(path.name for path in (folder / "pictures").iterdir())
    assert names == [f"{content}-blurred.png", f"{content}-sharp.png"]
    assert {each[-1] for each in scripts(folder, "details")} == {0, content}
    assert other.content_id not in {each[-1] for each in scripts(folder, "details")}
    with Image.open(BytesIO((folder / "pictures" / names[0]).read_bytes())) as image:
        assert image.mode == "L"
        assert max(image.size) <= 240
    assert not list(MemoryFolder(installation.settings.home).path.glob(".work-*"))
    assert actions(installation, case)[-3:-1] == ["vault.put", "case.exported"]


def test_a_release_withdrawn_while_the_package_is_made_keeps_nothing(
    installation: Installation, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = person(Role.CUSTODIAN)
    custodians.make_key(installation, keeper, PASSPHRASE, PASSPHRASE)
    row = released(installation, case, "camera2.jpg")
    write = portable.write_with

    def withdrawing(*given: Any) -> None:
        assert given[1].parent.parent == MemoryFolder(installation.settings.home).path, "nowhere else in the clear"
        write(*given)
        imagery.withdraw(installation, row)

    monkeypatch.setattr(portable, "write_with", withdrawing)
    with pytest.raises(BadInput, match="withdrawn meanwhile"):
        seal_portable(installation, case.reference, RECIPIENT)
    assert not Export.objects.exists()
    assert not list((installation.settings.home / "cases" / str(case.uuid) / "vault").iterdir())


def test_a_release_withdrawn_after_it_was_sealed_keeps_the_package_sealed(
    installation: Installation, case: Case, tmp_path: Path
) -> None:
    keeper, user = person(Role.CUSTODIAN), examiner(installation, case)
    custodians.make_key(installation, keeper, PASSPHRASE, PASSPHRASE)
    row = released(installation, case, "camera2.jpg")
    first = seal_portable(installation, case.reference, RECIPIENT)
    other = objects.put(installation, case, [b"neutral"], objects.CONTENT, "file.txt")
    given = openings.ask(installation, user, first, "The court needs the package.")
    openings.give(installation, keeper, given, PASSPHRASE)
    asked = openings.ask(installation, keeper, first, "The court needs the package.")
    imagery.withdraw(installation, row)
    for refused in (
        lambda: openings.fetch(installation, user, given),
        lambda: openings.give(installation, user, asked, PASSPHRASE),
        lambda: openings.ask(installation, examiner(installation, case), first, "The court needs the package."),
        lambda: openings.take(installation, keeper, first, PASSPHRASE, tmp_path / "out.zip"),
    ):
        with pytest.raises(NotAuthorised, match="release was withdrawn"):
            refused()
    assert not (tmp_path / "out.zip").exists()
    assert imagery.recalled([first, other]) == {first.pk}
    released(installation, case, "camera2.jpg")
    again = seal_portable(installation, case.reference, RECIPIENT)
    openings.take(installation, keeper, again, PASSPHRASE, tmp_path / "out.zip")
    assert imagery.recalled([first, again]) == {first.pk}


def test_two_who_took_access_for_a_day_release_nothing(installation: Installation, case: Case) -> None:
    guests = [person(Role.EXAMINER) for _ in range(2)]
    for each in guests:
        break_glass(installation.acting(each.actor), each, case.reference, Role.EXAMINER, "Nobody else can be reached.")
    one, two = (installation.acting(each.actor) for each in guests)
    row = imagery.ask(one, item(case, "camera2.jpg"), REASON, RECIPIENT)
    with pytest.raises(BadInput, match="for a day"):
        imagery.agree(two, row)
    assert not imagery.in_force(case).exists()
    imagery.agree(installation.acting(examiner(installation, case).actor), row)
    assert imagery.in_force(case).get() == row


def test_who_leads_the_case_is_told_of_a_release(installation: Installation, case: Case) -> None:
    lead, agreeing = person(Role.INVESTIGATOR), person(Role.INVESTIGATOR)
    for each in (lead, agreeing):
        member(installation, case, each, Role.INVESTIGATOR, owner=True)
    one = examiner(installation, case)
    row = imagery.ask(installation.acting(one.actor), item(case, "camera2.jpg"), REASON, RECIPIENT)
    imagery.agree(installation.acting(agreeing.actor), row)
    told = Notice.objects.filter(kind="imagery.released")
    assert [(each.user, each.case) for each in told] == [(lead, case)]


def test_one_person_releases_nothing(installation: Installation, case: Case) -> None:
    one = installation.acting(examiner(installation, case).actor)
    row = imagery.ask(one, item(case, "camera2.jpg"), REASON, RECIPIENT)
    with pytest.raises(BadInput, match="yourself"):
        imagery.agree(one, row)
    assert not imagery.in_force(case).exists()
    with pytest.raises(BadInput, match="asked for already"):
        imagery.ask(one, item(case, "camera2.jpg"), REASON, RECIPIENT)
    two = installation.acting(examiner(installation, case).actor)
    imagery.withdraw(two, row)
    assert imagery.releases(case, None, 10)[0].state is imagery.State.REFUSED
    with pytest.raises(BadInput):
        imagery.agree(two, row)
    again = imagery.ask(one, item(case, "camera2.jpg"), REASON, RECIPIENT)
    imagery.agree(two, again)
    assert imagery.in_force(case).get() == again
    imagery.withdraw(one, again)
    assert not imagery.in_force(case).exists()
    assert [each.state for each in imagery.releases(case, None, 10)] == [imagery.State.WITHDRAWN, imagery.State.REFUSED]
    assert [each for each in actions(installation, case) if each.startswith("imagery.")] == [
        "imagery.asked", "imagery.refused", "imagery.asked", "imagery.agreed", "imagery.withdrawn",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "reason", "recipient"),
    [("text.txt", REASON, RECIPIENT), ("camera2.jpg", "short", RECIPIENT), ("camera2.jpg", REASON, "")],
)
def test_what_is_no_picture_or_not_explained_is_refused(
    installation: Installation, case: Case, path: str, reason: str, recipient: str
) -> None:
    with pytest.raises(BadInput):
        imagery.ask(installation, item(case, path), reason, recipient)
    assert not ImageryRelease.objects.exists()
