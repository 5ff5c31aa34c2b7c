"""Look-ups: a file or a digest is found in all Banks, and that someone looked is on record."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import actions, bank, make

from amparo.casework.banks.importing import import_bank
from amparo.casework.banks.looking import match_rows
from amparo.catalogue.outbox import chain_path
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SHA256 = hashlib.sha256(b"known").hexdigest()
MD5 = hashlib.md5(b"known").hexdigest()
PDQ = "0f" * 32


def test_a_file_and_a_digest_are_found(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, SHA256, MD5)
    (tmp_path / "f").write_bytes(b"known")
    for target in (str(tmp_path / "f"), SHA256, SHA256.upper()):
        (row,) = match_rows(installation, target)
        assert (row["bank_name"], row["algorithm"], row["labels"]) == ("Known", "sha256", ["test-label"])
    (weak,) = match_rows(installation, MD5)
    assert (weak["algorithm"], weak["collision_prone"]) == ("md5", True)
    assert list(match_rows(installation, "0" * 64)) == []
    assert actions(installation, None).count("bank.looked_up") == 5
    log = chain_path(tmp_path / "home", None).read_text()
    assert SHA256 not in log, "what was looked up can be erased"


def test_64_digits_are_looked_up_as_both(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    (tmp_path / "pdq.csv").write_text(
        "algorithm,digest,labels,owner,terms,date\n"
        f"pdq,{PDQ},,Amparo tests,none,2026-01-01\nsha256,{PDQ},,Amparo tests,none,2026-01-01\n"
    )
    import_bank(installation, str(tmp_path / "pdq.csv"), "Known")
    kinds = [(row["kind"], row["algorithm"]) for row in match_rows(installation, PDQ)]
    assert kinds == [("match.bank", "sha256"), ("match.near", "pdq")]
    near = "0e" + PDQ[2:]
    (row,) = match_rows(installation, near)
    assert (row["kind"], row["distance"], row["radius"]) == ("match.near", 1, 31)
    assert [row["algorithm"] for row in match_rows(installation, PDQ, "pdq")] == ["pdq"]
    assert [row["algorithm"] for row in match_rows(installation, PDQ, "sha256")] == ["sha256"]
    exact = make(tmp_path / "home", match_radius=0)
    assert list(match_rows(exact, near)) == []


def test_other_kinds_of_banks_say_so_and_come_last(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    for kind, name in (("known-good", "A"), ("negative", "B"), ("known", "C")):
        (tmp_path / "k.csv").write_text(f"digest,labels,owner,terms,date\n{SHA256},,Tests,none,2026-01-01\n")
        import_bank(installation, str(tmp_path / "k.csv"), name, kind=kind)
    assert [(row["kind"], row["bank_name"]) for row in match_rows(installation, SHA256)] == [
        ("match.bank", "C"),
        ("match.negative", "B"),
        ("match.known_good", "A"),
    ]


@pytest.mark.parametrize("target", ["neither", "0" * 63, ""])
def test_what_is_neither_file_nor_digest(target: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        list(match_rows(make(tmp_path), target))


def test_what_cannot_be_looked_at(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, SHA256)
    with pytest.raises(BadInput, match="Not an ordinary file"):
        list(match_rows(installation, str(tmp_path)))
    assert "bank.looked_up" not in actions(installation, None)
