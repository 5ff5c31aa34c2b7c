"""Items, what was found on them, facets and search. No route hands out bytes of evidence."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from django.http import Http404
from ninja import Path, Query

from amparo.accounts.permissions import Permission
from amparo.casework.browse import Filters, Listing, listing
from amparo.casework.browse import facets as facets_of
from amparo.casework.grading import NEWEST_ACTS, decisions_seen_by
from amparo.casework.listing import finding_row, rows_of
from amparo.casework.notes import NEWEST_NOTES, notes_page
from amparo.catalogue.models import Finding, Item
from amparo.catalogue.pages import START, place_of
from amparo.catalogue.review import MOST
from amparo.ui.paths import shown
from amparo.workbench.api.access import ApiRequest, route
from amparo.workbench.api.decisions import rows_seen
from amparo.workbench.api.notes import note_row
from amparo.workbench.api.rows import (
    CameraValue,
    FacetRows,
    FacetValue,
    FolderValue,
    Found,
    GradeValue,
    ItemEntry,
    ItemFacts,
    Page,
)

Number = Annotated[int, Path(ge=1, lt=10**18)]
After = Annotated[str, Query(pattern=r"^(-?[0-9]{1,5}\.[0-9]{1,18})?$", description="`next` of the page before.")]
Narrow = Annotated[str, Query(max_length=200)]


@route("GET", "cases/{uuid:case}/items", Permission.ITEM_READ, Page[ItemEntry])
def items(
    request: ApiRequest,
    case: uuid.UUID,
    type: Narrow = "",
    outcome: Narrow = "",
    source: Narrow = "",
    device: Narrow = "",
    folder: Narrow = "",
    lead: Narrow = "",
    grade: Narrow = "",
    taken: Narrow = "",
    modified: Narrow = "",
    camera: Narrow = "",
    after: After = "",
) -> Page[ItemEntry]:
    """Items in review order, narrowed by values of the facets. Times: a year, a month or a day, as in `2024-05`."""
    given = {
        "type": type, "outcome": outcome, "source": source, "device": device, "folder": folder, "lead": lead,
        "grade": grade, "taken": taken, "modified": modified, "camera": camera,
    }  # fmt: skip
    found = listing(request.auth.case, Filters.of(given), place_of(after) or START)
    return Page(rows=_entries(found), next=_next(found))


@route("GET", "cases/{uuid:case}/search", Permission.ITEM_READ, Found[ItemEntry])
def search(
    request: ApiRequest,
    case: uuid.UUID,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    after: After = "",
) -> Found[ItemEntry]:
    """Items with all of these words, as the search of the browser finds them."""
    request.auth.slow_down("search")
    found = listing(request.auth.case, Filters.of({"q": q}), place_of(after) or START)
    return Found(rows=_entries(found), next=_next(found), looked_at=found.looked_at, stopped=found.stopped)


@route("GET", "cases/{uuid:case}/facets", Permission.ITEM_READ, FacetRows)
def facets(
    request: ApiRequest, case: uuid.UUID, taken: Narrow = "", modified: Narrow = "", folder: Narrow = ""
) -> FacetRows:
    """What a list of Items can be narrowed to. Times: years, or the months of a year that is given; folders: those of
    the folder that is given, else of the only source."""
    held = facets_of(request.auth.case, Filters.of({"taken": taken, "modified": modified, "folder": folder}))
    return FacetRows(
        items=held.items,
        type=_values(held.types),
        outcome=_values(held.outcomes),
        lead=_values(held.leads),
        grade=[_grade(value, number) for value, number in held.grades],
        taken=_values(held.taken),
        modified=_values(held.modified),
        camera=[
            CameraValue(value=each.value, number=each.number, words=each.words, serial=each.serial)
            for each in held.cameras
        ],
        folder=[
            FolderValue(value=str(each.key), number=each.number, whole=each.whole, name=shown(each.name))
            for each in (held.within.folders if held.within else ())
        ],
        device=_values(held.devices),
        source=_values([(str(row.uuid), number) for row, number in held.sources]),
    )


@route("GET", "cases/{uuid:case}/items/{item}", Permission.ITEM_READ, ItemFacts)
def item(request: ApiRequest, case: uuid.UUID, item: Number) -> ItemFacts:
    """One Item with its current Findings, its notes, and the Decisions that this person may see now."""
    call = request.auth
    row = Item.objects.filter(case=call.case, pk=item).select_related("parent", "content", "source").first()
    if row is None:
        raise Http404
    actor = call.access.user.actor
    acts = [] if row.content is None else decisions_seen_by(row.content, actor, most=NEWEST_ACTS + 1)[::-1]
    notes = notes_page(call.case, True, None, NEWEST_NOTES + 1, row.pk)
    return ItemFacts(
        number=row.pk,
        item=next(rows_of([row])),
        findings=[finding_row(each) for each in _findings(row)],
        decisions=[] if row.content is None else rows_seen(row.content, actor, acts[:NEWEST_ACTS]),
        decisions_next=str(acts[NEWEST_ACTS - 1].pk) if len(acts) > NEWEST_ACTS else None,
        notes=[note_row(each) for each in notes[:NEWEST_NOTES][::-1]],
        notes_next=str(notes[NEWEST_NOTES - 1].pk) if len(notes) > NEWEST_NOTES else None,
    )


def _entries(found: Listing) -> list[ItemEntry]:
    keys = [row.item.pk for row in found.rows]
    held = {row.pk: row for row in Item.objects.filter(pk__in=keys).select_related("parent", "content", "source")}
    items = [held[key] for key in keys if key in held]
    return [ItemEntry(number=item.pk, item=row) for item, row in zip(items, rows_of(items), strict=True)]


def _next(found: Listing) -> str | None:
    return None if found.after is None else f"{found.after[0]}.{found.after[1]}"


def _values(pairs: Sequence[tuple[str, int]]) -> list[FacetValue]:
    return [FacetValue(value=value, number=number) for value, number in pairs]


def _grade(value: str, number: int | None) -> GradeValue:
    whole = value == "open" or number is None or number <= MOST
    return GradeValue(value=value, number=number if whole else MOST, whole=whole)


def _findings(row: Item) -> list[Finding]:
    current = Finding.objects.filter(current=True).select_related("stage", "content", "item__source").order_by("pk")
    own = list(current.filter(item=row))
    return own if row.content_id is None else [*own, *current.filter(content=row.content_id)]
