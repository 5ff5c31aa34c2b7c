"""Export: what goes out can come in again and says the same; the file is private, whole, and on record."""

import datetime
import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from casework.installations import actions, make

from amparo.casework.banks.exporting import export_bank
from amparo.casework.banks.importing import import_bank
from amparo.casework.banks.judging import withdraw
from amparo.casework.banks.listing import entry_rows
from amparo.casework.installation import Installation
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
VICS = Path(__file__).parents[2] / "golden" / "vics"
GIVEN = {"owner": "Amparo tests", "terms": "none", "dated": datetime.date(2026, 1, 1)}
FORMATS = ["media-1.3", "media-2.0-us", "media-2.0-us-utf16", "cases-2.0-uk"]
CSV = "algorithm,digest,labels,owner,terms,date\n" + "".join(
    f'{name},{hashlib.shake_128(name.encode()).hexdigest(size)},a;b,"Owner, the ""first""",=Terms {size},2026-01-31\n'
    for name, size in (("sha256", 32), ("sha1", 20), ("md5", 16), ("pdq", 32))
)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def said(installation: Installation, name: str, *leaves_out: str) -> list[dict[str, Any]]:
    out = ("v", "entry", "version", *leaves_out)
    return [{key: row[key] for key in row if key not in out} for row in entry_rows(installation, name)]


def load(installation: Installation, folder: Path, text: str, name: str) -> None:
    (folder / "list.csv").write_text(text)
    import_bank(installation, str(folder / "list.csv"), name)


def content(path: Path) -> Any:
    raw = path.read_bytes()
    return json.loads(raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"), parse_float=str)


def test_csv_goes_out_and_comes_in_the_same(installation: Installation, tmp_path: Path) -> None:
    load(installation, tmp_path, CSV, "One")
    told = export_bank(installation, "One", "csv", str(tmp_path / "out.csv"))
    data = (tmp_path / "out.csv").read_bytes()
    assert (told["entries"], told["sha256"]) == (4, hashlib.sha256(data).hexdigest())
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
    assert data.decode() == CSV
    import_bank(installation, str(tmp_path / "out.csv"), "Two")
    assert said(installation, "Two") == said(installation, "One")
    assert actions(installation, None)[1] == "bank.exported"


@pytest.mark.parametrize("name", FORMATS)
def test_vics_goes_out_equal_in_content_and_comes_in_the_same(
    name: str, installation: Installation, tmp_path: Path
) -> None:
    source, out = VICS / f"{name}.json", tmp_path / "out.json"
    import_bank(installation, str(source), "One", "vics", GIVEN)
    export_bank(installation, "One", "vics", str(out))
    assert content(out) == content(source)
    assert import_bank(installation, str(out), "One", "vics", GIVEN).version == 1, "it says nothing new"
    import_bank(installation, str(out), "Two", "vics", GIVEN)
    assert said(installation, "Two") == said(installation, "One")


def test_withdrawn_entries_do_not_go_out(installation: Installation, tmp_path: Path) -> None:
    import_bank(installation, str(VICS / "media-2.0-us.json"), "One", "vics", GIVEN)
    withdraw(installation, "One", "1", "why")
    export_bank(installation, "One", "vics", str(tmp_path / "out.json"))
    whole = content(VICS / "media-2.0-us.json")
    assert content(tmp_path / "out.json") == {**whole, "value": whole["value"][1:]}
    assert export_bank(installation, "One", "csv", str(tmp_path / "out.csv"))["entries"] == len(whole["value"]) - 1


def test_any_bank_goes_out_as_vics(installation: Installation, tmp_path: Path) -> None:
    load(installation, tmp_path, CSV.replace("a;b", "vics-category-2"), "One")
    export_bank(installation, "One", "vics", str(tmp_path / "out.json"))
    import_bank(installation, str(tmp_path / "out.json"), "Two", "vics", GIVEN)
    assert said(installation, "Two", "owner", "terms", "date") == said(installation, "One", "owner", "terms", "date")


def test_lists_of_two_kinds_go_out_as_one(installation: Installation, tmp_path: Path) -> None:
    import_bank(installation, str(VICS / "media-2.0-us.json"), "One", "vics", GIVEN)
    import_bank(installation, str(VICS / "cases-2.0-uk.json"), "One", "vics", GIVEN)
    load(installation, tmp_path, CSV, "One")
    export_bank(installation, "One", "vics", str(tmp_path / "out.json"))
    import_bank(installation, str(tmp_path / "out.json"), "Two", "vics", GIVEN)
    one, two = ([row["digests"] for row in said(installation, name)] for name in ("One", "Two"))
    assert two == one


def test_an_empty_bank_goes_out_empty(installation: Installation, tmp_path: Path) -> None:
    load(installation, tmp_path, CSV.splitlines()[0], "One")
    for name in ("csv", "vics"):
        assert export_bank(installation, "One", name, str(tmp_path / f"out.{name}"))["entries"] == 0
    assert import_bank(installation, str(tmp_path / "out.vics"), "Two", "vics", GIVEN).added == 0


def test_nothing_is_overwritten_and_nothing_is_left(installation: Installation, tmp_path: Path) -> None:
    load(installation, tmp_path, CSV.replace("a;b", "vics-category-1;vics-category-2"), "One")
    there = tmp_path / "there"
    there.write_text("mine")
    for file_format, output in (
        ("csv", there),
        ("csv", tmp_path / "missing" / "out"),
        ("csv", there / "out"),
        ("pdf", tmp_path / "out"),
        ("vics", tmp_path / "out"),  # two categories: VICS cannot say that
    ):
        with pytest.raises(BadInput):
            export_bank(installation, "One", file_format, str(output))
    assert there.read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"home", "list.csv", "there"}
    assert "bank.exported" not in actions(installation, None)
    with pytest.raises(BadInput, match="no Bank named"):
        export_bank(installation, "Other", "csv", str(tmp_path / "out"))


def test_entries_that_share_a_digest_go_out_as_csv_that_comes_in(installation: Installation, tmp_path: Path) -> None:
    """Two lists know one MD5, each with more digests and other labels."""
    media = json.loads((VICS / "media-2.0-us.json").read_bytes())
    for number, sha1 in enumerate(("a" * 40, "b" * 40)):
        record = {"MediaID": number, "Category": number, "MD5": "c" * 32, "SHA1": sha1}
        (tmp_path / "list.json").write_text(json.dumps({**media, "value": [record]}))
        import_bank(installation, str(tmp_path / "list.json"), "One", "vics", GIVEN)
    export_bank(installation, "One", "csv", str(tmp_path / "out.csv"))
    assert import_bank(installation, str(tmp_path / "out.csv"), "Two").added == 3
