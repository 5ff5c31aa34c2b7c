"""Keyset pages of Items in review order: rank, then key. Two index ranges per page, never an offset."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from amparo.catalogue.models import Item

LOWEST = -(2**15)


def page(items: QuerySet[Item], after: tuple[int, int], size: int) -> Sequence[Item]:
    """The next ``size`` Items after (rank, key), in the order of the index (case, rank, id).

    Written as two ranges because neither database plans ``(rank, id) > (a, b)`` well (measured, ADR 0004).
    """
    rank, key = after
    found = list(items.filter(rank=rank, pk__gt=key).order_by("pk")[:size])
    if len(found) < size:
        found.extend(items.filter(rank__gt=rank).order_by("rank", "pk")[: size - len(found)])
    return found


def pages(items: QuerySet[Item], size: int) -> Iterator[Sequence[Item]]:
    """All pages of a query that is filtered to one Case."""
    after = (LOWEST, 0)
    while found := page(items, after, size):
        yield found
        after = found[-1].rank, found[-1].pk
