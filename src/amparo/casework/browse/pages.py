"""Pages of the list."""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

from django.db.models import QuerySet

from amparo.casework.browse import inside, narrowing, stated
from amparo.casework.browse.filters import Filters
from amparo.casework.browse.narrowing import Narrowing
from amparo.casework.listing import state_of
from amparo.catalogue import search
from amparo.catalogue.models import Case, Finding, Item, State
from amparo.catalogue.models.items import NORMAL_RANK
from amparo.catalogue.pages import START, page
from amparo.catalogue.review import MOST
from amparo.catalogue.search_words import asked
from amparo.catalogue.sql import among
from amparo.evidence.item import Locator
from amparo.sources.folder import ROOT
from amparo.ui.matches import TITLES

SIZE = 60  # Items of a page
LOOKED_AT = MOST  # Items that come into question that a page looks at before it asks whether to go on
_NARROWINGS: Mapping[str, Narrowing] = MappingProxyType(
    {  # what takes least to look at comes first
        "type": narrowing.TYPE,
        "source": narrowing.SOURCE,
        "device": narrowing.DEVICE,
        "grade": narrowing.GRADE,
        "outcome": narrowing.OUTCOME,
        "lead": narrowing.LEAD,
        "camera": stated.CAMERA,
        "modified": stated.MODIFIED,
        "taken": stated.TAKEN,
        "folder": inside.FOLDER,
    }
)


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
        return _cut(search.find(case.pk, asked(filters.q), after[1], LOOKED_AT + 1), filters.but(q=""))
    chosen = [(name, value, each) for name, each in _NARROWINGS.items() if (value := getattr(filters, name))]
    for name, value, each in chosen:
        if each.few is not None and (keys := each.few(case, value, after[1], LOOKED_AT)) is not None:
            return _cut(keys, filters.but(**{name: ""}))
    items, rest = Item.objects.filter(case=case), filters
    if filters.type:
        items, rest = items.filter(media_type=filters.type), filters.but(type="")
    for _, value, each in chosen:
        if each.reach is not None:
            first, last = each.reach(case, value)
            items, after = items.filter(pk__lte=last), max(after, (NORMAL_RANK, first - 1))
    most = LOOKED_AT if rest.set else SIZE
    pairs = cast(QuerySet[Any], items.values_list("rank", "pk"))
    places: Sequence[Any] = page(pairs, after, most + 1)
    if not rest.set:
        return _Candidates(places, rest, looked=False)
    return _Candidates(places[:most], rest, len(places) > most)


def _cut(keys: Sequence[int], rest: Filters) -> _Candidates:
    """Keys from one index, in the order of the scan: of all Items, which have one rank until somebody gives another."""
    return _Candidates([(NORMAL_RANK, key) for key in keys[:LOOKED_AT]], rest, len(keys) > LOOKED_AT)


def _among(case: Case, filters: Filters, keys: Sequence[int]) -> QuerySet[Item, int]:
    """Those of these keys of the Case that the facets leave."""
    found = Item.objects.filter(pk__in=among(keys))
    for name, each in _NARROWINGS.items():
        if value := getattr(filters, name):
            found = each.kept(case, value, found)
    return found.values_list("pk", flat=True)


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
