"""Listing entries is on record before the first one is given."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import actions, bank, make

from amparo.casework.banks.listing import bank_rows, entry_rows
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_entries_are_listed_on_record(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    digest = hashlib.sha256(b"known").hexdigest()
    assert list(bank_rows()) == []
    bank(installation, tmp_path, digest)
    rows = entry_rows(installation, "Known")
    assert actions(installation, None) == ["bank.imported", "bank.listed"]
    assert list(rows) == [
        {
            "v": 1, "entry": 1, "digests": {"sha256": digest}, "labels": ["test-label"], "owner": "Amparo tests",
            "terms": "none", "date": "2026-01-01", "version": 1, "withdrawn": False, "reason": None, "verdict": None,
        }
    ]  # fmt: skip
    with pytest.raises(BadInput, match="no Bank named"):
        entry_rows(installation, "Other")
    assert actions(installation, None).count("bank.listed") == 1
