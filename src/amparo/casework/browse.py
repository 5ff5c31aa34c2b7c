"""The Items of a Case as people look through them: narrowed by facets, searched by words, a page at a time.

Nothing here takes time or memory in the size of the Case beyond what an index gives: numbers come from counters or
stop at MOST, a search looks at so many rows and says where it stopped.
"""

import dataclasses
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import Q, QuerySet, Sum

from amparo.casework.listing import state_of
from amparo.catalogue import counters
from amparo.catalogue.models import Case, Counter, Finding, Item, Note, Source, State
from amparo.catalogue.pages import LOWEST, page
from amparo.catalogue.review import MOST
from amparo.evidence.item import Locator
from amparo.sources.folder import ROOT
from amparo.ui.matches import TITLES

SIZE = 60  # Items of a page
LOOKED_AT = 50_000  # rows that one search looks at before it asks whether to go on
_CHUNK = 2_000
_LONGEST = 200  # characters of a filter
_NOTES = 20
_SOURCES = 100

START = (LOWEST, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty texts narrow nothing. The fields are the names in the address.

    ``outcome``: a state, or state and reason as in ``failed:limit-time``. ``source``: its UUID. ``lead``: the kind of
    a Finding. ``q``: words that the path has to hold, all of them, in any case.
    """

    type: str = ""
    outcome: str = ""
    source: str = ""
    lead: str = ""
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

    ``looked_at``: rows a search went through for this page; ``stopped``: it stopped there, with more to look at.
    """

    rows: Sequence[Row]
    after: tuple[int, int] | None
    looked_at: int = 0
    stopped: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Facets:
    """What a Case can be narrowed to, each with a number from the counters: (value of the filter, number).

    ``outcomes`` and ``leads`` count the same bytes once, wherever they lie; the others count Items.
    """

    items: int
    types: Sequence[tuple[str, int]]
    outcomes: Sequence[tuple[str, int]]
    leads: Sequence[tuple[str, int]]
    sources: Sequence[tuple[Source, int]]


def short(sha256: bytes) -> str:
    """``9f2c 41ab``."""
    digits = sha256.hex()
    return f"{digits[:4]} {digits[4:8]}"


def narrowed(case: Case, filters: Filters) -> QuerySet[Item]:
    """The Items that the facets leave, in no order; words are not looked at."""
    found = Item.objects.filter(case=case)
    if filters.type:
        found = found.filter(media_type=filters.type)
    if filters.source:
        key = _source_key(case, filters.source)
        found = found.none() if key is None else found.filter(source=key)
    if filters.outcome:
        name, _, reason = filters.outcome.partition(":")
        if name.upper() not in State.names:
            return found.none()
        state = State[name.upper()]
        if reason:
            found = found.filter(Q(state=state, reason=reason) | Q(content__state=state, content__reason=reason))
        else:
            found = found.filter(Q(state=state) | Q(content__state=state))
    if filters.lead:
        made = Finding.objects.filter(case=case, kind=filters.lead, current=True)
        contents = made.filter(content__isnull=False).values("content")
        found = found.filter(Q(content__in=contents) | Q(pk__in=made.filter(item__isnull=False).values("item")))
    return found


def listing(case: Case, filters: Filters, after: tuple[int, int] = START) -> Listing:
    """The next page after (rank, key), in review order."""
    found = narrowed(case, filters)
    words = _folded(filters.q).split()
    if not words:
        rows = page(_whole(found), after, SIZE + 1)
        return Listing(_rows(rows[:SIZE]), _place(rows[SIZE - 1]) if len(rows) > SIZE else None)
    keys: list[int] = []
    looked = 0
    slim = found.only("pk", "rank", "locator")
    while looked < LOOKED_AT and (chunk := page(slim, after, min(_CHUNK, LOOKED_AT - looked))):
        for row in chunk:
            looked, after = looked + 1, _place(row)
            if _holds(bytes(row.locator), words):
                keys.append(row.pk)
                if len(keys) == SIZE:
                    break
        if len(keys) == SIZE:
            break
    items = list(_whole(Item.objects.filter(case=case, pk__in=keys)).order_by("rank", "pk"))
    more = bool(page(slim, after, 1))
    return Listing(_rows(items), after if more else None, looked, more and len(keys) < SIZE)


def total(case: Case, filters: Filters) -> int:
    """How many Items the facets leave, counted to MOST + 1; words are not looked at."""
    return narrowed(case, filters).order_by()[: MOST + 1].count()


def facets(case: Case) -> Facets:
    """In three queries."""
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
        sources=[(source, items.get(source.pk, 0)) for source in sources],
    )


def notes_with(case: Case, words: str) -> Sequence[Note]:
    """The newest notes on Items whose text holds these words as they stand, at most 20."""
    if not words:
        return []
    found = Note.objects.filter(case=case, item__isnull=False, text__icontains=words).select_related("item")
    return list(found.order_by("-pk")[:_NOTES])


def _whole(items: QuerySet[Item]) -> QuerySet[Item]:
    return items.select_related("content", "source")


def _rows(items: Iterable[Item]) -> Sequence[Row]:
    items = list(items)
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


def _place(item: Item) -> tuple[int, int]:
    return item.rank, item.pk


def _source_key(case: Case, text: str) -> int | None:
    try:
        found = Source.objects.filter(case=case, uuid=uuid.UUID(text)).first()
    except ValueError:
        return None
    return None if found is None else found.pk


def _holds(locator: bytes, words: Sequence[str]) -> bool:
    """Whether the path of a stored locator holds all words. The bytes around it are looked at first: it is cheaper."""
    whole = _folded(locator.decode("utf-8", "replace"))
    if not all(word in whole for word in words):
        return False
    path = _folded(Locator.decode(locator).path.decode("utf-8", "replace"))
    return all(word in path for word in words)


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _largest(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))


def chips(filters: Filters) -> Iterator[tuple[str, str, Filters]]:
    """(name, value, filters without it) of each filter that is set."""
    for name, value in filters.set.items():
        yield name, value, dataclasses.replace(filters, **{name: ""})
