"""The payload file beside a custody log: what can be erased without touching the chain."""

import dataclasses
import hashlib
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from amparo.evidence.custody.canonical import (
    MAX_LINE,
    Malformed,
    a_number,
    a_text,
    an_id,
    an_object,
    canonical,
    load,
    only,
)
from amparo.evidence.custody.entry import commitment
from amparo.evidence.custody.event import read_fields
from amparo.evidence.errors import VerificationFailed

HINT = "Keep this copy as it is, and compare it with a backup from that line on."


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A payload that is there: the digest of its commitments, and what it states if all it says is ``under``."""

    id: uuid.UUID
    digest: bytes
    under: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Erased:
    """A payload that was erased: when (ns since 1970 UTC), under what, and the id of the event that records it."""

    id: uuid.UUID
    at: int
    under: str
    by: uuid.UUID

    def line(self) -> bytes:
        """Canonical bytes without newline."""
        erased = {"at": self.at, "under": self.under, "entry": str(self.by)}
        return canonical({"v": 1, "id": str(self.id), "erased": erased})


def payload_path(log: Path) -> Path:
    """``custody.payload.jsonl`` for ``custody.jsonl``."""
    return log.with_suffix(".payload.jsonl")


def digest(commitments: Mapping[str, str]) -> bytes:
    """SHA-256 of all commitments of an entry: 32 bytes to keep, however many fields it has."""
    return hashlib.sha256(canonical(commitments)).digest()


def read_payload(line: bytes) -> Kept | Erased:
    """One line of the file; raises Malformed."""
    row = load(line)
    if "erased" in row:
        only(row, "id", "erased")
        erased = an_object(row["erased"])
        if erased.keys() != {"at", "under", "entry"}:
            raise Malformed("has missing or unknown fields")
        return Erased(an_id(row["id"]), a_number(erased["at"]), a_text(erased["under"]), an_id(erased["entry"]))
    only(row, "id", "fields")
    values, salts = read_fields(row["fields"])
    commitments = {name: commitment(salts[name], name, value) for name, value in values.items()}
    return Kept(an_id(row["id"]), digest(commitments), values["under"] if values.keys() == {"under"} else None)


def bounded_lines(file: BinaryIO, size: int, what: str) -> Iterator[bytes]:
    """Lines of the first ``size`` bytes, each with its newline save a torn last one; VerificationFailed over 1 MiB."""
    number = 0
    while size > 0 and (line := file.readline(min(size, MAX_LINE + 1))):
        number += 1
        size -= len(line)
        if len(line) > MAX_LINE:
            raise VerificationFailed(f"Line {number} of the {what} is longer than 1 MiB.", HINT)
        yield line
