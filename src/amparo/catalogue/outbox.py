"""Custody events: recorded in the transaction they tell of, sealed into their chain afterwards, then gone from here."""

import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from amparo.catalogue.models import Case, OutboxEvent
from amparo.evidence.custody import CustodyLog, Event, Head, SigningKey

_BATCH = 500
_NAMESPACE = uuid.UUID("6f1c2f5e-6d0b-5c39-9d5d-0f7c5f0a9e11")  # of the ids of "head.sealed" events


class Recorder:
    """Puts events of one actor into the outbox. ``case`` None: the installation's chain.

    ``token``: the key of the API token that the actor used, which every event then names.
    """

    def __init__(
        self, actor: str, case: Case | None = None, authority: uuid.UUID | None = None, token: int | None = None
    ) -> None:
        self.operator = actor
        self._case = case
        self._authority = authority
        self._facts: Mapping[str, str | int | None] = {} if token is None else {"token": token}

    def record(
        self, action: str, facts: Mapping[str, str | int | None], payload: Mapping[str, str] | None = None
    ) -> None:
        """Record one event; call it inside the transaction that does what it says."""
        event = Event.new(time.time_ns(), self.operator, self._authority, action, {**facts, **self._facts}, payload)
        OutboxEvent.objects.create(case=self._case, uuid=event.id, body=event.as_json())

    def record_erasures(self, entries: Sequence[uuid.UUID], under: str) -> list[Event]:
        """Record that the payloads of these entries are erased, and under what; :meth:`Sealer.erase` then does it."""
        made = [Event.erasure(of, time.time_ns(), self.operator, self._authority, under) for of in entries]
        OutboxEvent.objects.bulk_create(
            OutboxEvent(case=self._case, uuid=event.id, body=event.as_json()) for event in made
        )
        return made


class Sealer:
    """Seals what waits in the outbox: a Case's events into its chain, and that chain's head into the installation's.

    Safe to run at any time, by several processes: events are sealed once by id, and rows go only when they are on
    disk. A crash in between leaves rows that the next call seals or finds sealed.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._key = SigningKey.open(home / "secrets" / "custody.key")
        self._logs: dict[uuid.UUID | None, CustodyLog] = {}

    @property
    def fingerprint(self) -> str:
        """Of the key that signs; note it down elsewhere as an anchor."""
        return self._key.fingerprint

    def path(self, case: Case | None) -> Path:
        """The chain of a Case, or the installation's."""
        return chain_path(self._home, None if case is None else case.uuid)

    def seal(self, case: Case | None = None) -> Head | None:
        """Seal everything that waits for this chain; returns its head if anything was sealed."""
        head = None
        while rows := list(OutboxEvent.objects.filter(case=case).order_by("pk")[:_BATCH]):
            head = self._log(case).seal([Event.from_json(row.body) for row in rows])
            if case is not None and head is not None:
                self._log(None).seal([_sealed(case, head)])
            OutboxEvent.objects.filter(pk__in=[row.pk for row in rows]).delete()
        return head

    def erase(self, case: Case, events: Sequence[Event]) -> int:
        """Seal recorded erasures, then erase the payloads they name; returns how many were not erased before."""
        self.seal(case)
        return self._log(case).erase_all(events) if events else 0

    def head(self, case: Case | None = None) -> Head | None:
        """The sealed head of a chain as it stands, None while it is empty."""
        return self._log(case).seal([])

    def _log(self, case: Case | None) -> CustodyLog:
        key = None if case is None else case.uuid
        if key not in self._logs:
            self._logs[key] = CustodyLog(self.path(case), self._key)
        return self._logs[key]


def chain_path(home: Path, case: uuid.UUID | None) -> Path:
    """Where a chain lies."""
    return home / "custody.jsonl" if case is None else home / "cases" / str(case) / "custody.jsonl"


def _sealed(case: Case, head: Head) -> Event:
    """The installation's note of a head: the same head gives the same event, so that it is noted once."""
    return Event(
        id=uuid.uuid5(_NAMESPACE, f"{case.uuid}:{head.n}:{head.hash}"),
        at=time.time_ns(),
        actor="amparo",
        authority=None,
        action="head.sealed",
        facts={"case": str(case.uuid), "n": head.n, "head": head.hash, "key": head.key},
    )
