"""Banks: known digests come in, are withdrawn, and go out as one index file. Only this file touches their rows."""

import dataclasses
import datetime
import itertools
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.db.models import Count, Q

from amparo.catalogue.digest_file import write_named
from amparo.catalogue.models import Bank, BankEntry
from amparo.catalogue.outbox import Recorder
from amparo.evidence.errors import BadInput
from amparo.exchange.hash_list import KnownDigest, parse_digest
from amparo.media.bank_index import ALGORITHMS, IndexedBank, Record, write

BATCH = 1_000
_NAME, _REASON = 200, 500  # characters
_FIELDS = ("labels", "owner", "terms", "dated", "added", "withdrawn", "withdrawn_reason")


@dataclasses.dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import changed, in entries; ``version`` is the Bank's afterwards."""

    bank: uuid.UUID
    version: int
    added: int
    updated: int
    already: int
    revived: int


@dataclasses.dataclass(frozen=True, slots=True)
class BankSummary:
    """A Bank and how many of its entries are live and withdrawn."""

    uuid: uuid.UUID
    name: str
    version: int
    created: datetime.datetime
    live: int
    withdrawn: int


@dataclasses.dataclass(frozen=True, slots=True)
class BankRow:
    """One entry; ``added`` and ``withdrawn`` are versions of the Bank."""

    entry: int
    algorithm: str
    digest: bytes
    labels: tuple[str, ...]
    owner: str
    terms: str
    dated: datetime.date
    added: int
    withdrawn: int | None
    withdrawn_reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class BankIndexFile:
    """An index on disk; ``digest`` is its SHA-256 in hex."""

    path: Path
    digest: str


def import_entries(name: str, entries: Iterator[KnownDigest], recorder: Recorder) -> ImportResult:
    """Put entries into the Bank of this name, which is made if there is none; all of them or none.

    Entries not in the list stay. A withdrawn entry that comes again is live again. One transaction, which keeps
    SQLite's other writers waiting; memory of one batch. Raises BadInput, and whatever ``entries`` raises.
    """
    _check(name, "The name of the Bank", _NAME)
    with transaction.atomic():
        Bank.objects.get_or_create(name=name, defaults={"created": datetime.datetime.now(datetime.UTC)})
        bank = Bank.objects.select_for_update().get(name=name)
        version = bank.version + 1
        counts = {"added": 0, "updated": 0, "already": 0, "revived": 0}
        while batch := list(itertools.islice(entries, BATCH)):
            _import_batch(bank, version, batch, counts)
        if counts["added"] + counts["updated"] + counts["revived"]:
            bank.version = version
            bank.save(update_fields=["version"])
        facts: dict[str, str | int | None] = {"bank": str(bank.uuid), "version": bank.version, **counts}
        recorder.record("bank.imported", facts, {"name": name})
    return ImportResult(bank.uuid, bank.version, **counts)


def withdraw(name: str, digest: str, reason: str, recorder: Recorder) -> int:
    """Take the entry with this digest (hex) out of use; the row stays. Returns the Bank's new version.

    Raises BadInput if there is no such Bank or no live entry.
    """
    algorithm, raw = parse_digest(digest)
    _check(reason, "The reason", _REASON)
    with transaction.atomic():
        bank = _bank(name, lock=True)
        changed = BankEntry.objects.filter(bank=bank, algorithm=algorithm, digest=raw, withdrawn=None).update(
            withdrawn=bank.version + 1, withdrawn_reason=reason
        )
        if not changed:
            raise BadInput(f"{digest} is not in use in this Bank.", "Check the digest and the name: amparo bank list")
        bank.version += 1
        bank.save(update_fields=["version"])
        facts: dict[str, str | int | None] = {
            "bank": str(bank.uuid),
            "version": bank.version,
            "algorithm": algorithm,
            "digest": raw.hex(),
        }
        recorder.record("bank.withdrawn", facts, {"name": name, "reason": reason})
    return bank.version


def list_banks() -> list[BankSummary]:
    """All Banks by name. Counts every entry: O(entries)."""
    live, gone = Count("entries", Q(entries__withdrawn=None)), Count("entries", Q(entries__withdrawn__isnull=False))
    rows = Bank.objects.annotate(live=live, gone=gone).order_by("name")
    return [BankSummary(row.uuid, row.name, row.version, row.created, row.live, row.gone) for row in rows]


def live_at(bank: uuid.UUID, version: int) -> int:
    """How many entries a Bank had live at a version of it."""
    there = Q(added__lte=version) & (Q(withdrawn=None) | Q(withdrawn__gt=version))
    return BankEntry.objects.filter(there, bank__uuid=bank).count()


def entries(name: str) -> Iterator[BankRow]:
    """The entries of a Bank, withdrawn ones too, oldest first. Raises BadInput if there is no such Bank."""
    rows = BankEntry.objects.filter(bank=_bank(name)).order_by("pk")
    return (_row(row) for row in rows.iterator(chunk_size=BATCH))


def write_index(directory: Path) -> BankIndexFile:
    """Write the live entries of all Banks to ``directory/<sha256>``; an equal file that is there is kept.

    O(entries), in sorted order from the database's own index. Banks are locked meanwhile, so that their versions
    fit their entries. Raises StorageFull.
    """

    def fill(stream: BinaryIO) -> None:
        with transaction.atomic():
            banks = list(Bank.objects.select_for_update().order_by("pk"))
            numbers = {bank.pk: number for number, bank in enumerate(banks)}
            stated = [IndexedBank(bank.uuid, bank.name, bank.version) for bank in banks]
            write(stream, stated, {algorithm: _records(algorithm, numbers) for algorithm in ALGORITHMS})

    return BankIndexFile(*write_named(directory, fill))


def _import_batch(bank: Bank, version: int, batch: Sequence[KnownDigest], counts: dict[str, int]) -> None:
    rows = BankEntry.objects.filter(bank=bank, digest__in=[each.digest for each in batch])
    known = {(row.algorithm, bytes(row.digest)): row for row in rows}
    writes = {}
    for each in batch:
        key = each.algorithm, each.digest
        row = known.get(key)
        if row is None:
            row = BankEntry(bank=bank, algorithm=each.algorithm, digest=each.digest, added=version)
            known[key] = row
            counts["added"] += 1
        elif row.withdrawn is not None:
            row.added, row.withdrawn, row.withdrawn_reason = version, None, ""
            counts["revived"] += 1
        elif (tuple(row.labels), row.owner, row.terms, row.dated) == (each.labels, each.owner, each.terms, each.dated):
            counts["already"] += 1
            continue
        else:
            counts["updated"] += 1
        row.labels, row.owner, row.terms, row.dated = list(each.labels), each.owner, each.terms, each.dated
        row.pk = None  # the row is found by its identity; bulk_update() by pk takes ten times as long
        writes[key] = row
    BankEntry.objects.bulk_create(
        writes.values(), update_conflicts=True, unique_fields=("bank", "algorithm", "digest"), update_fields=_FIELDS
    )


def _records(algorithm: str, numbers: dict[int, int]) -> Iterator[Record]:
    rows = BankEntry.objects.filter(algorithm=algorithm, withdrawn=None, bank_id__in=numbers)
    values = rows.order_by("digest", "bank_id").values_list("digest", "bank_id", "pk", "labels", "owner")
    for digest, bank, entry, labels, owner in values.iterator(chunk_size=BATCH):
        yield Record(bytes(digest), numbers[bank], entry, tuple(labels), owner)


def _bank(name: str, lock: bool = False) -> Bank:
    rows = Bank.objects.select_for_update() if lock else Bank.objects
    bank = rows.filter(name=name).first()
    if bank is None:
        raise BadInput(f"There is no Bank named {name!r}.", "See: amparo bank list")
    return bank


def _row(row: BankEntry) -> BankRow:
    return BankRow(
        row.pk, row.algorithm, bytes(row.digest), tuple(row.labels), row.owner, row.terms, row.dated, row.added,
        row.withdrawn, row.withdrawn_reason,
    )  # fmt: skip


def _check(text: str, what: str, most: int) -> None:
    if not text.strip() or len(text) > most or not text.isprintable():
        raise BadInput(f"{what} is not usable.", f"Printable text of 1 to {most} characters.")
