"""Judging: entries are named by number or digest, each judgement is on record, and only what is in use is judged."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import actions, bank, make

from amparo.casework.banks.importing import import_bank
from amparo.casework.banks.judging import find_entries, judge, withdraw
from amparo.casework.banks.listing import bank_rows, entry_rows
from amparo.casework.banks.looking import match_rows
from amparo.casework.banks.store import open_banks
from amparo.casework.installation import Installation
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SHA256 = hashlib.sha256(b"known").hexdigest()
MD5 = hashlib.md5(b"known").hexdigest()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = make(tmp_path / "home")
    bank(made, tmp_path, SHA256, MD5)
    return made


def verdicts(installation: Installation) -> list[object]:
    return [row["verdict"] for row in entry_rows(installation, "Known")]


def test_withdrawn_entries_match_no_more(installation: Installation) -> None:
    assert withdraw(installation, "Known", SHA256, "entered by mistake") == 2
    assert list(match_rows(installation, SHA256)) == []
    (row,) = bank_rows()
    assert (row["version"], row["entries"], row["withdrawn"]) == (2, 1, 1)
    assert actions(installation, None)[:2] == ["bank.imported", "bank.withdrawn"]
    (gone,) = (row for row in entry_rows(installation, "Known") if row["entry"] == 1)
    assert (gone["withdrawn"], gone["reason"]) == (True, "entered by mistake")
    for target in (SHA256, "1"):
        with pytest.raises(BadInput, match="not in use"):
            withdraw(installation, "Known", target, "again")
        with pytest.raises(BadInput, match="not in use"):
            judge(installation, "Known", target, "denied", "again")


@pytest.mark.parametrize("target", ["1", SHA256, SHA256.upper()])
def test_denied_entries_match_no_more_until_released(target: str, installation: Installation) -> None:
    assert judge(installation, "Known", target, "denied", "another picture") == 2
    assert list(match_rows(installation, SHA256)) == []
    assert verdicts(installation) == ["denied", None]
    (row,) = bank_rows()
    assert (row["version"], row["entries"], row["set_aside"]) == (2, 2, 1)
    assert judge(installation, "Known", target, "released", "it is right") == 3
    (match,) = match_rows(installation, SHA256)
    assert (match["bank_version"], match["confirmed"]) == (3, False)
    assert actions(installation, None).count("bank.judged") == 2


def test_confirmed_entries_say_so(installation: Installation) -> None:
    assert judge(installation, "Known", MD5, "confirmed", "seen") == 2
    (match,) = match_rows(installation, MD5)
    assert (match["confirmed"], match["collision_prone"]) == (True, True)


def test_a_pdq_is_named_by_its_digits(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    (tmp_path / "k.csv").write_text(f"algorithm,digest,labels,owner,terms,date\npdq,{'0f' * 32},,O,T,2026-01-01\n")
    import_bank(installation, str(tmp_path / "k.csv"), "Known")
    (stored,) = find_entries(open_banks(installation.settings), "Known", "0F" * 32)
    assert stored.entry == 1


@pytest.mark.parametrize(
    "target", ["0", "3", "4294967296", "9999999999", "99999999999", "x", "", "-1", "٣", "0" * 64, "0" * 32, " 1"]
)
def test_what_is_not_there_is_named(target: str, installation: Installation) -> None:
    for act in (lambda: withdraw(installation, "Known", target, "why"), lambda: judge(
        installation, "Known", target, "denied", "why"
    )):  # fmt: skip
        with pytest.raises(BadInput):
            act()
    assert actions(installation, None) == ["bank.imported"]


def test_who_judges_says_why_and_where(installation: Installation) -> None:
    for reason in ("", " ", "line\nbreak", "x" * 501):
        with pytest.raises(BadInput, match="reason"):
            judge(installation, "Known", "1", "denied", reason)
        with pytest.raises(BadInput, match="reason"):
            withdraw(installation, "Known", "1", reason)
    with pytest.raises(BadInput, match="no Bank named"):
        judge(installation, "Other", "1", "denied", "why")
