"""What workers are given: all Banks of now, under one identity that says which versions those are."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import bank, make

from amparo.casework.bank_key import lock, protect
from amparo.casework.banks.judging import judge
from amparo.casework.banks.merging import merge_bank
from amparo.casework.banks.store import compared, memory_of, open_banks
from amparo.casework.installation import Installation
from amparo.catalogue.models import Comparison
from amparo.evidence.errors import MissingComponent, NotAuthorised
from amparo.media.known_banks import KnownBanks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ONE, TWO = (hashlib.sha256(each).hexdigest() for each in (b"one", b"two"))


def now(installation: Installation) -> tuple[str, Path, int]:
    found = compared(installation.settings, open_banks(installation.settings))
    assert [bank.state for bank in KnownBanks.open(found.path).banks] == list(found.states)
    return found.digest, found.path, found.size


def test_the_identity_says_which_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amparo.catalogue.banks._SOON", 0)
    installation = make(tmp_path / "home")
    none = now(installation)
    assert none[2] == 0
    bank(installation, tmp_path, ONE)
    first = now(installation)
    assert now(installation) == first
    bank(installation, tmp_path, ONE)
    assert now(installation) == first, "nothing new was in the list"
    bank(installation, tmp_path, TWO)
    second = now(installation)
    judge(installation, "Known", ONE, "denied", "why")
    third = now(installation)
    assert len({none[0], first[0], second[0], third[0]}) == 4
    monkeypatch.undo()
    assert merge_bank(installation, "Known")
    merged = now(installation)
    assert (merged[0], merged[1] != third[1]) == (third[0], True), "other files are no new Bank"
    assert not merge_bank(installation, "Known")
    assert [row.banks[0]["entries"] for row in Comparison.objects.order_by("pk") if row.banks] == [1, 2, 2]


def test_a_boot_changes_no_identity(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, ONE)
    before = now(installation)
    memory_of(installation.settings).forget()
    assert now(installation) == before


def test_a_locked_key_is_said(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, ONE)
    protect(installation.settings.bank_key_path, "pan, mar y montaña")
    now(installation)  # open since before
    lock(memory_of(installation.settings))
    with pytest.raises(NotAuthorised, match="locked"):
        now(installation)
    with pytest.raises(NotAuthorised, match="locked"):
        bank(installation, tmp_path, TWO)


def test_a_lost_key_is_not_made_anew_over_banks(tmp_path: Path) -> None:
    """What it would seal could be told from what it cannot open only by its error."""
    installation = make(tmp_path / "home")
    bank(installation, tmp_path, ONE)
    installation.settings.bank_key_path.unlink()
    memory_of(installation.settings).forget()
    with pytest.raises(MissingComponent):
        now(installation)
