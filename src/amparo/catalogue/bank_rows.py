"""Banks of before entries lay in files: their rows are moved into sealed files, once, whole Banks at a time."""

import datetime
from collections.abc import Iterator

from django.db import transaction

from amparo.catalogue.bank_files import BankFiles
from amparo.catalogue.banks import count
from amparo.catalogue.models import Bank, BankEntry
from amparo.catalogue.outbox import Recorder
from amparo.exchange.known import KnownEntry
from amparo.media.bank_segment import SegmentBuilder, Stored

_PART = 200_000


def move_rows(files: BankFiles, recorder: Recorder) -> None:
    """Move every Bank's rows. Entries keep their numbers, so that old matches still name them.

    A crash in between leaves rows that the next call moves, and files that the next change of a Bank sweeps away.
    """
    with files.changing():
        for bank in Bank.objects.filter(entries__isnull=False).distinct():
            names = [files.add(builder.write) for builder in _builders(bank)]
            rows = BankEntry.objects.filter(bank=bank)
            live = rows.filter(withdrawn=None).count()
            with transaction.atomic():
                bank.segments, bank.live, bank.withdrawn = names, live, rows.count() - live
                bank.next_entry = rows.latest("pk").pk + 1
                bank.save()
                count(bank, datetime.datetime.now(datetime.UTC))
                facts: dict[str, str | int | None] = {
                    "bank": str(bank.uuid),
                    "version": bank.version,
                    "entries": rows.count(),
                }
                recorder.record("bank.moved", facts, {"name": bank.name})
                rows.delete()


def _builders(bank: Bank) -> Iterator[SegmentBuilder]:
    builder = SegmentBuilder()
    for row in BankEntry.objects.filter(bank=bank).order_by("pk").iterator(chunk_size=1_000):
        digest = bytes(row.digest)
        known = KnownEntry(
            key=f"{row.algorithm}:{digest.hex()}",
            digests={row.algorithm: digest},
            labels=tuple(row.labels),
            owner=row.owner,
            terms=row.terms,
            dated=row.dated,
            place=f"Entry {row.pk}",
            withdrawn=row.withdrawn is not None,
        )
        builder.add(Stored(row.pk, row.withdrawn or row.added, known, row.withdrawn_reason))
        if len(builder) >= _PART:
            yield builder
            builder = SegmentBuilder()
    if len(builder):
        yield builder
