"""A new Source with its root Item: one transaction, so that neither exists without the other."""

import datetime
import uuid

from django.db import transaction

from amparo.catalogue.counters import Counts, add
from amparo.catalogue.marks import Marks
from amparo.catalogue.models import Authority, Case, Item, Source
from amparo.catalogue.outbox import Recorder
from amparo.catalogue.sql import insert_many
from amparo.catalogue.writer import ITEM_COLUMNS, item_row, tail
from amparo.evidence.item import Child


def create_source(
    case: Case, authority: uuid.UUID, opener: str, root: bytes, item: Child, recorder: Recorder
) -> Source:
    """Record what was opened, under which Authority. The path goes into the payload, which can be erased."""
    with transaction.atomic():
        source = Source.objects.create(
            case=case,
            authority=Authority.objects.get(uuid=authority),
            opener=opener,
            root=root,
            created=datetime.datetime.now(datetime.UTC),
        )
        row, _, state, reason = item_row(source, None, None, item, tail(item.step))
        insert_many(Item._meta.db_table, ITEM_COLUMNS, [row])
        counts = Counts()
        counts.item(item.entry, item.entry.media_type, state, reason, item.size)
        add(source.pk, counts)
        marks = Marks(case.pk)
        marks.item(Item.objects.get(source=source, parent=None).pk, ((m.field, m.ns, m.basis) for m in item.moments))
        marks.save(source.pk)
        recorder.record("source.opened", {"source": str(source.uuid), "opener": opener}, {"path_hex": root.hex()})
    return source
