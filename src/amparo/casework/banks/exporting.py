"""Export: the entries in use of a Bank as a file that others can import. A bulk look at a sensitive list: recorded."""

import contextlib
import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from amparo.casework.banks.store import open_banks
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.paths import path_fields
from amparo.catalogue.banks import Banks, current_verdicts, find_bank
from amparo.evidence.errors import BadInput
from amparo.exchange.hash_list import COLUMNS
from amparo.exchange.known import ALGORITHMS
from amparo.exchange.vics import media_frame, media_of, vics_record, write_vics
from amparo.media.bank_segment import Stored

_CSV = ("algorithm", *COLUMNS)
FORMATS = ("csv", "vics")


def export_bank(installation: Installation, name: str, file_format: str, output: str) -> dict[str, object]:
    """Write the entries in use to a new file, 0600, in one piece or not at all (schema ``bank_export``).

    Raises BadInput if the file is there already or the format is unknown.
    """
    if file_format not in FORMATS:
        raise BadInput(f"Banks are not exported as {file_format!r}.", f"Formats: {', '.join(FORMATS)}")
    path = Path(output)
    if path.exists():
        raise BadInput(f"{output!r} is there already.", "Choose another --output; nothing is overwritten.")
    with storage_errors():
        bank = find_bank(name)
        banks = open_banks(installation.settings)
        denied = {entry for entry, verdict in current_verdicts(bank).items() if verdict == "denied"}
        entries = (each for each in banks.entries(name, withdrawn=False) if each.entry not in denied)
        if file_format == "csv":
            number, digest = _write(path, lambda stream: _csv(stream, entries))
        else:
            number, digest = _write(path, lambda stream: _vics(stream, banks, name, list(entries)))
        with transaction.atomic():
            facts: dict[str, str | int | None] = {
                "bank": str(bank.uuid),
                "version": bank.version,
                "entries": number,
                "sha256": digest,
            }
            installation.recorder().record("bank.exported", facts, {"name": name, "path_hex": os.fsencode(path).hex()})
        installation.sealer.seal()
    return {
        "v": 1,
        "bank": str(bank.uuid),
        "version": bank.version,
        "entries": number,
        "sha256": digest,
        **path_fields(os.fsencode(path)),
    }


def _csv(stream: BinaryIO, entries: Iterable[Stored]) -> int:
    """A row for each digest; one that several entries have stands once, with what the oldest of them says."""
    text = io.TextIOWrapper(stream, "utf-8", newline="", write_through=True)
    rows, count = csv.writer(text, lineterminator="\n"), 0
    rows.writerow(_CSV)
    seen: set[int] = set()
    for stored in entries:
        count += 1
        known = stored.known
        said = (";".join(known.labels), known.owner, known.terms, known.dated)
        for name in ALGORITHMS:
            digest = known.digests.get(name)
            if digest is not None and hash((name, digest)) not in seen:
                seen.add(hash((name, digest)))
                rows.writerow((name, digest.hex(), *said))
    text.detach()
    return count


def _vics(stream: BinaryIO, banks: Banks, name: str, entries: list[Stored]) -> int:
    """The list as it was imported where all entries are of one list, else a plain list of Media."""
    frame = banks.frame(name)
    if frame and all(stored.known.original for stored in entries):
        originals = sorted((media_of(each.known.original)[0], each.entry, each.known.original) for each in entries)
        return write_vics(stream, frame.encode(), (original for _, _, original in originals))
    return write_vics(stream, media_frame(), _media(entries))


def _media(entries: Iterable[Stored]) -> Iterator[bytes]:
    for stored in sorted(entries, key=lambda each: each.entry):
        original = stored.known.original
        yield media_of(original)[1] if original else vics_record(stored.known, stored.entry)


def _write(path: Path, fill: Callable[[BinaryIO], int]) -> tuple[int, str]:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "w+b") as stream:
            number = fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        part.rename(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return number, digest


def _unwritable(path: Path, error: OSError) -> BadInput:
    return BadInput(f"Cannot write {str(path)!r}: {error.strerror}.", "Choose another --output.")
