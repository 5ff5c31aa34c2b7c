"""The two kinds of line in a custody log: entries and seals (DESIGN section 4).

An entry's hash is the SHA-256 of its canonical line without the newline, and the next entry states it in ``prev``.
Seals stand between entries and are not part of that chain.
"""

import dataclasses
import hashlib
import re
import uuid
from collections.abc import Mapping

from amparo.evidence.custody.canonical import (
    INT64,
    Malformed,
    a_number,
    a_text,
    an_id,
    an_object,
    canonical,
    is_field,
    is_hex,
    load,
    only,
    some_bytes,
)
from amparo.evidence.errors import BadInput

FIRST = "0" * 64  # ``prev`` of entry 1
SALT = 16  # bytes

Fact = str | int | None  # and bool, which is an int

_ACTION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def line_hash(line: bytes) -> str:
    """Hex SHA-256 of a canonical line without its newline."""
    return hashlib.sha256(line).hexdigest()


def commitment(salt: bytes, field: str, value: str) -> str:
    """Hex SHA-256(salt, NUL, field, NUL, value). Unambiguous: the salt has a fixed length, a field name no NUL."""
    return hashlib.sha256(b"\0".join((salt, field.encode(), value.encode()))).hexdigest()


@dataclasses.dataclass(frozen=True, slots=True)
class Anchor:
    """A sealed head known from elsewhere, such as the installation chain: entry number and its hex SHA-256."""

    n: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        """From ``N:HASH``; raises BadInput."""
        number, _, digest = text.strip().lower().partition(":")
        if not re.fullmatch(r"[1-9][0-9]{0,17}", number) or not is_hex(digest, 32):
            raise BadInput("The head is not of the form N:HASH.", "Give the entry number, a colon and 64 hex digits.")
        return cls(int(number), digest)

    def __str__(self) -> str:
        return f"{self.n}:{self.hash}"


@dataclasses.dataclass(frozen=True, slots=True)
class CustodyEntry:
    """One recorded event at its place in the chain. ``at`` is in ns since 1970 UTC. Raises Malformed."""

    n: int
    id: uuid.UUID
    at: int
    actor: str
    authority: uuid.UUID | None
    action: str
    facts: Mapping[str, Fact]
    commitments: Mapping[str, str]
    prev: str

    def __post_init__(self) -> None:
        if not 1 <= self.n < INT64 or not -INT64 <= self.at < INT64:
            raise Malformed("has a number out of range")
        if not 1 <= len(self.actor) <= 256 or not self.actor.isprintable():
            raise Malformed("names no actor")
        if not _ACTION.fullmatch(self.action):
            raise Malformed("has an action that is not dotted lower case")
        if not all(is_field(name) and is_hex(digest, 32) for name, digest in self.commitments.items()):
            raise Malformed("has commitments that are not digests")
        for name, fact in self.facts.items():
            if not is_field(name) or not isinstance(fact, str | int | None):
                raise Malformed("has facts that are not flat")
            if isinstance(fact, int) and not -INT64 <= fact < INT64:
                raise Malformed("has a number out of range")

    @classmethod
    def from_row(cls, row: Mapping[str, object]) -> "CustodyEntry":
        """From a loaded line; raises Malformed."""
        only(row, "kind", "n", "id", "at", "actor", "authority", "action", "facts", "commitments", "prev")
        facts: dict[str, Fact] = {}
        for name, fact in an_object(row["facts"]).items():
            if not isinstance(fact, str | int | None):
                raise Malformed("has facts that are not flat")
            facts[name] = fact
        return cls(
            n=a_number(row["n"]),
            id=an_id(row["id"]),
            at=a_number(row["at"]),
            actor=a_text(row["actor"]),
            authority=None if row["authority"] is None else an_id(row["authority"]),
            action=a_text(row["action"]),
            facts=facts,
            commitments={name: a_text(digest) for name, digest in an_object(row["commitments"]).items()},
            prev=some_bytes(row["prev"], 32).hex(),
        )

    def line(self) -> bytes:
        """Canonical bytes without newline; their SHA-256 is the entry's hash."""
        return canonical(
            {
                "v": 1,
                "kind": "entry",
                "n": self.n,
                "id": str(self.id),
                "at": self.at,
                "actor": self.actor,
                "authority": None if self.authority is None else str(self.authority),
                "action": self.action,
                "facts": dict(self.facts),
                "commitments": dict(self.commitments),
                "prev": self.prev,
            }
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Seal:
    """A signature over the head: entry number, its hex hash, ns since 1970 UTC, raw Ed25519 public key."""

    n: int
    head: str
    at: int
    key: bytes
    sig: bytes = b""

    @classmethod
    def from_row(cls, row: Mapping[str, object]) -> "Seal":
        """From a loaded line; raises Malformed."""
        only(row, "kind", "n", "head", "at", "key", "sig")
        head, key, sig = some_bytes(row["head"], 32), some_bytes(row["key"], 32), some_bytes(row["sig"], 64)
        return cls(a_number(row["n"]), head.hex(), a_number(row["at"]), key, sig)

    def signed(self) -> bytes:
        """The canonical bytes that ``sig`` signs: the seal without it."""
        return canonical(self._row())

    def line(self) -> bytes:
        """Canonical bytes without newline."""
        return canonical(self._row() | {"sig": self.sig.hex()})

    def _row(self) -> dict[str, object]:
        return {"v": 1, "kind": "seal", "n": self.n, "head": self.head, "at": self.at, "key": self.key.hex()}


def read_line(line: bytes) -> CustodyEntry | Seal:
    """The record on one line, with or without newline; raises Malformed."""
    row = load(line)
    if row.get("kind") == "entry":
        return CustodyEntry.from_row(row)
    if row.get("kind") == "seal":
        return Seal.from_row(row)
    raise Malformed("is neither an entry nor a seal")
