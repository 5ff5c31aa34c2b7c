"""Event: what happened, as callers put it into an outbox in the transaction it records."""

import dataclasses
import re
import secrets
import uuid
from collections.abc import Mapping

from amparo.evidence.custody.canonical import (
    INT64,
    MAX_LINE,
    Malformed,
    a_number,
    a_text,
    an_id,
    an_object,
    canonical,
    is_field,
    only,
    some_bytes,
)
from amparo.evidence.custody.entry import FIRST, SALT, CustodyEntry, Fact, commitment
from amparo.evidence.errors import BadInput

ERASED = "payload.erased"
# Ids, digests, versions, counts: no space and no slash, so that a name or a path does not slip into what can never
# be erased. What a person may have to erase later belongs in the payload.
_TOKEN = re.compile(r"[A-Za-z0-9._:+=-]{1,128}")


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One event, ``at`` in ns since 1970 UTC. ``facts`` stay for ever, ``payload`` can be erased.

    The salts are part of the event, so sealing it again after a crash gives the same commitments. Raises BadInput
    for anything that could not be sealed: an Event that exists can be sealed.
    """

    id: uuid.UUID
    at: int
    actor: str
    authority: uuid.UUID | None
    action: str
    facts: Mapping[str, Fact] = dataclasses.field(default_factory=dict)
    payload: Mapping[str, str] = dataclasses.field(default_factory=dict)
    salts: Mapping[str, bytes] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        hint = "This is an error of the program that recorded it; please report it."
        try:
            if self.salts.keys() != self.payload.keys() or any(len(salt) != SALT for salt in self.salts.values()):
                raise Malformed("lacks salts for its payload")
            if not all(is_field(name) for name in self.payload):
                raise Malformed("has payload fields that are not lower case")
            if any(isinstance(fact, str) and not _TOKEN.fullmatch(fact) for fact in self.facts.values()):
                raise Malformed("has facts that are not ids, digests or counts")
            longest = max(len(self.entry(INT64 - 1, FIRST).line()), len(self.payload_line()))
        except Malformed as error:
            raise BadInput(f"The custody event {error}.", hint) from error
        except UnicodeEncodeError as error:
            raise BadInput("The custody event has text that is not Unicode.", hint) from error
        if longest >= MAX_LINE:
            raise BadInput("The custody event is longer than 1 MiB.", hint)

    @classmethod
    def new(
        cls,
        at: int,
        actor: str,
        authority: uuid.UUID | None,
        action: str,
        facts: Mapping[str, Fact] | None = None,
        payload: Mapping[str, str] | None = None,
    ) -> "Event":
        """A new event with a random id and a random salt per payload field; raises BadInput."""
        salts = {name: secrets.token_bytes(SALT) for name in payload or {}}
        return cls(uuid.uuid4(), at, actor, authority, action, dict(facts or {}), dict(payload or {}), salts)

    @classmethod
    def erasure(cls, of: uuid.UUID, at: int, actor: str, authority: uuid.UUID | None, under: str) -> "Event":
        """Records that the payload of entry ``of`` is erased, and under what rule or order.

        Seal it first, then pass it to :meth:`CustodyLog.erase`: a crash in between leaves a log that says what is
        still to be done, never a payload that went away without a record.
        """
        return cls.new(at, actor, authority, ERASED, {"entry": str(of)}, {"under": under})

    def entry(self, n: int, prev: str) -> CustodyEntry:
        """This event as entry ``n`` after the entry of hash ``prev``."""
        commitments = {name: commitment(self.salts[name], name, value) for name, value in self.payload.items()}
        facts = dict(self.facts)
        return CustodyEntry(n, self.id, self.at, self.actor, self.authority, self.action, facts, commitments, prev)

    def payload_line(self) -> bytes:
        """Its line in the payload file, without newline."""
        return canonical({"v": 1, "id": str(self.id), "fields": self._fields()})

    def as_json(self) -> dict[str, object]:
        """For an outbox row. Holds the payload in the clear: delete the row once it is sealed."""
        return {
            "v": 1,
            "id": str(self.id),
            "at": self.at,
            "actor": self.actor,
            "authority": None if self.authority is None else str(self.authority),
            "action": self.action,
            "facts": dict(self.facts),
            "payload": self._fields(),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, object]) -> "Event":
        """The inverse of :meth:`as_json`; raises BadInput."""
        try:
            only(row, "id", "at", "actor", "authority", "action", "facts", "payload")
            if row["v"] != 1:
                raise Malformed("is of a version this program does not know")
            facts: dict[str, Fact] = {}
            for name, fact in an_object(row["facts"]).items():
                if not isinstance(fact, str | int | None):
                    raise Malformed("has facts that are not flat")
                facts[name] = fact
            payload, salts = read_fields(row["payload"])
            event, at, actor = an_id(row["id"]), a_number(row["at"]), a_text(row["actor"])
            authority = None if row["authority"] is None else an_id(row["authority"])
            return cls(event, at, actor, authority, a_text(row["action"]), facts, payload, salts)
        except Malformed as error:
            raise BadInput(f"A custody event in the outbox {error}.", "Run: amparo doctor") from error

    def _fields(self) -> dict[str, dict[str, str]]:
        return {name: {"salt": self.salts[name].hex(), "value": value} for name, value in self.payload.items()}


def read_fields(value: object) -> tuple[dict[str, str], dict[str, bytes]]:
    """Values and salts of ``{name: {"salt": hex, "value": text}}``; raises Malformed."""
    values, salts = {}, {}
    for name, row in an_object(value).items():
        pair = an_object(row)
        if not is_field(name) or pair.keys() != {"salt", "value"}:
            raise Malformed("has payload fields of the wrong form")
        values[name], salts[name] = a_text(pair["value"]), some_bytes(pair["salt"], SALT)
    return values, salts
