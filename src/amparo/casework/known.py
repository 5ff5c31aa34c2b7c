"""Banks of known digests: import, list, withdraw, and one file or digest looked up in them."""

import dataclasses
import importlib.metadata
import os
from collections.abc import Iterator
from pathlib import Path

from amparo.casework.hashing import digests_of
from amparo.casework.installation import Installation
from amparo.catalogue import banks
from amparo.evidence.errors import BadInput
from amparo.media.bank_index import BankIndex
from amparo.media.bank_match import lookup

GROUP = "amparo.bank_formats"


def import_bank(installation: Installation, path: str, name: str, file_format: str = "csv") -> banks.ImportResult:
    """Import a file into a Bank, all of it or nothing. Raises BadInput naming the line that is wrong."""
    reader = _format(installation, file_format)
    try:
        with open(path, "rb") as stream:
            result = banks.import_entries(name, reader.read(stream), installation.recorder())
    except OSError as error:
        raise BadInput(f"Cannot read {path!r}: {error.strerror}.", "Check the path and its permissions.") from error
    installation.sealer.seal()
    return result


def withdraw(installation: Installation, name: str, digest: str, reason: str) -> None:
    """Withdraw one entry: it matches no more, and stays on record."""
    banks.withdraw(name, digest, reason, installation.recorder())
    installation.sealer.seal()


def match_rows(installation: Installation, target: str) -> Iterator[dict[str, object]]:
    """What the Banks know of a file, or of a digest in hex (schema ``match``). Records that someone looked."""
    digests = _digests(target)
    written = banks.write_index(Path(installation.settings.home) / "banks")
    installation.recorder().record("bank.looked_up", {"banks": written.digest}, {"digest": _strongest(digests).hex()})
    installation.sealer.seal()
    with BankIndex(written.path) as index:
        for finding in lookup(index, digests):
            facts = {key: list(fact) if isinstance(fact, tuple) else fact for key, fact in finding.facts.items()}
            yield {"v": 1, **facts}
