"""Banks of known digests: import, list, withdraw, and one file or digest looked up in them."""

import dataclasses
import importlib.metadata
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol

from django.db import transaction

from amparo.casework.hashing import digests_of
from amparo.casework.installation import Installation, storage_errors
from amparo.catalogue import banks
from amparo.evidence.errors import BadInput
from amparo.exchange.hash_list import KnownDigest, parse_digest
from amparo.media.bank_index import BankIndex
from amparo.media.bank_match import finding, lookup

GROUP = "amparo.bank_formats"


class BankFormat(Protocol):
    """A format of known digests (entry point group ``amparo.bank_formats``)."""

    API: ClassVar[int]
    name: ClassVar[str]

    def read(self, stream: BinaryIO) -> Iterator[KnownDigest]:
        """Every digest of the file. Raises BadInput naming the line."""


def import_bank(installation: Installation, path: str, name: str, file_format: str = "csv") -> banks.ImportResult:
    """Import a file into a Bank, all of it or nothing. Raises BadInput naming the line that is wrong."""
    reader = _format(installation, file_format)
    with storage_errors():
        try:
            stream = open(path, "rb")  # noqa: SIM115  # its refusal is told apart from those while reading
        except OSError as error:
            hint = "Check the path and its permissions."
            raise BadInput(f"Cannot read {path!r}: {error.strerror}.", hint) from error
        with stream:
            result = banks.import_entries(name, reader.read(stream), installation.recorder())
        installation.sealer.seal()
        return result


def imported_row(result: banks.ImportResult) -> dict[str, object]:
    """Schema ``bank_import``."""
    return {"v": 1, **dataclasses.asdict(result), "bank": str(result.bank)}


def withdraw(installation: Installation, name: str, digest: str, reason: str) -> None:
    """Withdraw one entry: it matches no more, and stays on record."""
    with storage_errors():
        banks.withdraw(name, digest, reason, installation.recorder())
        installation.sealer.seal()


def bank_rows() -> Iterator[dict[str, object]]:
    """Schema ``bank``."""
    for bank in banks.list_banks():
        yield {
            "v": 1,
            "bank": str(bank.uuid),
            "name": bank.name,
            "version": bank.version,
            "entries": bank.live,
            "withdrawn": bank.withdrawn,
        }


def match_rows(installation: Installation, target: str) -> Iterator[dict[str, object]]:
    """What the Banks know of a file, or of a digest in hex (schema ``match``). Records that someone looked."""
    digests = _digests(target)
    with storage_errors():
        written = banks.write_index(Path(installation.settings.home) / "banks")
        index = BankIndex(written.path, written.digest)
        try:
            hits = lookup(index, digests)
        finally:
            index.close()
        with transaction.atomic():
            installation.recorder().record(
                "bank.looked_up",
                {"banks": written.digest, "hits": len(hits)},
                {"digest": next(iter(digests.values())).hex()},
            )
        installation.sealer.seal()
    for hit in hits:
        facts = finding(hit).facts
        yield {"v": 1, **{key: list(fact) if isinstance(fact, tuple) else fact for key, fact in facts.items()}}


def _digests(target: str) -> Mapping[str, bytes]:
    """By algorithm, the strongest first."""
    if os.path.exists(target):
        found = digests_of(target)
        return {"sha256": found.sha256, "sha1": found.sha1, "md5": found.md5}
    try:
        algorithm, digest = parse_digest(target)
    except ValueError as error:
        raise BadInput(
            f"Neither a file here nor a digest: {target!r}", "Give a path, or 64, 40 or 32 hex digits."
        ) from error
    return {algorithm: digest}


def _format(installation: Installation, name: str) -> BankFormat:
    points = {
        point.name: point
        for point in importlib.metadata.entry_points(group=GROUP)
        if point.value.startswith("amparo.") or point.name in installation.settings.plugins
    }
    if name not in points:
        raise BadInput(f"Unknown bank format {name!r}.", f"Installed: {', '.join(sorted(points))}")
    found: BankFormat = points[name].load()()
    return found
