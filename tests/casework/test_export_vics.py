"""VICS of a Case: the grades that stand, under the scheme that was chosen, and no others."""

import datetime
import json
from pathlib import Path

import pytest
from casework.installations import case, make
from casework.pictures import picture

from amparo.casework.decisions import record_decision
from amparo.casework.export import Choices, export_case
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Content, Item
from amparo.evidence.errors import BadInput
from amparo.exchange.vics import VicsReader

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
CATEGORY_1 = ("material-abuse-material", "child-real", "age-under-13")
CATEGORY_0 = ("material-not-pertinent",)
CATEGORY_4 = ("material-comparison",)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def scanned(tmp_path: Path, installation: Installation) -> Case:
    tree = tmp_path / "tree"
    (tree / "below").mkdir(parents=True)
    for seed in range(5):
        picture(seed).save(tree / f"p{seed}.png")
    picture(0).save(tree / "below" / "again.png")
    (tree / "words.txt").write_text("words")
    made = case(installation)
    scan(installation, str(tree), "R-1")
    return made


def content(seed: int) -> Content:
    found = next(row for row in Item.objects.all() if bytes(row.tail) == f"p{seed}.png".encode())
    assert found.content is not None
    return found.content


def exported(installation: Installation, folder: Path, scheme: str = "vic-us") -> dict[str, dict[str, object]]:
    export_case(installation, "R-1", ["vics"], str(folder), Choices(scheme=scheme))
    with (folder / "vics.json").open("rb") as stream:
        read = list(VicsReader("o", "t", datetime.date(2000, 1, 1)).read(stream))
    return {entry.digests["sha256"].hex(): json.loads(entry.original) for entry in read}


def category(records: dict[str, dict[str, object]], seed: int) -> object:
    return records[bytes(content(seed).sha256).hex()].get("Category")


def test_every_picture_is_listed_with_its_places_and_only_grades_that_stand(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    record_decision(installation, content(0), CATEGORY_1)
    record_decision(installation, content(1), CATEGORY_0)
    record_decision(installation, content(2), ("material-abuse-material",))  # not enough to derive a category
    records = exported(installation, tmp_path / "out")
    assert len(records) == 5
    assert [category(records, seed) for seed in range(5)] == [1, 0, None, None, None]
    files = records[bytes(content(0).sha256).hex()]["MediaFiles"]
    assert sorted(each["FileName"] for each in files) == ["again.png", "p0.png"]  # type: ignore[attr-defined, index]
    assert all(str(each["Written"]).endswith("+00:00") for each in files)  # type: ignore[attr-defined, index]


def test_where_two_people_are_asked_for_a_first_grade_and_a_difference_are_left_out(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    Case.objects.update(two_people=True)
    ana, ben, eva = (installation.acting(f"account:{name}") for name in ("ana", "ben", "eva"))
    record_decision(ana, content(0), CATEGORY_1)
    for who, grade in ((ana, CATEGORY_1), (ben, CATEGORY_1)):
        record_decision(who, content(1), grade)
    for who, grade in ((ana, CATEGORY_1), (ben, CATEGORY_0)):
        record_decision(who, content(2), grade)
        record_decision(who, content(3), grade)
    record_decision(eva, content(3), CATEGORY_0, note="seen by three", leads=True)
    for who, grade in ((ana, CATEGORY_0), (ben, CATEGORY_4)):
        record_decision(who, content(4), grade)
    records = exported(installation, tmp_path / "out")
    assert [category(records, seed) for seed in range(4)] == [None, 1, None, 0]
    assert category(records, 4) is None, "two that agree in what a page shows, and not in this scheme"


@pytest.mark.parametrize("scheme", ["", "vic-uk", "no-such-scheme"])
def test_a_scheme_without_numbers_is_refused_before_anything_is_written(
    scheme: str, installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="whose grades are numbers") as refused:
        exported(installation, tmp_path / "out", scheme)
    assert "vic-us" in refused.value.hint
    assert not (tmp_path / "out").exists()
