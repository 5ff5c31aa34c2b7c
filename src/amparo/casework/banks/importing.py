"""Import: a list of known content goes into a Bank, all of it or nothing."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from amparo.casework.banks.formats import make_format
from amparo.casework.banks.merging import merge_later
from amparo.casework.banks.store import open_banks
from amparo.casework.installation import Installation, storage_errors
from amparo.catalogue.banks import ImportResult
from amparo.evidence.errors import BadInput
from amparo.media.known_banks import KINDS, Kind


def import_bank(
    installation: Installation,
    path: str,
    name: str,
    file_format: str = "csv",
    given: Mapping[str, Any] | None = None,
    kind: str | None = None,
) -> ImportResult:
    """Import a file into a Bank. ``given``: what :func:`~amparo.casework.banks.formats.stated` gives.

    Raises BadInput naming the place that is wrong, NotAuthorised while the key of the Banks is locked.
    """
    reader = make_format(installation.settings, file_format, given or {})
    with storage_errors():
        try:
            stream = open(path, "rb")  # noqa: SIM115  # its refusal is told apart from those while reading
        except OSError as error:
            hint = "Check the path and its permissions."
            raise BadInput(f"Cannot read {path!r}: {error.strerror}.", hint) from error
        with stream:
            banks = open_banks(installation.settings)
            result = banks.put(
                name,
                reader.read(stream),
                installation.recorder(),
                checked_kind(kind or getattr(reader, "kind", None)),
                frame=lambda: bytes(getattr(reader, "frame", b"")).decode(),
            )
        installation.sealer.seal()
        if banks.merge_is_due(name):
            merge_later(name)
        return result


def imported_row(result: ImportResult) -> dict[str, object]:
    """Schema ``bank_import``."""
    return {"v": 1, **dataclasses.asdict(result), "bank": str(result.bank)}


def checked_kind(kind: str | None) -> Kind | None:
    """The kind of this name. Raises BadInput."""
    for each in KINDS:
        if each == kind:
            return each
    if kind is not None:
        raise BadInput(f"There is no kind {kind!r} of Banks.", f"Kinds: {', '.join(KINDS)}")
    return None
