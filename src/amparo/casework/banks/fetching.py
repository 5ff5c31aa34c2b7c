"""Fetching a Bank from a hash exchange: under a recorded Authority that names its address; resumable at any moment."""

import dataclasses
import datetime
import os
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import transaction

from amparo.casework.banks.merging import merge_later
from amparo.casework.banks.store import open_banks
from amparo.casework.installation import Installation, storage_errors
from amparo.catalogue.banks import check_text, find_bank
from amparo.catalogue.models import Bank, BankExchange
from amparo.catalogue.outbox import Recorder
from amparo.evidence.authority import Authority, Scope
from amparo.evidence.errors import BadInput
from amparo.media.bank_edition import Changes
from amparo.media.exchanges.kinds import make_exchange
from amparo.media.exchanges.port import Exchange


@dataclasses.dataclass(frozen=True, slots=True)
class Agreement:
    """The legal basis on which an exchange is used: what it says, until when, and which host it names."""

    text: str
    addresses: tuple[str, ...]
    until: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch changed, in entries. ``done``: the exchange had nothing newer."""

    bank: uuid.UUID
    version: int
    changes: Changes
    done: bool


def add_exchange(
    installation: Installation, name: str, api: str, given: Mapping[str, str], agreement: Agreement
) -> None:
    """Set a new Bank up that is fetched from an exchange. Connects nowhere. Raises BadInput."""
    check_text(name, "The name of the Bank", 200)
    authority = Authority(
        uuid.uuid4(), agreement.text, _now(), agreement.until, Scope(addresses=agreement.addresses), kind="exchange"
    )
    make_exchange(api, given, str)  # refuses unknown settings before anything is stored
    with storage_errors():
        with transaction.atomic():
            if Bank.objects.filter(name=name).exists():
                raise BadInput(f"There is a Bank named {name!r} already.", "Choose another name for the exchange.")
            bank = Bank.objects.create(name=name, created=_now())
            BankExchange.objects.create(bank=bank, api=api, settings=dict(given), authority=_stored(authority))
            facts: dict[str, str | int | None] = {"bank": str(bank.uuid), "api": api}
            payload = {"name": name, "authority": agreement.text, "addresses": " ".join(agreement.addresses)}
            _recorder(installation, authority).record("exchange.added", facts, payload)
        installation.sealer.seal()


def store_secret(installation: Installation, name: str, secret: str) -> None:
    """Keep the credentials of an exchange in the secrets of this installation, 0600."""
    path = _secret_path(installation, find_bank(name))
    if not secret.strip():
        raise BadInput("The credentials are empty.", "Type them, or pipe them in.")
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with storage_errors(), os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(secret)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def fetch_bank(installation: Installation, name: str, show: Callable[[int], None] = lambda number: None) -> Fetched:
    """Fetch what changed since the last time; each part is stored with how far it came. Raises NotAuthorised.

    Stopped or killed at any moment, the next fetch goes on after the last part that was stored.
    """
    bank = find_bank(name)
    row = BankExchange.objects.filter(bank=bank).first()
    if row is None:
        raise BadInput(f"The Bank {name!r} is not fetched from an exchange.", "See: amparo bank exchange add")
    authority = _authority(row.authority)
    exchange = make_exchange(row.api, row.settings, lambda: _secret(installation, bank))
    authority.check_address("fetch", exchange.host, _now())
    recorder = _recorder(installation, authority)
    with storage_errors():
        return _fetch(installation, row, exchange, authority, recorder, show)


def _fetch(
    installation: Installation, row: BankExchange, exchange: Exchange, authority: Authority, recorder: Recorder,
    show: Callable[[int], None],
) -> Fetched:  # fmt: skip
    banks, total, done = open_banks(installation.settings), Changes(), False
    version, number = row.bank.version, 0
    for delta in exchange.fetch(bytes(row.checkpoint) or None):
        authority.check_address("fetch", exchange.host, _now())

        def keep(checkpoint: bytes = delta.checkpoint) -> None:
            BankExchange.objects.filter(pk=row.pk).update(checkpoint=checkpoint, fetched=_now())

        put = banks.put(row.bank.name, iter(delta.entries), recorder, together=keep, action="bank.fetched")
        installation.sealer.seal()
        version, done, number = put.version, delta.done, number + len(delta.entries)
        for field in dataclasses.fields(total):
            setattr(total, field.name, getattr(total, field.name) + getattr(put, field.name))
        show(number)
    if banks.merge_is_due(row.bank.name):
        merge_later(row.bank.name)
    return Fetched(row.bank.uuid, version, total, done)


def fetched_row(fetched: Fetched) -> dict[str, object]:
    """Schema ``bank_import``."""
    return {"v": 1, "bank": str(fetched.bank), "version": fetched.version, **dataclasses.asdict(fetched.changes)}


def _recorder(installation: Installation, authority: Authority) -> Recorder:
    return Recorder(installation.settings.operator, None, authority.id)


def _secret_path(installation: Installation, bank: Bank) -> Path:
    return installation.settings.home / "secrets" / f"exchange-{bank.uuid}"


def _secret(installation: Installation, bank: Bank) -> str:
    try:
        return _secret_path(installation, bank).read_text()
    except FileNotFoundError as error:
        hint = f"Store them: amparo bank exchange secret --name {bank.name!r}"
        raise BadInput("There are no credentials for this exchange.", hint) from error


def _stored(authority: Authority) -> dict[str, object]:
    return {
        "id": str(authority.id),
        "text": authority.text,
        "valid_from": authority.valid_from.isoformat(),
        "until": None if authority.until is None else authority.until.isoformat(),
        "addresses": list(authority.scope.addresses),
    }


def _authority(row: Mapping[str, object]) -> Authority:
    addresses = row["addresses"]
    return Authority(
        uuid.UUID(str(row["id"])),
        str(row["text"]),
        datetime.datetime.fromisoformat(str(row["valid_from"])),
        None if row["until"] is None else datetime.datetime.fromisoformat(str(row["until"])),
        Scope(addresses=tuple(addresses) if isinstance(addresses, list) else ()),
        kind="exchange",
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
