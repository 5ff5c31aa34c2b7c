"""Items whose words are written later: those of an earlier version, and the places of bytes that lie at very many.

In steps of one short transaction each, which also moves the row of the backlog on: killed, it goes on where it stopped.
"""

from django.db import transaction

from amparo.catalogue import search
from amparo.catalogue.models import Item, SearchBacklog

STEP = 500  # Items of a step; keeps its transaction below 200 ms


def step() -> bool:
    """Write the words of the next Items that wait; False if none do."""
    if not SearchBacklog.objects.exists():  # who has nothing to do does not queue for SQLite's one writer
        return False
    with transaction.atomic():
        row = SearchBacklog.objects.select_for_update().order_by("pk").first()
        if row is None:
            return False
        waiting = Item.objects.filter(pk__gt=row.after, pk__lte=row.until)
        if row.content_id is not None:
            waiting = waiting.filter(content=row.content_id)
        keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:STEP])
        search.renew(keys)
        if len(keys) < STEP:
            row.delete()
        else:
            row.after = keys[-1]
            row.save(update_fields=["after"])
    return True


def waiting() -> int:
    """About how many keys of an earlier version are still to be looked at; 0 where a search finds everything."""
    rows = SearchBacklog.objects.filter(content=None).values_list("after", "until")
    return sum(until - after for after, until in rows)
