"""The report: whole or not at all, on record, and as many Items as the Case has."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import actions, bank, case, make

from amparo.casework.report import write_report
from amparo.casework.scan import scan
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_a_report_of_a_scanned_case(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    row = case(installation)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "<b>known").write_bytes(b"known")
    (tree / "twin").write_bytes(b"known")
    (tree / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    bank(installation, tmp_path, hashlib.sha256(b"known").hexdigest())
    scan(installation, str(tree), "R-1")
    told = write_report(installation, "R-1", str(tmp_path / "r.html"), "en")
    data = (tmp_path / "r.html").read_bytes()
    assert (told["sha256"], told["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    text = data.decode()
    assert "<b>known" not in text
    assert "&lt;b&gt;known" in text
    assert hashlib.sha256(b"known").hexdigest() in text
    assert "test-label" in text
    assert "<script" not in text
    assert "<img" not in text
    assert actions(installation, row)[-1] == "report.written"
    assert not list(tmp_path.glob("*.part"))


def test_an_empty_case_in_its_own_folder(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row = case(installation)
    told = write_report(installation, "R-1", None, "es")
    path = Path(str(told["path"]))
    assert path.parent == tmp_path / "cases" / str(row.uuid)
    assert 'lang="es"' in path.read_text()


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    case(installation)
    (tmp_path / "file").write_text("x")
    for output in (tmp_path, tmp_path / "file" / "r.html"):
        with pytest.raises(BadInput):
            write_report(installation, "R-1", str(output), "en")
    with pytest.raises(BadInput, match="No case"):
        write_report(installation, "R-2", None, None)
