"""Banks in the catalogue: imports are whole or nothing, withdrawals stay explained, versions count changes only."""

import dataclasses
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from catalogue.bank_store import HEADER, RECORDER, Store, row
from media.segments import digest, known

from amparo.catalogue import banks as module
from amparo.catalogue.bank_files import BankFiles
from amparo.catalogue.banks import Banks, find_bank, list_banks, live_at
from amparo.catalogue.models import Bank, BankVersion, Comparison, EntryVerdict, OutboxEvent
from amparo.catalogue.verdicts import judge
from amparo.evidence.errors import BadInput
from amparo.exchange.hash_list import HashListCsv
from amparo.exchange.known import KnownEntry

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NAME = "Test bank"


def counts(result: Any) -> tuple[int, int, int, int, int, int]:
    """Version, added, updated, already, revived, withdrawn."""
    return (result.version, result.added, result.updated, result.already, result.revived, result.withdrawn)


def test_versions_count_changes_only(store: Store) -> None:
    first = store.load(row(1), row(2))
    assert (counts(first), first.bank) == ((1, 2, 0, 0, 0, 0), Bank.objects.get().uuid)
    assert counts(store.load(row(1), row(2), row(2))) == (1, 0, 0, 3, 0, 0)
    assert counts(store.load(row(2, "Other"), row(3))) == (2, 1, 1, 0, 0, 0)
    assert sorted((each.entry, each.known.owner, each.version) for each in store.banks.entries(NAME)) == [
        (1, "Owner", 1),
        (2, "Other", 2),
        (3, "Owner", 2),
    ], "entries keep their numbers, which Matches name"
    assert counts(store.load(name="Empty")) == (0, 0, 0, 0, 0, 0)
    assert list(store.banks.entries("Empty")) == []
    assert counts(store.load(row(1), name="Empty")) == (1, 1, 0, 0, 0, 0)


def test_the_numbers_of_each_version_are_kept(store: Store) -> None:
    bank = store.load(row(1), row(2)).bank
    store.withdraw(1)
    store.load(row(3))
    assert list(BankVersion.objects.order_by("version").values_list("version", "live", "withdrawn")) == [
        (1, 2, 0),
        (2, 1, 1),
        (3, 2, 1),
    ]
    assert [live_at(bank, version) for version in (0, 1, 2, 3, 4)] == [0, 2, 1, 2, 0]


@pytest.mark.parametrize("bad", ["x\n", row(7, "Other")], ids=["malformed", "contradicts"])
def test_nothing_is_imported_by_halves(bad: str, store: Store) -> None:
    store.load(row(1))
    before = store.sealed()
    rows = [row(n) for n in range(1_500)]
    with pytest.raises(BadInput, match="Line 1502"):
        store.load(*rows, bad)
    with pytest.raises(BadInput, match="Line 1502"):
        store.load(*rows, bad, name="Never")
    assert (len(list(store.banks.entries(NAME))), OutboxEvent.objects.count(), Bank.objects.get().version) == (1, 1, 1)
    assert store.sealed() == before


def test_a_failure_after_segments_were_written_leaves_none(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amparo.media.bank_edition._PART", 10)
    monkeypatch.setattr("amparo.media.bank_edition._BATCH", 5)

    def entries() -> Iterator[KnownEntry]:
        yield from map(known, range(40))
        assert len(store.sealed()) >= 3
        raise BadInput("The list ends early.", "Get it again.")

    with pytest.raises(BadInput, match="ends early"):
        store.banks.put(NAME, entries(), RECORDER)
    assert (Bank.objects.count(), store.sealed()) == (0, set())
    assert not [name for name in store.plain() if len(name) == 64]


def test_a_large_list_comes_in_parts(store: Store) -> None:
    """More entries than one segment takes while a list is read; also the frame, known only at the end, survives."""
    entries = 210_000

    def rows() -> Iterator[bytes]:
        yield HEADER.encode()
        for n in range(entries):
            yield b"%064x,test,Owner,Terms,2026-01-31\n" % n

    read: list[bool] = []

    def listed() -> Iterator[KnownEntry]:
        yield from HashListCsv().read(io.BufferedReader(_Lines(rows())))
        read.append(True)

    result = store.banks.put(NAME, listed(), RECORDER, frame=lambda: "frame" if read else "")
    assert counts(result) == (1, entries, 0, 0, 0, 0)
    assert store.banks.frame(NAME) == "frame"
    assert (Bank.objects.get().live, [len(each) for each in _segments(store)]) == (entries, [200_000, 10_000])
    for n in (0, 1, 199_999, 200_000, entries - 1):
        (stored,) = store.banks.by_digest(NAME, "sha256", n.to_bytes(32, "big"))
        assert stored.entry == n + 1
    assert store.banks.by_digest(NAME, "sha256", entries.to_bytes(32, "big")) == []
    changed = "".join(f"{n:064x},test,Other,Terms,2026-01-31\n" for n in range(0, entries, 1_000))
    assert counts(store.load(changed, f"{entries:064x},,Owner,Terms,2026-01-31\n")) == (2, 1, 210, 0, 0, 0)
    assert [len(each) for each in _segments(store)] == [200_000, 10_000, 211], "a change costs what it changes"


class _Lines(io.RawIOBase):
    """A list that is nowhere whole."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._rest = lines, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._lines, b"")
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def _segments(store: Store) -> list[Any]:
    return store.banks._segments(NAME)


def test_withdrawn_and_live_again(store: Store) -> None:
    store.load(row(1), row(2))
    assert counts(store.withdraw(1, "Not ours to hold")) == (2, 0, 0, 0, 0, 1)
    gone = store.banks.entry(NAME, 1)
    assert (gone.known.withdrawn, gone.reason, gone.version) == (True, "Not ours to hold", 2)
    assert [each.entry for each in store.banks.entries(NAME, withdrawn=False)] == [2]
    assert (store.known(1), store.known(2)) == ([], [(NAME, 2, "Owner")])
    assert store.banks.by_digest(NAME, "sha256", digest("sha256", 1)) == []
    assert counts(store.load(row(1), row(2))) == (3, 0, 0, 1, 1, 0)
    assert store.known(1) == [(NAME, 3, "Owner")]
    back = store.banks.entry(NAME, 1)
    assert (back.known.withdrawn, back.reason, back.version) == (False, "", 3)


def test_a_list_may_take_back_what_it_gave_and_nothing_else(store: Store) -> None:
    store.banks.put(NAME, iter([known(1), known(2)]), RECORDER)
    gone = [known(1, withdrawn=True), known(9, withdrawn=True)]
    assert counts(store.banks.put(NAME, iter(gone), RECORDER)) == (2, 0, 0, 0, 0, 1)
    assert [(each.entry, each.reason) for each in store.banks.entries(NAME) if each.known.withdrawn] == [
        (1, "Withdrawn by the list")
    ]
    assert counts(store.banks.put(NAME, iter(gone), RECORDER)) == (2, 0, 0, 1, 0, 0)


def test_what_cannot_be_changed(store: Store) -> None:
    store.load(row(1))
    for number, reason in ((1, " "), (1, "line\nbreak"), (1, "x" * 501), (2, "why"), (0, "why"), (2**32, "why")):
        with pytest.raises(BadInput):
            store.withdraw(number, reason)
    for name in ("", " ", "x" * 201, "line\nbreak"):
        with pytest.raises(BadInput, match="name of the Bank"):
            store.load(row(1), name=name)
    with pytest.raises(BadInput, match="This Bank is known, not negative"):
        store.load(row(2), kind="negative")
    for asks in (
        lambda: store.banks.entries("No bank"),
        lambda: store.banks.entry("No bank", 1),
        lambda: store.banks.merge("No bank"),
    ):
        with pytest.raises(BadInput, match="no Bank named"):
            asks()
    assert (Bank.objects.get().version, OutboxEvent.objects.count()) == (1, 1)


def test_a_bank_that_was_judged_meanwhile_takes_nothing(store: Store) -> None:
    store.load(row(1))
    before = store.sealed()

    def entries() -> Iterator[KnownEntry]:
        yield known(2)
        judge(NAME, 1, "denied", "why", RECORDER)

    with pytest.raises(BadInput, match="changed meanwhile"):
        store.banks.put(NAME, entries(), RECORDER)
    assert (Bank.objects.get().version, Bank.objects.get().live, store.sealed()) == (2, 1, before)
    assert counts(store.banks.put(NAME, iter([known(2)]), RECORDER))[:2] == (3, 1)


def test_custody_holds_counts_and_the_name_can_be_erased(store: Store) -> None:
    store.load(row(1), row(2))
    store.withdraw(1, "Why not")
    imported, withdrawn = (event.body for event in OutboxEvent.objects.order_by("pk"))
    bank = str(Bank.objects.get().uuid)
    nothing = {"added": 0, "updated": 0, "already": 0, "revived": 0, "withdrawn": 0}
    assert (imported["action"], withdrawn["action"]) == ("bank.imported", "bank.withdrawn")
    assert imported["facts"] == {"bank": bank, "version": 1, **nothing, "added": 2}
    assert _said(imported) == {"name": NAME}
    assert withdrawn["facts"] == {"bank": bank, "version": 2, **nothing, "withdrawn": 1}
    assert _said(withdrawn) == {"name": NAME, "reason": "Why not", "entries": "1"}


def _said(body: dict[str, Any]) -> dict[str, str]:
    return {name: field["value"] for name, field in body["payload"].items()}


def test_banks_are_listed(store: Store) -> None:
    store.load(row(1), row(2), name="B", kind="negative")
    store.load(row(1), name="A")
    store.withdraw(1, name="B")
    judge("B", 2, "denied", "why", RECORDER)
    told = [dataclasses.asdict(each) for each in list_banks()]
    assert [(row["name"], row["kind"], row["version"]) for row in told] == [("A", "known", 1), ("B", "negative", 3)]
    assert [(row["live"], row["withdrawn"], row["set_aside"]) for row in told] == [(1, 0, 0), (1, 1, 1)]


def test_several_banks_are_asked_at_once(store: Store) -> None:
    store.load(row(1), row(2, algorithm="md5"), name="A")
    store.load(row(1, "Other"), name="B")
    assert store.known(1) == [("A", 1, "Owner"), ("B", 1, "Other")]
    assert store.known(2) == [("A", 1, "Owner")]
    assert store.known(3) == []


def test_verdicts_count_for_the_newest(store: Store) -> None:
    store.load(row(1), row(2), row(3))
    for entry, verdict in ((1, "denied"), (2, "confirmed"), (3, "quarantined"), (1, "released"), (2, "denied")):
        judge(NAME, entry, verdict, "why", RECORDER)  # type: ignore[arg-type]
    (state,) = store.banks.states()
    assert (state.version, state.denied, state.quarantined, state.confirmed) == (6, (2,), (3,), ())
    assert (store.known(1), store.known(2)) == ([(NAME, 6, "Owner")], [])
    assert list(EntryVerdict.objects.order_by("pk").values_list("entry", "version")) == [
        (1, 2),
        (2, 3),
        (3, 4),
        (1, 5),
        (2, 6),
    ], "none is ever changed"
    body = OutboxEvent.objects.order_by("-pk")[0].body
    bank = str(state.uuid)
    assert body["facts"] == {"bank": bank, "version": 6, "entry": 2, "verdict": "denied"}
    with pytest.raises(BadInput, match="reason"):
        judge(NAME, 1, "denied", "\n", RECORDER)
    assert Bank.objects.get().version == 6


def test_verdicts_outlive_editions(store: Store) -> None:
    store.load(row(1))
    judge(NAME, 1, "denied", "why", RECORDER)
    store.load(row(1, "Other"))
    store.withdraw(1)
    store.load(row(1))
    assert store.known(1) == []


def test_merging_is_seen_by_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SOON", -1)
    store.load(row(1), row(2))
    store.load(row(3), row(1, "Other"))
    (before,) = store.banks.states()
    assert (len(before.segments), store.banks.merge_is_due(NAME)) == (2, True)
    told = sorted((each.entry, each.version, repr(each.known)) for each in store.banks.entries(NAME))
    events = OutboxEvent.objects.count()
    assert store.banks.merge(NAME)
    assert not store.banks.merge_is_due(NAME)
    assert not store.banks.merge(NAME)
    (after,) = store.banks.states()
    assert dataclasses.replace(after, segments=()) == dataclasses.replace(before, segments=())
    assert len(after.segments) == 1
    assert sorted((each.entry, each.version, repr(each.known)) for each in store.banks.entries(NAME)) == told
    assert (OutboxEvent.objects.count(), len(store.sealed())) == (events, 1)


def test_the_frame_is_given_while_all_is_of_one_list(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for soon in (-1, 500_000):
        monkeypatch.setattr(module, "_SOON", soon)
        name = f"soon {soon}"
        store.banks.put(name, iter([known(1)]), RECORDER, frame=lambda: "one")
        store.withdraw(1, name=name)
        assert store.banks.frame(name) == "one"
        store.banks.put(name, iter([known(2)]), RECORDER, frame=lambda: "two")
        assert store.banks.frame(name) == ""


def test_what_a_digest_stood_for_is_remembered(store: Store) -> None:
    store.load(row(1), row(2))
    store.banks.remember("a" * 64, store.banks.states())
    store.load(row(3))
    store.banks.remember("a" * 64, store.banks.states())
    (only,) = Comparison.objects.all()
    assert only.banks == [
        {"uuid": str(find_bank(NAME).uuid), "name": NAME, "kind": "known", "version": 1, "entries": 2}
    ]


def test_readers_find_their_files_while_another_process_changes_the_bank(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a boot, between asking which files a Bank has and opening them, they are merged and swept away."""

    def merged_meanwhile(name: str) -> Bank:
        found = find_bank(name)
        monkeypatch.setattr(module, "find_bank", find_bank)
        assert Banks(BankFiles(store.home, store.memory, lambda: store.key)).merge(NAME)
        return found

    monkeypatch.setattr(module, "_SOON", -1)
    asked: tuple[Callable[[], object], ...] = (
        lambda: list(store.banks.entries(NAME)),
        lambda: store.banks.entry(NAME, 1),
        lambda: store.banks.by_digest(NAME, "sha256", digest("sha256", 1)),
        lambda: store.banks.frame(NAME),
        lambda: store.banks.merge_is_due(NAME),
    )
    for number, ask in enumerate(asked):
        for n in range(3):
            store.load(row(n, f"Owner {number}"))
        store.boot()
        monkeypatch.setattr(module, "find_bank", merged_meanwhile)
        ask()  # raises where a file is gone
        assert module.find_bank is find_bank, "it was merged"
