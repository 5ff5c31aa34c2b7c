"""Rows of a database of before Banks lay in files: moved into sealed files once, whatever stops it half-way."""

import datetime
import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

import pytest
from catalogue.bank_store import RECORDER, Store, row

from amparo.catalogue import bank_rows
from amparo.catalogue.bank_rows import move_rows
from amparo.catalogue.models import Bank, BankEntry, BankVersion, OutboxEvent
from amparo.exchange.known import KnownEntry
from amparo.media.known_banks import KnownBanks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
DAY = datetime.date(2026, 1, 31)
SIZES = {"sha256": 32, "sha1": 20, "md5": 16}


def digest(number: int, algorithm: str = "sha256") -> bytes:
    return hashlib.sha256(b"no file %d" % number).digest()[: SIZES[algorithm]]


def old_bank(name: str, version: int, rows: Iterable[dict[str, Any]]) -> Bank:
    """A Bank as version 0.1.0 kept it."""
    made = Bank.objects.create(uuid=uuid.uuid4(), name=name, version=version, created=NOW)
    for number, each in enumerate(rows):
        given = {"algorithm": "sha256", "labels": ["test"], "owner": "Owner", "terms": "None", "dated": DAY, "added": 1}
        given |= {"digest": digest(number, each.get("algorithm", "sha256")), **each}
        BankEntry.objects.create(bank=made, **given)
    return made


@pytest.fixture
def banks() -> tuple[Bank, Bank]:
    """Two Banks whose numbers of entries interleave nowhere, the first with a withdrawn entry."""
    first = old_bank(
        "First",
        3,
        [
            {},
            {"withdrawn": 3, "withdrawn_reason": "entered by mistake", "added": 2},
            {"algorithm": "md5", "owner": "Ó Wner", "labels": []},
            {"algorithm": "sha1", "added": 2},
        ],
    )
    return first, old_bank("Second", 1, [{"digest": digest(9)}])


def numbers(bank: Bank) -> list[int]:
    return list(BankEntry.objects.filter(bank=bank).order_by("pk").values_list("pk", flat=True))


def told(store: Store, name: str) -> list[tuple[int, KnownEntry, int, str]]:
    """Entries as they are now, without what only says where they were read."""
    return [(each.entry, each.known, each.version, each.reason) for each in store.banks.entries(name)]


def hits(store: Store, number: int, algorithm: str = "sha256") -> list[tuple[str, int, int]]:
    found = KnownBanks(store.banks.states()).exact({algorithm: digest(number, algorithm)})
    return [(hit.bank.name, hit.bank.version, hit.entry) for hit in found]


def test_entries_keep_their_numbers(store: Store, banks: tuple[Bank, Bank]) -> None:
    one, two, three, four = numbers(banks[0])
    (five,) = numbers(banks[1])
    assert BankEntry.objects.exists()
    move_rows(store.files, RECORDER)
    assert not BankEntry.objects.exists()
    found = {entry: (known, version, reason) for entry, known, version, reason in told(store, "First")}
    assert list(found) == [one, two, three, four]
    known, version, reason = found[two]
    assert (known.withdrawn, version, reason) == (True, 3, "entered by mistake")
    known, version, reason = found[three]
    assert (known.digests, known.owner, known.labels) == ({"md5": digest(2, "md5")}, "Ó Wner", ())
    assert (known.terms, known.dated, version, reason) == ("None", DAY, 1, "")
    assert hits(store, 0) == [("First", 3, one)]
    assert hits(store, 1) == [], "withdrawn"
    assert hits(store, 2, "md5") == [("First", 3, three)]
    assert hits(store, 3, "sha1") == [("First", 3, four)]
    assert hits(store, 9) == [("Second", 1, five)]


def test_numbers_of_the_bank_are_those_of_the_rows(store: Store, banks: tuple[Bank, Bank]) -> None:
    last = numbers(banks[0])[-1]
    move_rows(store.files, RECORDER)
    bank = Bank.objects.get(name="First")
    assert (bank.version, bank.live, bank.withdrawn, bank.next_entry) == (3, 3, 1, last + 1)
    (version,) = BankVersion.objects.filter(bank=bank)
    assert (version.version, version.live, version.withdrawn) == (3, 3, 1)
    moved = [event.body for event in OutboxEvent.objects.all()]
    assert [body["action"] for body in moved] == ["bank.moved"] * 2
    assert "First" not in json.dumps([body["facts"] for body in moved]), "a name can be erased"


def test_afterwards_it_is_a_bank_like_others(store: Store, banks: tuple[Bank, Bank]) -> None:
    last = numbers(banks[0])[-1]
    move_rows(store.files, RECORDER)
    store.boot()
    changed = store.load(row(1), row(2), name="First")
    assert (changed.version, changed.added) == (4, 2)
    assert [entry for entry, *_ in told(store, "First")][-2:] == [last + 1, last + 2]
    assert hits(store, 0) == [("First", 4, numbers_of(store, "First")[0])]


def numbers_of(store: Store, name: str) -> list[int]:
    return sorted(entry for entry, *_ in told(store, name))


def test_a_withdrawn_entry_that_comes_again_is_the_same_one(store: Store, banks: tuple[Bank, Bank]) -> None:
    two = numbers(banks[0])[1]
    move_rows(store.files, RECORDER)
    changed = store.load(f"{digest(1).hex()},test,Owner,None,2026-01-31\n", name="First")
    assert (changed.added, changed.revived) == (0, 1)
    assert hits(store, 1) == [("First", 4, two)]


@pytest.mark.parametrize("last", [1, 2])
def test_stopped_between_files_and_rows_it_goes_on(
    last: int, store: Store, banks: tuple[Bank, Bank], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first Bank, or at the second when the first is done."""
    before = {bank.name: numbers(bank) for bank in banks}
    count, times = bank_rows.count, 0

    def stopping(*given: Any) -> None:
        nonlocal times
        times += 1
        if times == last:
            raise KeyboardInterrupt
        count(*given)

    with monkeypatch.context() as stopped:
        stopped.setattr(bank_rows, "count", stopping)
        with pytest.raises(KeyboardInterrupt):
            move_rows(store.files, RECORDER)
    assert Bank.objects.filter(segments=[]).count() == 3 - last
    assert BankEntry.objects.exists()
    files = store.sealed()
    store.boot()
    move_rows(store.files, RECORDER)
    assert files <= store.sealed(), "the same entries are in the same files"
    assert len(store.sealed()) == 2
    assert {name: numbers_of(store, name) for name in before} == before
    assert [event.body["action"] for event in OutboxEvent.objects.all()] == ["bank.moved"] * 2
    assert not BankEntry.objects.exists()


def test_large_banks_go_into_several_files(
    store: Store, banks: tuple[Bank, Bank], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = numbers(banks[0])
    monkeypatch.setattr(bank_rows, "_PART", 3)
    move_rows(store.files, RECORDER)
    assert len(Bank.objects.get(name="First").segments) == 2
    assert numbers_of(store, "First") == before
    assert hits(store, 0) == [("First", 3, before[0])]


def test_banks_without_rows_are_left_alone(store: Store) -> None:
    store.load(row(1), name="New")
    old_bank("Empty", 1, [])
    before = Bank.objects.get(name="New").segments
    assert not BankEntry.objects.exists()
    move_rows(store.files, RECORDER)
    assert Bank.objects.get(name="New").segments == before
    assert Bank.objects.get(name="Empty").segments == []
