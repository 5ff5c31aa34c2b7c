"""Judging entries: withdraw, confirm, deny, release."""

from amparo.casework.banks.store import open_banks
from amparo.casework.installation import Installation, storage_errors
from amparo.catalogue.banks import Banks
from amparo.catalogue.verdicts import Verdict
from amparo.catalogue.verdicts import judge as record_verdict
from amparo.evidence.errors import BadInput
from amparo.exchange.hash_list import parse_digest
from amparo.media.bank_segment import Stored


def withdraw(installation: Installation, name: str, target: str, reason: str) -> int:
    """Take an entry out of use, named by number or digest; it stays on record. Returns the Bank's version."""
    with storage_errors():
        banks = open_banks(installation.settings)
        result = banks.withdraw(name, find_entries(banks, name, target), reason, installation.recorder())
        installation.sealer.seal()
    return result.version


def judge(installation: Installation, name: str, target: str, verdict: Verdict, reason: str) -> int:
    """Confirm, deny or release entries named by number or digest. Returns the Bank's version. Raises BadInput."""
    with storage_errors():
        version = 0
        for stored in find_entries(open_banks(installation.settings), name, target):
            version = record_verdict(name, stored.entry, verdict, reason, installation.recorder())
        installation.sealer.seal()
    return version


def find_entries(banks: Banks, name: str, target: str) -> list[Stored]:
    """The entries a person names: by number, or by digest in hex (of 64 digits: SHA-256, else PDQ). Raises BadInput."""
    if target.isdecimal() and len(target) <= 10:
        stored = banks.entry(name, int(target))
        found = [] if stored.known.withdrawn else [stored]
    else:
        algorithm, digest = parse_digest(target)
        found = banks.by_digest(name, algorithm, digest)
        if not found and algorithm == "sha256":
            found = banks.by_digest(name, "pdq", digest)
    if not found:
        raise BadInput(f"{target} is not in use in this Bank.", f"See: amparo bank entries --name {name!r}")
    return found
