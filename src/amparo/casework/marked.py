"""Items that Marks lead to: for a Content the first place where it lies. Two queries a page, whatever its size."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from amparo.catalogue.models import Case, Content, Item
from amparo.evidence.item import Locator

SIZE = 60  # rows of a page


@dataclasses.dataclass(frozen=True, slots=True)
class Marked:
    """A Mark's Item. ``path`` is raw."""

    value: int
    subject: int
    item: Item
    path: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """``after``: (value, subject) where the next page begins; None at the end."""

    rows: Sequence[Marked]
    after: tuple[int, int] | None


def page_of(case: Case, pairs: Sequence[tuple[int, int]], contents: bool, size: int = SIZE) -> Page:
    """From ``size`` + 1 Marks or fewer; the one too many only says that there are more."""
    shown = pairs[:size]
    found = items_of(case, (subject for _, subject in shown), contents)
    rows = [Marked(value, subject, *found[subject]) for value, subject in shown if subject in found]
    return Page(rows, shown[-1] if len(pairs) > size else None)


def items_of(case: Case, subjects: Iterable[int], contents: bool) -> Mapping[int, tuple[Item, bytes]]:
    """(Item, raw path) by subject."""
    keys = list(subjects)
    if not contents:
        rows = {row.pk: row for row in _whole(case).filter(pk__in=keys)}
        return {key: (row, path_of(row)) for key, row in rows.items()}
    first = Item.objects.filter(case=case, content=OuterRef("pk")).order_by("source", "pk").values("pk")[:1]
    places = dict(
        Content.objects.filter(case=case, pk__in=keys).annotate(first=Subquery(first)).values_list("first", "pk")
    )
    return {places[row.pk]: (row, path_of(row)) for row in _whole(case).filter(pk__in=[p for p in places if p])}


def path_of(item: Item) -> bytes:
    """The raw path of an Item."""
    return Locator.decode(bytes(item.locator)).path


def _whole(case: Case) -> QuerySet[Item]:
    return Item.objects.filter(case=case).select_related("content", "source")
