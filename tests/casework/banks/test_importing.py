"""Import: a whole list or nothing, told what it does not say itself, on record."""

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from casework.installations import actions, bank, make

from amparo.casework.banks import importing
from amparo.casework.banks.formats import make_format, stated
from amparo.casework.banks.importing import import_bank, imported_row
from amparo.casework.banks.listing import bank_rows, entry_rows
from amparo.catalogue.models import Bank
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SHA256 = hashlib.sha256(b"known").hexdigest()
VICS = Path(__file__).parents[2] / "golden" / "vics"
GIVEN = {"owner": "Amparo tests", "terms": "none", "dated": datetime.date(2026, 1, 1)}


def test_an_import_is_on_record(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, SHA256)
    (row,) = bank_rows()
    assert (row["name"], row["kind"], row["version"], row["entries"]) == ("Known", "known", 1, 1)
    assert actions(installation, None) == ["bank.imported"]
    result = import_bank(installation, str(tmp_path / "known.csv"), "Known")
    assert imported_row(result) == {
        "v": 1, "bank": row["bank"], "version": 1, "added": 0, "updated": 0, "already": 1, "revived": 0, "withdrawn": 0,
    }  # fmt: skip


def test_a_bad_line_imports_nothing(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    with pytest.raises(BadInput, match="3"):
        bank(installation, tmp_path, SHA256, "not hex")
    assert Bank.objects.count() == 0
    with pytest.raises(BadInput, match="Cannot read"):
        import_bank(installation, str(tmp_path / "missing.csv"), "Known")
    with pytest.raises(BadInput, match="Unknown bank format"):
        import_bank(installation, str(tmp_path / "known.csv"), "Known", "other")
    with pytest.raises(BadInput, match="no kind"):
        import_bank(installation, str(tmp_path / "known.csv"), "Known", kind="good")
    with pytest.raises(BadInput):
        import_bank(installation, str(VICS / "truncated-in-record-2.json"), "Known", "vics", GIVEN)
    assert Bank.objects.count() == 0
    assert not list((tmp_path / "home" / "banks").glob("*.sealed"))


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("plain", {}, "does not state everything"),
        ("plain", {"owner": "O", "terms": "T"}, "does not state everything"),
        ("vics", {"owner": "O"}, "does not state everything"),
        ("vics", {**GIVEN, "labels": ("x",)}, "states that itself"),
        ("vics", {**GIVEN, "algorithm": "md5"}, "states that itself"),
        ("csv", {"owner": "O"}, "states that itself"),
        ("csv", {"algorithm": "md5"}, "states that itself"),
        ("plain", {**GIVEN, "algorithm": "crc32"}, "Unknown algorithm"),
        ("", {}, "Unknown bank format"),
    ],
)
def test_what_a_list_has_to_be_told(name: str, given: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=says):
        make_format(make(tmp_path).settings, name, given)


def test_what_was_stated() -> None:
    assert stated(None, None, None, (), None) == {}
    given = stated("O", "T", "2026-01-31", ("a",), "pdq")
    assert given == {
        "owner": "O", "terms": "T", "dated": datetime.date(2026, 1, 31), "labels": ("a",), "algorithm": "pdq",
    }  # fmt: skip
    with pytest.raises(BadInput, match="not a date"):
        stated(None, None, "31.1.2026", (), None)


def test_a_plain_list_says_what_it_was_told(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    (tmp_path / "list.txt").write_text(f"{SHA256}  name\n{'0' * 32}\n")
    import_bank(installation, str(tmp_path / "list.txt"), "Plain", "plain", {**GIVEN, "labels": ("b", "a")}, "negative")
    (row,) = bank_rows()
    assert (row["kind"], row["entries"]) == ("negative", 2)
    told = [(each["digests"], each["owner"], each["labels"]) for each in entry_rows(installation, "Plain")]
    assert told == [
        ({"sha256": SHA256}, "Amparo tests", ["a", "b"]),
        ({"md5": "0" * 32}, "Amparo tests", ["a", "b"]),
    ]


@pytest.mark.parametrize("name", ["media-1.3", "media-2.0-us", "media-2.0-us-utf16", "cases-2.0-uk"])
def test_a_vics_list_keeps_all_that_it_said(name: str, tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    path = VICS / f"{name}.json"
    result = import_bank(installation, str(path), name, "vics", GIVEN)
    again = import_bank(installation, str(path), name, "vics", GIVEN)
    assert (again.version, again.already, again.updated) == (1, result.added, 0)
    raw = path.read_bytes()
    whole = json.loads(raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"))
    media = [m for each in whole["value"] for m in (each.get("Media") or [])] if "cases" in name else whole["value"]
    rows = list(entry_rows(installation, name))
    assert len(rows) == len(media) == result.added
    for row, record in zip(rows, media, strict=True):
        if record.get("MD5"):
            assert row["digests"]["md5"] == record["MD5"].lower()  # type: ignore[index]
        if record.get("Category") is not None:
            assert f"vics-category-{record['Category']}" in row["labels"]  # type: ignore[operator]


def test_large_banks_are_merged_in_the_background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later: list[str] = []
    monkeypatch.setattr(importing, "merge_later", later.append)
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, SHA256)
    assert later == []
    monkeypatch.setattr("amparo.catalogue.banks._SOON", 0)
    bank(installation, tmp_path, "0" * 64)
    assert later == ["Known"]


def test_a_kind_stays(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, SHA256)
    path = str(tmp_path / "known.csv")
    assert import_bank(installation, path, "Known", kind="known").version == 1
    with pytest.raises(BadInput, match="not known-good"):
        import_bank(installation, path, "Known", kind="known-good")
    import_bank(installation, path, "Good", kind="known-good")
    assert [(row["name"], row["kind"]) for row in bank_rows()] == [("Good", "known-good"), ("Known", "known")]
