"""The Items of a Case as people look through them: narrowed by facets, searched by words, a page at a time.

Nothing here takes time or memory in the size of the Case beyond what an index gives: numbers come from counters or
stop at MOST, a search looks at the first so many Items that hold its words and says where it stopped.
"""

import dataclasses
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

from django.db.models import Exists, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Sum

from amparo.casework.listing import state_of
from amparo.catalogue import counters, search
from amparo.catalogue.models import Case, Category, Content, Counter, Finding, Item, Lane, Note, Source, State
from amparo.catalogue.models.items import NORMAL_RANK
from amparo.catalogue.pages import LOWEST, page
from amparo.catalogue.review import MOST
from amparo.catalogue.search_words import asked, hold, words_of
from amparo.catalogue.sql import among
from amparo.evidence.item import Locator
from amparo.sources.folder import ROOT
from amparo.ui.matches import TITLES

SIZE = 60  # Items of a page
LOOKED_AT = MOST  # Items with the words that a page of a search looks at before it asks whether to go on
_PLACES = 50_000  # Items of few Contents
_LONGEST = 200  # characters of a filter
_NOTES = 20
_NOTES_READ = 200  # newest notes with a word of a search that are compared with all of it
_SOURCES = 100

START = (LOWEST, 0)
GRADES = MappingProxyType(
    {
        "baseline": Category.BASELINE,
        "national": Category.NATIONAL,
        "other": Category.OTHER,
        "not-relevant": Category.NOT_RELEVANT,
        "open": Category.OPEN,
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty texts narrow nothing. The fields are the names in the address.

    ``outcome``: a state, or state and reason as in ``failed:limit-time``. ``source``: its UUID. ``lead``: the kind of
    a Finding. ``grade``: what the Decisions on its bytes come to. ``q``: words of the path, of its notes and of what
    was found, all of them in any case and order (:mod:`amparo.catalogue.search_words`).
    """

    type: str = ""
    outcome: str = ""
    source: str = ""
    lead: str = ""
    grade: str = ""
    q: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Filters":
        """From an address, whatever it holds."""
        values = {each.name: given.get(each.name, "").replace("\0", "").strip() for each in dataclasses.fields(cls)}
        return cls(**{name: value[:_LONGEST] for name, value in values.items()})

    @property
    def set(self) -> dict[str, str]:
        """Those that narrow something."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value}


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """An Item with what a list shows of it. ``path`` is raw. ``leads``: titles of its matches and their Banks."""

    item: Item
    path: bytes
    state: State
    reason: str
    leads: tuple[tuple[str, str], ...]

    @property
    def is_root(self) -> bool:
        """Whether it is the scanned folder itself."""
        return self.path == ROOT

    @property
    def short(self) -> str:
        """The first eight hex digits of the SHA-256, in two groups; empty without bytes."""
        return "" if self.item.content is None else short(bytes(self.item.content.sha256))


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """A page. ``after``: where the next one begins, None at the end.

    ``looked_at``: Items that came into question and were looked at, from where the page begins, at most LOOKED_AT;
    ``stopped``: there are more of them. ``found``: how many of them the filters leave, None where nobody had to look.
    """

    rows: Sequence[Row]
    after: tuple[int, int] | None
    looked_at: int = 0
    found: int | None = None
    stopped: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether the next page is more to look at, because not enough was found for this one."""
        return self.stopped and len(self.rows) < SIZE


@dataclasses.dataclass(frozen=True, slots=True)
class Facets:
    """What a Case can be narrowed to, each with a number from the counters: (value of the filter, number).

    ``outcomes``, ``leads`` and ``grades`` count the same bytes once, wherever they lie; the others count Items. Grades
    are counted by index, each to MOST + 1.
    """

    items: int
    types: Sequence[tuple[str, int]]
    outcomes: Sequence[tuple[str, int]]
    leads: Sequence[tuple[str, int]]
    grades: Sequence[tuple[str, int]]
    sources: Sequence[tuple[Source, int]]


def short(sha256: bytes) -> str:
    """``9f2c 41ab``."""
    digits = sha256.hex()
    return f"{digits[:4]} {digits[4:8]}"


def listing(case: Case, filters: Filters, after: tuple[int, int] = START) -> Listing:
    """The next page after (rank, key).

    First the keys that come into question, by one index: the Items that hold the words, else those that few Findings,
    outcomes or grades speak of, else the next ones in order. Then these are looked at one by one for all other filters.
    Joined into one statement, planners without statistics walk through the Case.
    """
    found = _candidates(case, filters, after)
    left = list(found.places)
    if left and found.rest.set:
        kept = set(_among(case, found.rest, [key for _, key in left]))
        left = [place for place in left if place[1] in kept]
    rows = _rows(case, [key for _, key in left[:SIZE]])
    if not found.looked:
        return Listing(rows, left[SIZE - 1] if len(left) > SIZE else None)
    end = left[SIZE - 1] if len(left) > SIZE else found.places[-1] if found.stopped else None
    return Listing(rows, end, len(found.places), len(left), found.stopped)


@dataclasses.dataclass(frozen=True, slots=True)
class _Candidates:
    """Places that come into question, in order. ``rest``: what they have not been looked at for.

    ``looked``: they are all there are, or LOOKED_AT, not just those of a page.
    """

    places: Sequence[tuple[int, int]]
    rest: Filters
    stopped: bool = False
    looked: bool = True


def _candidates(case: Case, filters: Filters, after: tuple[int, int]) -> _Candidates:
    if filters.q:
        return _cut(search.find(case.pk, asked(filters.q), after[1], LOOKED_AT + 1), filters, q="")
    for name, keys_of in (("lead", _few_led), ("outcome", _few_short), ("grade", _few_graded)):
        value = getattr(filters, name)
        if value and (keys := keys_of(case, value, after[1])) is not None:
            return _cut(keys, filters, **{name: ""})
    items, rest = Item.objects.filter(case=case), filters
    if filters.type:
        items, rest = items.filter(media_type=filters.type), dataclasses.replace(filters, type="")
    if filters.source:
        first, last = _reach(_source_key(case, filters.source))
        items, after = items.filter(pk__lte=last), max(after, (NORMAL_RANK, first - 1))
    most = LOOKED_AT if rest.set else SIZE
    pairs = cast(QuerySet[Any], items.values_list("rank", "pk"))
    places: Sequence[Any] = page(pairs, after, most + 1)
    if not rest.set:
        return _Candidates(places, rest, looked=False)
    return _Candidates(places[:most], rest, len(places) > most)


def _cut(keys: Sequence[int], filters: Filters, **met: str) -> _Candidates:
    """Keys from one index, in the order of the scan: of all Items, which have one rank until somebody gives another."""
    places = [(NORMAL_RANK, key) for key in keys[:LOOKED_AT]]
    return _Candidates(places, dataclasses.replace(filters, **met), len(keys) > LOOKED_AT)


def _reach(source: int | None) -> tuple[int, int]:
    """The first and the last key of a Source's Items: what else lies between them came while it was scanned."""
    first = Item.objects.filter(source=source, parent=None).values_list("pk", flat=True).first()
    last = [Item.objects.filter(source=source, lane=lane).aggregate(last=Max("pk"))["last"] or 0 for lane in Lane]
    return first or 0, max(last)


def _few_led(case: Case, kind: str, after: int) -> Sequence[int] | None:
    """Keys of the Items that current Findings of a kind speak of; None if that is more than LOOKED_AT Findings."""
    made = Finding.objects.filter(case=case, kind=kind).order_by("pk").values_list("item", "content", "current")
    rows = list(made[: LOOKED_AT + 1])
    if len(rows) > LOOKED_AT:
        return None
    items = [item for item, _, current in rows if current and item is not None]
    return _of(items, {content for _, content, current in rows if current and content is not None}, after)


def _few_short(case: Case, outcome: str, after: int) -> Sequence[int] | None:
    """The same of what was skipped or failed; None of other outcomes."""
    wanted = _state(outcome)
    if wanted is None:
        return []
    if wanted["state"] not in (State.SKIPPED, State.FAILED):
        return None
    few = {"case": case, "state__gte": State.SKIPPED, **wanted}  # as the partial indexes say it
    items = list(Item.objects.filter(**few).order_by("rank", "pk").values_list("pk", flat=True)[: LOOKED_AT + 1])
    contents = list(Content.objects.filter(**few).order_by("pk").values_list("pk", flat=True)[: LOOKED_AT + 1])
    return None if len(items) + len(contents) > LOOKED_AT else _of(items, contents, after)


def _few_graded(case: Case, name: str, after: int) -> Sequence[int] | None:
    """The same of what has a grade."""
    if name not in GRADES:
        return []
    if GRADES[name] is Category.OPEN:
        return None
    graded = Content.objects.filter(case=case, category=GRADES[name], category__gt=0).order_by("pk")
    contents = list(graded.values_list("pk", flat=True)[: LOOKED_AT + 1])
    return None if len(contents) > LOOKED_AT else _of([], contents, after)


def _of(items: Iterable[int], contents: Collection[int], after: int) -> Sequence[int] | None:
    """Keys above ``after`` of these Items and of those of these Contents, in order; None of very many places."""
    # Not ordered or cut by key in the statement: SQLite would walk through the Items in order of their keys.
    places = list(Item.objects.filter(content__in=among(contents)).values_list("pk", flat=True)[: _PLACES + 1])
    return None if len(places) > _PLACES else sorted({key for key in (*items, *places) if key > after})


def _among(case: Case, filters: Filters, keys: Sequence[int]) -> QuerySet[Item, int]:
    """Those of these keys of the Case that the facets leave."""
    found = Item.objects.filter(pk__in=among(keys))
    if filters.type:
        found = found.filter(media_type=filters.type)
    if filters.source:
        found = found.filter(source=_source_key(case, filters.source) or 0)
    if filters.outcome:
        wanted = _state(filters.outcome)
        if wanted is None:
            return Item.objects.none().values_list("pk", flat=True)
        found = found.filter(Q(**wanted) | Q(**{f"content__{field}": value for field, value in wanted.items()}))
    if filters.lead:
        made = Finding.objects.filter(kind=filters.lead, current=True)
        found = found.filter(
            Exists(made.filter(content=OuterRef("content"))) | Exists(made.filter(item=OuterRef("pk")))
        )
    if filters.grade:
        found = found.filter(content__category=GRADES.get(filters.grade, -1))
    return found.values_list("pk", flat=True)


def _state(outcome: str) -> dict[str, object] | None:
    """The columns of an outcome; None if there is no such."""
    name, _, reason = outcome.partition(":")
    if name.upper() not in State.names:
        return None
    return {"state": State[name.upper()], **({"reason": reason} if reason else {})}


def facets(case: Case) -> Facets:
    """In four queries."""
    numbers = counters.read(source__case=case)
    per_source = Counter.objects.filter(source__case=case, name="entry").values_list("source").order_by()
    items = {key: int(number) for key, number in per_source.annotate(number=Sum("value"))}
    sources = Source.objects.filter(case=case).order_by("pk")[:_SOURCES]
    known = [(kind, number) for kind in TITLES if (number := numbers["finding"].get(kind, 0))]
    others = [pair for pair in _largest(numbers["finding"]) if pair[0] not in TITLES]
    return Facets(
        items=sum(numbers["entry"].values()),
        types=_largest(numbers["type"]),
        outcomes=_largest(numbers["short"]),
        leads=[*known, *others],
        grades=_grades(case, sum(numbers["content"].values())),
        sources=[(source, items.get(source.pk, 0)) for source in sources],
    )


def notes_with(case: Case, words: str) -> Sequence[Note]:
    """The newest notes on Items that hold all these words by themselves, at most 20, of the newest 200 that might."""
    sought = asked(words)
    if not sought:
        return []
    found = Note.objects.filter(case=case, item__isnull=False).select_related("item").order_by("-pk")
    notes = list(found[:_NOTES_READ])
    if len(notes) == _NOTES_READ:  # else these are all, and the index need not be asked once more
        keys = search.find(case.pk, sought, 0, LOOKED_AT)
        notes = list(found.filter(item__in=among(keys))[:_NOTES_READ])
    return [note for note in notes if hold(words_of([note.text]), sought)][:_NOTES]


def _rows(case: Case, keys: Sequence[int]) -> Sequence[Row]:
    """In the order of the keys. Whatever gave them: nothing of another Case."""
    # Sources in a query of their own: joined, a planner without statistics begins with them.
    whole = Item.objects.filter(pk__in=keys).select_related("content").prefetch_related("source")
    by_key = {item.pk: item for item in whole if item.case_id == case.pk}
    items = [by_key[key] for key in keys if key in by_key]
    contents = {item.content_id for item in items if item.content_id is not None}
    leads: dict[int, list[tuple[str, str]]] = {}
    found = Finding.objects.filter(content__in=contents, current=True, kind__in=TITLES).order_by("pk")
    for key, kind, facts in found.values_list("content_id", "kind", "facts"):
        leads.setdefault(key or 0, []).append((kind, str(facts.get("bank_name", ""))))
    return [
        Row(
            item,
            Locator.decode(bytes(item.locator)).path,
            *state_of(item),
            tuple(sorted(leads.get(item.content_id or 0, []), key=lambda lead: list(TITLES).index(lead[0]))),
        )
        for item in items
    ]


def _source_key(case: Case, text: str) -> int | None:
    try:
        found = Source.objects.filter(case=case, uuid=uuid.UUID(text)).first()
    except ValueError:
        return None
    return None if found is None else found.pk


class _Rows(Subquery):
    """How many rows a query gives."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def _grades(case: Case, contents: int) -> list[tuple[str, int]]:
    """How many Contents each grade has; one query."""
    judged = {
        name: _Rows(Content.objects.filter(case=case, category=grade, category__gt=0).values("pk")[: MOST + 1])
        for name, grade in GRADES.items()
        if grade != Category.OPEN
    }
    numbers = Case.objects.filter(pk=case.pk).annotate(**judged).values(*judged).get()
    numbers["open"] = contents - sum(numbers.values())
    return [(name, number) for name in GRADES if (number := numbers[name]) > 0]


def _largest(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))


def chips(filters: Filters) -> Iterator[tuple[str, str, Filters]]:
    """(name, value, filters without it) of each filter that is set."""
    for name, value in filters.set.items():
        yield name, value, dataclasses.replace(filters, **{name: ""})
