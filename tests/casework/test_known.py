"""Banks as people use them: import, look-up, withdrawal, each on record."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import actions, bank, make

from amparo.casework.known import bank_rows, import_bank, match_rows, withdraw
from amparo.catalogue.models import Bank
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SHA256 = hashlib.sha256(b"known").hexdigest()
MD5 = hashlib.md5(b"known").hexdigest()


def test_a_file_and_a_digest_are_found(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, SHA256, MD5)
    (tmp_path / "f").write_bytes(b"known")
    for target in (str(tmp_path / "f"), SHA256, SHA256.upper()):
        (row, *_) = match_rows(installation, target)
        assert (row["bank_name"], row["algorithm"], row["labels"]) == ("Known", "sha256", ["test-label"])
    (weak,) = match_rows(installation, MD5)
    assert (weak["algorithm"], weak["collision_prone"]) == ("md5", True)
    assert list(match_rows(installation, "0" * 64)) == []
    assert actions(installation, None).count("bank.looked_up") == 5
    assert SHA256 not in (tmp_path / "home" / "custody.jsonl").read_text(), "what was looked up can be erased"


def test_withdrawn_entries_match_no_more(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, SHA256, MD5)
    withdraw(installation, "Known", SHA256, "entered by mistake")
    assert list(match_rows(installation, SHA256)) == []
    (row,) = bank_rows()
    assert (row["version"], row["entries"], row["withdrawn"]) == (2, 1, 1)
    assert actions(installation, None)[:2] == ["bank.imported", "bank.withdrawn"]


@pytest.mark.parametrize("target", ["neither", "0" * 63, ""])
def test_what_is_neither_file_nor_digest(target: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        list(match_rows(make(tmp_path), target))


def test_a_bad_line_imports_nothing(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    with pytest.raises(BadInput, match="3"):
        bank(installation, tmp_path, SHA256, "not hex")
    assert Bank.objects.count() == 0
    with pytest.raises(BadInput, match="Cannot read"):
        import_bank(installation, str(tmp_path / "missing.csv"), "Known")
    with pytest.raises(BadInput, match="Unknown bank format"):
        import_bank(installation, str(tmp_path / "known.csv"), "Known", "vics")
