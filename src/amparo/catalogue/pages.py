"""Keyset pages of Items in review order: rank, then key. Two index ranges per page, never an offset."""

import re
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from amparo.catalogue.models import Item

LOWEST = -(2**15)
START = (LOWEST, 0)
_PLACE = re.compile(r"(-?[0-9]{1,5})\.([0-9]{1,18})")


def place_of(text: str) -> tuple[int, int] | None:
    """The rank and key after which a page begins, as an address has them: START of nothing, None of what is none."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None if text else START
    return int(found[1]), int(found[2])


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
    after = START
    while found := page(items, after, size):
        yield found
        after = found[-1].rank, found[-1].pk
