"""The list of Items and the page of one; the same facts without a frame for triage. No imagery."""

import dataclasses
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from amparo.accounts.permissions import Permission
from amparo.casework.browse import Facets, Filters, chips, facets, listing, notes_with
from amparo.casework.item_facts import Facts, facts_of
from amparo.casework.notes import write_note
from amparo.casework.reveal import REASONS, SHARP_REASONS, open_reveal
from amparo.catalogue.pages import START, place_of
from amparo.catalogue.review import MOST
from amparo.catalogue.search_backlog import waiting
from amparo.evidence.errors import BadInput
from amparo.media.decoding import FORMATS
from amparo.workbench.access import Access, page

_FIRST = 10  # facet values shown before "more"
_OPEN = frozenset({"lead", "grade", "outcome", "type"})  # facets that are unfolded before something is chosen


@page("cases/<uuid:case>/items/", Permission.ITEM_READ)
def items(request: HttpRequest, access: Access) -> HttpResponse:
    """Items in review order, 60 a page. The address carries the filters and the place: ``after=RANK.KEY``."""
    case = access.case
    filters = Filters.of(request.GET.dict())
    place = place_of(request.GET.get("after", "")) or START
    found = listing(case, filters, place)
    held = facets(case, filters)
    names = _names(held, filters)
    context = {
        "found": found,
        "filters": filters,
        "chips": [_Chip(name, value, names.get((name, value)), _query(less)) for name, value, less in chips(filters)],
        "facets": held,
        "groups": [
            _Group(name, choices[:_FIRST], choices[_FIRST:], name in _OPEN or name in filters.set)
            for name, pairs in _facets(held)
            if (choices := _choices(filters, name, pairs, names))
        ],
        "within": held.within,
        "folders": held.within and [(each, _query(filters.but(folder=str(each.key)))) for each in held.within.folders],
        "above": held.within and _query(filters.but(folder=str(held.within.above or ""))),
        "total": _counted(held, filters),
        "most": MOST,
        "unread": waiting(),
        "next": None if found.after is None else _query(filters, found.after),
        "continued": place != START,
        "start": _query(filters),
        "notes": notes_with(case, filters.q) if place == START else [],
    }
    return render(request, "workbench/items/items.html", context)


@page("cases/<uuid:case>/items/<int:item>/", Permission.ITEM_READ)
def item(request: HttpRequest, access: Access, item: int) -> HttpResponse:
    """Everything known of one Item. ``?shown=N``: with the picture of a Reveal that was made just before."""
    return item_page(request, access, item)


@page("cases/<uuid:case>/items/<int:item>/panel/", Permission.ITEM_READ, name="item-panel")
def item_panel(request: HttpRequest, access: Access, item: int) -> HttpResponse:
    """The same facts for the column beside a list."""
    return render(request, "workbench/items/facts.html", {**_context(access, item), "panel": True})


@page("cases/<uuid:case>/items/<int:item>/notes/", Permission.NOTE_WRITE, methods=("POST",), name="item-note")
def item_note(request: HttpRequest, access: Access, item: int) -> HttpResponse:
    """Write a note on an Item; needs that the person may read Items, too."""
    facts = _facts(access, item)
    text = request.POST.get("text", "")
    try:
        write_note(access.installation, access.case, text, facts.item)
    except BadInput as error:
        return item_page(request, access, item, {"note_error": error, "note_text": text}, 422)
    return redirect(f"{_address(access, item)}#notes")


def item_page(
    request: HttpRequest, access: Access, item: int, more: dict[str, object] | None = None, status: int = 200
) -> HttpResponse:
    """The page of an Item, with what a form has to say."""
    context = _context(access, item)
    shown = request.GET.get("shown", "")
    if shown.isascii() and shown.isdecimal() and len(shown) < 19:
        context["shown"] = open_reveal(access.user, context["facts"].item, int(shown))  # type: ignore[attr-defined]
    return render(request, "workbench/items/item.html", {**context, **(more or {})}, status=status)


def asked_with_script(request: HttpRequest) -> bool:
    """Whether an answer is for our script instead of for a browser's window."""
    return request.headers.get("Accept") == "application/json"


def _facts(access: Access, item: int) -> Facts:
    facts = facts_of(access.case, item, access.user.actor) if access.may(Permission.ITEM_READ) else None
    if facts is None:
        raise Http404
    return facts


def _context(access: Access, item: int) -> dict[str, object]:
    facts = _facts(access, item)
    content = facts.item.content
    return {
        "facts": facts,
        "item": facts.item,
        "content": content,
        "can_show": content is not None and content.media_type in FORMATS and access.may(Permission.ITEM_REVEAL),
        "can_note": access.may(Permission.NOTE_WRITE),
        "reasons": REASONS,
        "sharp_reasons": SHARP_REASONS,
    }


def _address(access: Access, item: int) -> str:
    return reverse("item", args=[access.case.uuid, item])


def _counted(held: Facets, filters: Filters) -> int | None:
    """How many Items the list has where a counter says so: of all, of one type, of one Source."""
    match list(filters.set.items()):
        case []:
            return held.items
        case [("type", name)]:
            return dict(held.types).get(name, 0)
        case [("source", key)]:
            return next((number for source, number in held.sources if str(source.uuid) == key), None)
    return None


def _facets(held: Facets) -> list[tuple[str, Sequence[tuple[str, int | None]]]]:
    """(filter, values with their numbers), in the order of the page. One Source alone is nothing to choose from."""
    sources = [(str(source.uuid), number) for source, number in held.sources]
    return [
        ("lead", held.leads),
        ("grade", held.grades),
        ("outcome", held.outcomes),
        ("type", held.types),
        ("taken", held.taken),
        ("modified", held.modified),
        ("camera", [(each.value, each.number) for each in held.cameras]),
        ("device", held.devices),
        ("source", sources if len(sources) > 1 else []),
    ]


def _names(held: Facets, filters: Filters) -> dict[tuple[str, str], object]:
    """What people call a (filter, value) that an address cannot say: a Camera, or a raw path."""
    named: dict[tuple[str, str], object] = {("camera", each.value): each for each in held.cameras}
    named |= {("source", str(source.uuid)): bytes(source.root) for source, _ in held.sources}
    if held.within is not None and held.within.key == filters.folder:
        named["folder", filters.folder] = held.within.path
    return named


def _query(filters: Filters, after: tuple[int, int] | None = None) -> str:
    place = {} if after is None else {"after": f"{after[0]}.{after[1]}"}
    return "?" + urlencode({**filters.set, **place})


def _with(filters: Filters, name: str, value: str) -> Filters:
    return filters.but(**{name: "" if filters.set.get(name) == value else value})


@dataclasses.dataclass(frozen=True, slots=True)
class _Choice:
    """A value of a facet, what people call it, the address that chooses it or lets it go, and whether it is chosen."""

    value: str
    shown: object
    number: int | None
    to: str
    on: bool


@dataclasses.dataclass(frozen=True, slots=True)
class _Group:
    """A facet. ``rest`` stands behind "more"."""

    name: str
    first: Sequence[_Choice]
    rest: Sequence[_Choice]
    open: bool


@dataclasses.dataclass(frozen=True, slots=True)
class _Chip:
    """A filter that is set, and the address without it."""

    name: str
    value: str
    shown: object
    to: str


def _choices(
    filters: Filters, name: str, pairs: Sequence[tuple[str, int | None]], names: Mapping[tuple[str, str], object]
) -> list[_Choice]:
    """What is chosen comes first, so that it is never hidden behind "more"."""
    chosen = filters.set.get(name)
    made = [
        _Choice(value, names.get((name, value)), number, _query(_with(filters, name, value)), value == chosen)
        for value, number in pairs
    ]
    return sorted(made, key=lambda choice: not choice.on)
