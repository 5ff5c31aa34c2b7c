"""Fetching: each part with its checkpoint or not at all, under the Authority of the exchange, and nothing else."""

import dataclasses
import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from casework.installations import actions, make
from casework.pictures import verified

from amparo.casework.banks import fetching
from amparo.casework.banks.fetching import Agreement, add_exchange, fetch_bank, fetched_row, store_secret
from amparo.casework.banks.listing import entry_rows
from amparo.casework.installation import Installation
from amparo.catalogue.models import Bank, BankExchange, OutboxEvent
from amparo.catalogue.outbox import chain_path
from amparo.evidence.errors import AmparoError, BadInput, NotAuthorised
from amparo.exchange.known import KnownEntry
from amparo.media.exchanges.port import Delta

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
HOST = "exchange.example"
GIVEN = {"url": f"https://{HOST}", "terms": "t"}


@dataclasses.dataclass
class Scripted:
    """An exchange that gives these Deltas after the checkpoint it is asked from; ``stops`` before that number."""

    deltas: list[list[KnownEntry]]
    host: str = HOST
    name: str = "scripted"
    stops: int | None = None
    asked: list[bytes | None] = dataclasses.field(default_factory=list)

    def fetch(self, checkpoint: bytes | None) -> Iterator[Delta]:
        self.asked.append(checkpoint)
        for number in range(int(checkpoint or b"0"), len(self.deltas)):
            if number == self.stops:
                raise AmparoError("The exchange does not answer.", "Try again later.")
            yield Delta(tuple(self.deltas[number]), b"%d" % (number + 1), number + 1 == len(self.deltas))


def known(number: int, withdrawn: bool = False) -> KnownEntry:
    digest = number.to_bytes(16, "big")
    digests = {} if withdrawn else {"md5": digest}
    key = f"md5:{digest.hex()}"
    return KnownEntry(key, digests, (), "Owner", "t", datetime.date(2026, 1, 1), key, withdrawn=withdrawn)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = make(tmp_path / "home")
    add_exchange(made, "Shared", "stopncii", GIVEN, Agreement("Agreement 7", (HOST,)))
    return made


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    made = Scripted([[known(1), known(2)], [known(3), known(1, withdrawn=True)], []])
    monkeypatch.setattr(fetching, "make_exchange", lambda *_: made)
    return made


def live(installation: Installation) -> set[object]:
    rows = entry_rows(installation, "Shared")
    return {row["entry"] for row in rows if not row["withdrawn"]}


def test_all_parts_are_stored_with_how_far_they_came(installation: Installation, exchange: Scripted) -> None:
    shown: list[int] = []
    fetched = fetch_bank(installation, "Shared", shown.append)
    assert (fetched.version, fetched.done) == (2, True)
    assert fetched_row(fetched) | {"bank": ""} == {
        "v": 1, "bank": "", "version": 2, "added": 3, "updated": 0, "already": 0, "revived": 0, "withdrawn": 1,
    }  # fmt: skip
    assert shown == [2, 4, 4]
    assert live(installation) == {2, 3}
    row = BankExchange.objects.get()
    assert bytes(row.checkpoint) == b"3"
    assert row.fetched is not None
    again = fetch_bank(installation, "Shared")
    assert (again.version, exchange.asked) == (2, [None, b"3"])


def test_after_an_error_what_came_is_kept(installation: Installation, exchange: Scripted) -> None:
    exchange.stops = 1
    with pytest.raises(AmparoError, match="does not answer"):
        fetch_bank(installation, "Shared")
    assert live(installation) == {1, 2}
    assert bytes(BankExchange.objects.get().checkpoint) == b"1"
    exchange.stops = None
    assert fetch_bank(installation, "Shared").done
    assert exchange.asked == [None, b"1"]
    assert live(installation) == {2, 3}
    verified(installation, None)


def test_a_part_and_its_checkpoint_are_one(
    installation: Installation, exchange: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(fetching.Recorder, "record", fails)
        with pytest.raises(KeyboardInterrupt):
            fetch_bank(installation, "Shared")
    assert bytes(BankExchange.objects.get().checkpoint) == b""
    assert Bank.objects.get().segments == []
    assert OutboxEvent.objects.count() == 0


def test_custody_names_the_agreement(installation: Installation, exchange: Scripted) -> None:
    fetch_bank(installation, "Shared")
    assert actions(installation, None)[:4] == ["exchange.added", *["bank.fetched"] * 3]
    log = chain_path(installation.settings.home, None).read_text()
    ids = {entry.get("authority") for entry in map(json.loads, log.splitlines()) if entry["kind"] == "entry"}
    assert ids == {BankExchange.objects.get().authority["id"]}
    for words in ("Agreement 7", HOST, "Shared"):
        assert words not in log, "words can be erased"


def test_the_authority_is_asked_again_at_each_part(
    installation: Installation, exchange: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = BankExchange.objects.get()
    row.authority = {**row.authority, "until": "2099-01-01T00:00:00+00:00"}
    row.save()
    times = iter([datetime.datetime.now(datetime.UTC)] * 3)
    late = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)
    monkeypatch.setattr(fetching, "_now", lambda: next(times, late))
    with pytest.raises(NotAuthorised, match="ended"):
        fetch_bank(installation, "Shared")
    assert live(installation) == {1, 2}, "it ended between the parts"


@pytest.mark.parametrize(
    "change",
    [{"addresses": []}, {"addresses": ["other.example"]}, {"until": "2026-01-02T00:00:00+00:00"}],
    ids=["none", "other", "ended"],
)
def test_without_authority_nothing_is_asked(
    change: dict[str, object], installation: Installation, exchange: Scripted
) -> None:
    row = BankExchange.objects.get()
    row.authority = {**row.authority, "valid_from": "2026-01-01T00:00:00+00:00", **change}
    row.save()
    with pytest.raises(NotAuthorised):
        fetch_bank(installation, "Shared")
    assert exchange.asked == []


def test_the_secret_is_for_this_account_alone(installation: Installation) -> None:
    store_secret(installation, "Shared", "a,b")
    store_secret(installation, "Shared", "c,d")
    (path,) = (installation.settings.home / "secrets").glob("exchange-*")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("c,d", 0o600)


def test_setting_up_is_all_or_nothing(installation: Installation) -> None:
    for name, api, given, agreement in (
        ("Shared", "stopncii", GIVEN, Agreement("A", ())),
        ("", "stopncii", GIVEN, Agreement("A", ())),
        ("New", "stopncii", {}, Agreement("A", ())),
        ("New", "stopncii", GIVEN, Agreement(" ", ())),
        ("New", "stopncii", GIVEN, Agreement("A", (), datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))),
    ):
        with pytest.raises(BadInput):
            add_exchange(installation, name, api, given, agreement)
    assert [bank.name for bank in Bank.objects.all()] == ["Shared"]
    assert BankExchange.objects.count() == 1
