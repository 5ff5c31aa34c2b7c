"""Listing Banks and their entries. Looking at entries is a custody event: a list of hashes is sensitive itself."""

from collections.abc import Iterator

from django.db import transaction

from amparo.casework.banks.store import open_banks
from amparo.casework.installation import Installation, storage_errors
from amparo.catalogue.banks import current_verdicts, find_bank, list_banks
from amparo.media.bank_segment import Stored


def bank_rows() -> Iterator[dict[str, object]]:
    """Schema ``bank``."""
    for bank in list_banks():
        yield {
            "v": 1,
            "bank": str(bank.uuid),
            "name": bank.name,
            "kind": bank.kind,
            "version": bank.version,
            "entries": bank.live,
            "withdrawn": bank.withdrawn,
            "set_aside": bank.set_aside,
        }


def entry_rows(installation: Installation, name: str) -> Iterator[dict[str, object]]:
    """Every entry of a Bank as it is now (schema ``bank_entry``). Recorded before the first one is given."""
    with storage_errors():
        bank = find_bank(name)
        verdicts = current_verdicts(bank)
        entries = open_banks(installation.settings).entries(name)
        with transaction.atomic():
            facts: dict[str, str | int | None] = {
                "bank": str(bank.uuid),
                "version": bank.version,
                "entries": bank.live + bank.withdrawn,
            }
            installation.recorder().record("bank.listed", facts, {"name": name})
        installation.sealer.seal()
    return (_entry(stored, verdicts.get(stored.entry)) for stored in entries)


def _entry(stored: Stored, verdict: str | None) -> dict[str, object]:
    known = stored.known
    return {
        "v": 1,
        "entry": stored.entry,
        "digests": {name: digest.hex() for name, digest in sorted(known.digests.items())},
        "labels": list(known.labels),
        "owner": known.owner,
        "terms": known.terms,
        "date": known.dated.isoformat(),
        "version": stored.version,
        "withdrawn": known.withdrawn,
        "reason": stored.reason or None,
        "verdict": verdict,
    }
