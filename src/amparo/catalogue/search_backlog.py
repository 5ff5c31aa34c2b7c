"""Items whose words are written later: those of an earlier version, and the places of bytes that lie at very many.

In steps of one short transaction each, which also moves the row of the backlog on: killed, it goes on where it stopped.
What an Item costs goes by its words, which differ a hundredfold from one Item to another, and by what else the machine
does: a step goes by the clock.
"""

from collections.abc import Sequence
from time import monotonic

from django.db import transaction

from amparo.catalogue import search
from amparo.catalogue.models import Item, SearchBacklog

STEP = 500  # Items of a step at most
SECONDS = 0.1  # of writing in a step; with its commit, that keeps a transaction below 200 ms
_FIRST, _PART = 10, 100  # Items that are written before the clock is looked at: to begin with, and at most


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
        done = _write(keys)
        if done == len(keys) < STEP:
            row.delete()
        else:
            row.after = keys[done - 1]
            row.save(update_fields=["after"])
    return True


def waiting() -> int:
    """About how many keys of an earlier version are still to be looked at; 0 where a search finds everything."""
    rows = SearchBacklog.objects.filter(content=None).values_list("after", "until")
    return sum(until - after for after, until in rows)


def _write(keys: Sequence[int]) -> int:
    """Write the words of the first of these Items, as many as the time allows and at least one; returns how many.

    Parts are as large as those before let expect to fit.
    """
    begun, done, part = monotonic(), 0, _FIRST
    while done < len(keys):
        search.renew(keys[done : done + part])
        done = min(done + part, len(keys))
        used = monotonic() - begun
        left = SECONDS - used
        if left <= 0:
            break
        part = min(_PART, max(1, int(done * left / used))) if used else _PART
    return done
