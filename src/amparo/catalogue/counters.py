"""Counters: the numbers of a Source, kept in the transaction that changes them, so no page ever counts rows.

Names: ``entry`` (Items by kind of entry), ``type`` (Items by media type), ``item`` and ``content`` (by state),
``short`` (by ``state:reason``), ``finding`` (current Findings by kind), ``bytes`` (``listed``, ``distinct``).
Contents count where they were first seen; the sum over a Case's Sources is the Case's number.
"""

import collections
from typing import NamedTuple

from django.db.models import Sum

from amparo.catalogue.models import Counter, State
from amparo.catalogue.sql import insert_many
from amparo.evidence.item import Entry

_MOST = 2**48  # bytes of one Item that count, 281 TB


class Before(NamedTuple):
    """The columns of an Item that its visit may change, as they were."""

    pk: int
    content_id: int | None
    media_type: str
    size: int | None
    stages_id: int | None
    state: int
    reason: str


class Counts:
    """Changes that one transaction makes."""

    def __init__(self) -> None:
        self.changes: collections.Counter[tuple[str, str]] = collections.Counter()

    def item(self, entry: Entry, named: str | None, state: State, reason: str, size: int | None) -> None:
        """A new Item."""
        self.changes["entry", entry.value] += 1
        self._item(state, reason, named or "", 1)
        self.changes["bytes", "listed"] += _counted(size)

    def change(
        self, row: Before, content: int | None, named: str, state: State, reason: str, size: int | None
    ) -> None:  # the row still holds the old values
        """An Item after its visit."""
        self._item(State(row.state), row.reason, row.media_type, -1)
        self._item(state, reason, named, 1)
        self.changes["bytes", "listed"] += _counted(size) - _counted(row.size)
        self.changes["item", "with_content"] += (content is not None) - (row.content_id is not None)

    def content(self, state: State, number: int, reason: str) -> None:
        """Contents that come into, or leave, a state."""
        self.changes["content", state.name.lower()] += number
        if reason:
            self.changes["short", f"{state.name.lower()}:{reason}"] += number

    def finding(self, kind: str, number: int) -> None:
        """Current Findings of a kind."""
        self.changes["finding", kind] += number

    def bytes(self, size: int) -> None:
        """Bytes of a new Content."""
        self.changes["bytes", "distinct"] += size

    def _item(self, state: State, reason: str, named: str, number: int) -> None:
        self.changes["item", state.name.lower()] += number
        if named:
            self.changes["type", named] += number
        if reason:
            self.changes["short", f"{state.name.lower()}:{reason}"] += number


def _counted(size: int | None) -> int:
    """A stated size as far as it is counted: sparse files may claim exabytes, and a sum must fit into 64 bits."""
    return min(size or 0, _MOST)


def add(source_id: int, counts: Counts) -> None:
    """Add the changes to the Source's counters, in a fixed order."""
    rows = [(source_id, name, key, number) for (name, key), number in sorted(counts.changes.items()) if number]
    table = Counter._meta.db_table
    insert_many(
        table,
        (("source_id", "bigint"), ("name", "text"), ("key", "text"), ("value", "bigint")),
        rows,
        f"(source_id, name, key) DO UPDATE SET value = {table}.value + excluded.value",
    )


def read(**where: object) -> dict[str, dict[str, int]]:
    """Numbers by name and key, summed over the counters that match; zeros are left out."""
    found: dict[str, dict[str, int]] = collections.defaultdict(dict)
    sums = Counter.objects.filter(**where).values_list("name", "key").annotate(total=Sum("value"))
    for name, key, total in sums.order_by("name", "key"):
        if total:
            found[name][key] = int(total)
    return found
