"""The filter by folder: all that lies in an Item, at any depth, be it a folder or an archive."""

from collections.abc import Sequence

from django.db.models import QuerySet

from amparo.casework.browse.narrowing import Narrowing, source_reach
from amparo.catalogue.models import Case, Item
from amparo.catalogue.sql import among
from amparo.catalogue.tree import below, those_below


def find_folder(case: Case, value: str) -> Item | None:
    """The Item of a value of the filter, with the one around it; None if the Case has no such."""
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        return None
    return Item.objects.filter(case=case, pk=int(value)).select_related("parent").first()


def _few(case: Case, value: str, after: int, most: int) -> Sequence[int] | None:
    folder = find_folder(case, value)
    if folder is None:
        return []
    found = below(folder.pk, most)
    return None if found is None else sorted(key for key in found if key > after)


def _kept(case: Case, value: str, items: QuerySet[Item]) -> QuerySet[Item]:
    folder = find_folder(case, value)
    if folder is None:
        return items.none()
    keys = list(items.values_list("pk", flat=True))
    return items.filter(pk__in=among(those_below(folder.pk, keys)))


def _reach(case: Case, value: str) -> tuple[int, int]:
    folder = find_folder(case, value)
    return (0, 0) if folder is None else (folder.pk + 1, source_reach([folder.source_id])[1])


FOLDER = Narrowing(_kept, _few, _reach)
