"""How a filter finds Items: through an index where it speaks of few, else by looking at some that come into question.

What a filter speaks of has no common order with the list, so all of it is read or nothing. More than ``most`` of it is
so much of any Case that the next Items in order hold a page of it soon enough.
"""

import dataclasses
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q, QuerySet

from amparo.catalogue.models import Case, Category, Content, Finding, Item, Lane, Source, State
from amparo.catalogue.sql import among, highest_each, lowest_each

Few = Callable[[Case, str, int, int], Sequence[int] | None]
Kept = Callable[[Case, str, QuerySet[Item]], QuerySet[Item]]
Reach = Callable[[Case, str], tuple[int, int]]

GRADES: Mapping[str, Category] = MappingProxyType(
    {
        "baseline": Category.BASELINE,
        "national": Category.NATIONAL,
        "other": Category.OTHER,
        "not-relevant": Category.NOT_RELEVANT,
        "open": Category.OPEN,
    }
)
_PLACES = 50_000  # Items of few Contents


@dataclasses.dataclass(frozen=True, slots=True)
class Narrowing:
    """One filter; a value that says nothing leaves no Item.

    ``kept(case, value, items)``: those of a few Items of the Case that it leaves.
    ``few(case, value, after, most)``: the keys above ``after``, in order, of all that it leaves; None where it speaks
    of more than ``most``. ``reach(case, value)``: the lowest and the highest key that it may leave.
    """

    kept: Kept
    few: Few | None = None
    reach: Reach | None = None


def of_subjects(items: Iterable[int], contents: Collection[int], after: int) -> Sequence[int] | None:
    """Keys above ``after`` of these Items and of those of these Contents, in order; None of very many places."""
    # Not ordered or cut by key in the statement: SQLite would walk through the Items in order of their keys.
    places = list(Item.objects.filter(content__in=among(contents)).values_list("pk", flat=True)[: _PLACES + 1])
    return None if len(places) > _PLACES else sorted({key for key in (*items, *places) if key > after})


def source_reach(sources: Collection[int]) -> tuple[int, int]:
    """The first and the last key of the Items of Sources: what else lies between them came while they were scanned."""
    table = Item._meta.db_table
    first = lowest_each(table, "id", "source_id = %s AND parent_id IS NULL", [(source,) for source in sources])
    lanes = [(source, lane) for source in sources for lane in Lane]
    last = highest_each(table, "id", "source_id = %s AND lane = %s", lanes)
    return min((key or 0 for key in first), default=0), max((key or 0 for key in last), default=0)


def _led(case: Case, kind: str, after: int, most: int) -> Sequence[int] | None:
    made = Finding.objects.filter(case=case, kind=kind).order_by("pk").values_list("item", "content", "current")
    rows = list(made[: most + 1])
    if len(rows) > most:
        return None
    items = [item for item, _, current in rows if current and item is not None]
    return of_subjects(items, {content for _, content, current in rows if current and content is not None}, after)


def _keep_led(case: Case, kind: str, items: QuerySet[Item]) -> QuerySet[Item]:
    made = Finding.objects.filter(kind=kind, current=True)
    return items.filter(Exists(made.filter(content=OuterRef("content"))) | Exists(made.filter(item=OuterRef("pk"))))


def _short(case: Case, outcome: str, after: int, most: int) -> Sequence[int] | None:
    wanted = _state(outcome)
    if wanted is None:
        return []
    if wanted["state"] not in (State.SKIPPED, State.FAILED):
        return None
    few = {"case": case, "state__gte": State.SKIPPED, **wanted}  # as the partial indexes say it
    items = list(Item.objects.filter(**few).order_by("rank", "pk").values_list("pk", flat=True)[: most + 1])
    contents = list(Content.objects.filter(**few).order_by("pk").values_list("pk", flat=True)[: most + 1])
    return None if len(items) + len(contents) > most else of_subjects(items, contents, after)


def _keep_short(case: Case, outcome: str, items: QuerySet[Item]) -> QuerySet[Item]:
    wanted = _state(outcome)
    if wanted is None:
        return items.none()
    return items.filter(Q(**wanted) | Q(**{f"content__{field}": value for field, value in wanted.items()}))


def _state(outcome: str) -> dict[str, object] | None:
    """The columns of an outcome; None if there is no such."""
    name, _, reason = outcome.partition(":")
    if name.upper() not in State.names:
        return None
    return {"state": State[name.upper()], **({"reason": reason} if reason else {})}


def _graded(case: Case, name: str, after: int, most: int) -> Sequence[int] | None:
    if name not in GRADES:
        return []
    if GRADES[name] is Category.OPEN:
        return None
    graded = Content.objects.filter(case=case, category=GRADES[name], category__gt=0).order_by("pk")
    contents = list(graded.values_list("pk", flat=True)[: most + 1])
    return None if len(contents) > most else of_subjects([], contents, after)


def _keep_graded(case: Case, name: str, items: QuerySet[Item]) -> QuerySet[Item]:
    return items.filter(content__category=GRADES.get(name, -1))


def _keep_type(case: Case, name: str, items: QuerySet[Item]) -> QuerySet[Item]:
    return items.filter(media_type=name)


def keys_of_source(case: Case, text: str) -> list[int]:
    """The key of the Source with this UUID, if the Case has one."""
    try:
        return list(Source.objects.filter(case=case, uuid=uuid.UUID(text)).values_list("pk", flat=True))
    except ValueError:
        return []


def _device(case: Case, number: str) -> list[int]:
    return list(Source.objects.filter(case=case, exhibits__number=number).order_by("pk").values_list("pk", flat=True))


def _of_sources(keys_of: Callable[[Case, str], list[int]]) -> Narrowing:
    return Narrowing(
        kept=lambda case, value, items: items.filter(source__in=keys_of(case, value)),
        reach=lambda case, value: source_reach(keys_of(case, value)),
    )


TYPE = Narrowing(_keep_type)
LEAD = Narrowing(_keep_led, _led)
OUTCOME = Narrowing(_keep_short, _short)
GRADE = Narrowing(_keep_graded, _graded)
SOURCE = _of_sources(keys_of_source)
DEVICE = _of_sources(_device)
