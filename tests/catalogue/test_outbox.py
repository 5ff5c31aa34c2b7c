"""Custody events: in the transaction they tell of, sealed once each, whatever dies in between."""

import json
from pathlib import Path
from typing import Any

import pytest
from catalogue.sources import new_case
from django.db import transaction

from amparo.catalogue.models import Case, OutboxEvent
from amparo.catalogue.outbox import Recorder, Sealer, chain_path
from amparo.evidence.custody import CustodyLog, verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def actions(home: Path, case: Case | None) -> list[str]:
    lines = chain_path(home, case.uuid if case else None).read_text().splitlines()
    return [row["action"] for row in map(json.loads, lines) if row["kind"] == "entry"]


def test_an_event_lives_and_dies_with_its_transaction(tmp_path: Path) -> None:
    case = new_case()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Recorder("os:test", case).record("test.done", {"n": 1})
        raise ZeroDivisionError
    assert Sealer(tmp_path).seal(case) is None
    assert not chain_path(tmp_path, case.uuid).exists() or actions(tmp_path, case) == []


def test_heads_of_cases_go_into_the_installation_chain(tmp_path: Path) -> None:
    one, two = new_case(), new_case()
    for case in (one, two, None):
        Recorder("os:test", case).record("test.done", {"n": 1}, {"path": "/secret"})
    sealer = Sealer(tmp_path)
    for case in (one, two, None):
        sealer.seal(case)
    assert OutboxEvent.objects.count() == 0
    assert actions(tmp_path, one) == ["test.done"]
    assert sorted(actions(tmp_path, None)) == ["head.sealed", "head.sealed", "test.done"]
    head = sealer.head(one)
    assert head is not None
    rows = [json.loads(line) for line in chain_path(tmp_path, None).read_text().splitlines()]
    assert head.hash in [row["facts"].get("head") for row in rows if row["kind"] == "entry"]
    for case in (one, two, None):
        assert verify(sealer.path(case), key=sealer.fingerprint).entries >= 1
    assert "/secret" not in chain_path(tmp_path, one.uuid).read_text()


def test_sealing_again_changes_nothing(tmp_path: Path) -> None:
    case = new_case()
    Recorder("os:test", case).record("test.done", {})
    rows = list(OutboxEvent.objects.values("case_id", "uuid", "body"))
    Sealer(tmp_path).seal(case)
    before = chain_path(tmp_path, case.uuid).read_bytes(), chain_path(tmp_path, None).read_bytes()
    for row in rows:  # as if the deletion had been lost
        OutboxEvent.objects.create(**row)
    Sealer(tmp_path).seal(case)
    assert (chain_path(tmp_path, case.uuid).read_bytes(), chain_path(tmp_path, None).read_bytes()) == before
    assert OutboxEvent.objects.count() == 0


@pytest.mark.parametrize("at", [1, 2])
def test_a_crash_between_seal_and_delete(at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the Case's chain was written (1), and after the installation's was, too (2)."""
    case = new_case()
    for number in range(3):
        Recorder("os:test", case).record("test.done", {"n": number})
    seal, calls = CustodyLog.seal, 0

    def dies(self: CustodyLog, events: Any) -> Any:
        nonlocal calls
        head = seal(self, events)
        calls += 1
        if calls == at:
            raise KeyboardInterrupt
        return head

    monkeypatch.setattr(CustodyLog, "seal", dies)
    with pytest.raises(KeyboardInterrupt):
        Sealer(tmp_path).seal(case)
    assert OutboxEvent.objects.count() == 3
    Recorder("os:test", case).record("test.later", {})
    monkeypatch.undo()
    Sealer(tmp_path).seal(case)
    assert actions(tmp_path, case) == ["test.done"] * 3 + ["test.later"]
    assert actions(tmp_path, None)[-1] == "head.sealed"
    verify(chain_path(tmp_path, case.uuid))


def test_more_than_one_batch(tmp_path: Path) -> None:
    case = new_case()
    for number in range(501):
        Recorder("os:test", case).record("test.done", {"n": number})
    Sealer(tmp_path).seal(case)
    assert len(actions(tmp_path, case)) == 501
