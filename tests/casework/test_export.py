"""Export of a Case: whole or not at all, signed, and honest about what it leaves out."""

import hashlib
import json
import os
from pathlib import Path

import jsonschema
import pytest
from casework.installations import actions, bank, case, make
from casework.pictures import picture

from amparo.casework import schemas
from amparo.casework.export import DEFAULT, Choices, export_case, forms
from amparo.casework.export.form import Context, Form
from amparo.casework.export.times import stated_times
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Content, Item
from amparo.evidence import manifest
from amparo.evidence.errors import BadInput, VerificationFailed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def scanned(tmp_path: Path, installation: Installation) -> Case:
    tree = tmp_path / "tree" / "Pictures"
    tree.mkdir(parents=True)
    picture(1).save(tree / "known.png")
    (tree / "ñ \udcff.txt".encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")).write_text("words")
    os.utime(tree / "known.png", ns=(0, 1_500_000_000 * 10**9 + 7))
    bank(installation, tmp_path, hashlib.sha256((tree / "known.png").read_bytes()).hexdigest())
    made = case(installation)
    scan(installation, str(tmp_path / "tree"), "R-1")
    return made


def test_a_package_of_all_forms_verifies_and_is_recorded(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    row = export_case(installation, "R-1", DEFAULT, str(tmp_path / "out"), Choices("en"))
    jsonschema.validate(row, json.loads(schemas.read("export")))
    found = manifest.verify(tmp_path / "out", installation.sealer.fingerprint)
    assert found.files == 2
    assert found.sha256 == row["manifest_sha256"]
    assert found.about["left_out"] == row["left_out"]
    assert "pictures and videos" in row["left_out"]  # type: ignore[operator]
    assert actions(installation, scanned)[-1] == "case.exported"
    assert b"known.png" not in (installation.settings.home / "cases" / str(scanned.uuid) / "custody.jsonl").read_bytes()
    with (tmp_path / "out" / "case.jsonld").open("a") as stream:
        stream.write(" ")
    with pytest.raises(VerificationFailed, match=r"case\.jsonld"):
        manifest.verify(tmp_path / "out")


def test_every_item_content_and_finding_is_in_the_graph(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    export_case(installation, "R-1", ["case"], str(tmp_path / "out"))
    graph = json.loads((tmp_path / "out" / "case.jsonld").read_text())["@graph"]
    files = [each for each in graph if each["@type"] == "uco-observable:File"]
    assert len(files) == Item.objects.filter(case=scanned).count() > 3
    hashed = [each for each in files if len(each["uco-core:hasFacet"]) == 2]
    assert len(hashed) == Content.objects.filter(case=scanned).count() == 2
    tags = [each["uco-core:tag"] for each in graph if each["@type"] == "uco-core:Annotation"]
    assert ["match.bank"] in tags
    assert ["picture.properties"] in tags
    (known,) = (each for each in files if each["uco-core:hasFacet"][0]["uco-observable:fileName"] == "known.png")
    assert (
        known["uco-core:hasFacet"][0]["uco-observable:modifiedTime"]["@value"] == "2017-07-14T02:40:00.000000007+00:00"
    )
    text = (tmp_path / "out" / "case.jsonld").read_bytes()
    text.decode("utf-8")  # a name that is not UTF-8 is escaped


def test_times_of_any_year_and_none_without_a_zone() -> None:
    moments = [["modified", -62_000_000_000 * 10**9, "utc", 1, None], ["created", 0, "local_unknown", 1, None],
               ["accessed", 2**62, "utc", 1, None], ["changed", 0, "utc", 1, None]]  # fmt: skip
    assert stated_times(Item(moments=json.dumps(moments))) == {
        "modified": "0005-04-19T09:46:40.000000000+00:00", "accessed": "2116-02-20T23:53:38.427387904+00:00",
    }  # fmt: skip
    assert stated_times(Item(moments=json.dumps([["modified", 10**21, "utc", 1, None]]))) == {}


@pytest.mark.parametrize(
    ("names", "told"),
    [([], "at least one form"), (["pictures"], "not exported as"), (["report", "x"], "not exported as")],
)
def test_unknown_forms_write_nothing(
    names: list[str], told: str, installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=told):
        export_case(installation, "R-1", names, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten_and_nothing_half_written(
    installation: Installation, scanned: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(BadInput, match="there already"):
        export_case(installation, "R-1", DEFAULT, str(tmp_path / "out"))
    with pytest.raises(BadInput, match="Cannot write"):
        export_case(installation, "R-1", DEFAULT, str(tmp_path / "no" / "where"))

    def stopped(context: Context, folder: Path) -> None:
        (folder / "half").touch()
        raise KeyboardInterrupt

    monkeypatch.setitem(forms.REGISTRY, "case", Form("case", (), stopped))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        export_case(installation, "R-1", DEFAULT, str(tmp_path / "new"))
    assert sorted(path.name for path in tmp_path.iterdir() if "new" in path.name) == []
    assert "case.exported" not in actions(installation, scanned)
