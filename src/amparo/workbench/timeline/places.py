"""The map: places that pictures state, in cells of a grid, with a list of the same beside it. No network, no tiles."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from amparo.accounts.permissions import Permission
from amparo.casework.places import Cluster, places, stated_in
from amparo.catalogue.grid import Cell, parse
from amparo.ui.templatetags.amparo import number
from amparo.workbench.access import Access, page
from amparo.workbench.timeline import words

_AFTER = re.compile(r"([0-9]{1,12})\.([0-9]{1,18})")
_LISTED = 40  # clusters in the table before "more"


@page("cases/<uuid:case>/timeline/places/", Permission.ITEM_READ, name="places")
def places_page(request: HttpRequest, access: Access) -> HttpResponse:
    """``cell`` narrows the map and lists its pictures; ``after`` is the place in the list."""
    asked = request.GET.get("cell", "")
    cell = parse(asked)
    if asked and cell is None:
        raise Http404
    found = places(access.case, cell)
    place = _AFTER.fullmatch(request.GET.get("after", ""))
    after = (int(place[1]), int(place[2])) if place else None
    listed, rows = (None, []) if found.cell is None else stated_in(access.case, found.cell, after)
    parts = [_part(each) for each in found.clusters]
    context = {
        "found": found,
        "cell_text": words.cell(found.cell),
        "here": _number(found.cell, found.here),
        "ways": [(words.cell(each), f"?cell={each.address}" if each else "?") for each in _above(found.cell)],
        "first": parts[:_LISTED],
        "rest": parts[_LISTED:],
        "map": {
            "box": None if found.cell is None else found.cell.box,
            "clusters": [
                {**part, "box": each.cell.box, "number": each.number}
                for each, part in zip(found.clusters, parts, strict=True)
            ],
        },
        "rows": [(each, words.degrees(each.latitude, each.longitude)) for each in rows],
        "next": None if listed is None or listed.after is None or found.cell is None
        else f"?cell={found.cell.address}&after={listed.after[0]}.{listed.after[1]}",
        "start": "" if found.cell is None else f"?cell={found.cell.address}",
        "continued": after is not None,
    }  # fmt: skip
    return render(request, "workbench/timeline/places.html", context)


def _part(cluster: Cluster) -> dict[str, str]:
    shown = _number(cluster.cell, cluster.number)
    return {"label": words.cell(cluster.cell), "shown": shown, "url": f"?cell={cluster.cell.address}"}


def _number(cell: Cell | None, count: int) -> str:
    """Numbers of small cells were counted to 10,001."""
    return words.capped(count) if cell is not None and cell.level > 1 else number(count)


def _above(cell: Cell | None) -> list[Cell | None]:
    """The cells around a cell, the widest first."""
    found: list[Cell | None] = []
    while cell is not None:
        cell = cell.parent
        found.append(cell)
    return found[::-1]
