"""The timeline: how much each year, month, day, hour and minute has by one field of times, and the Items of a span."""

import re
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework.spans import Span, parse
from amparo.casework.timeline import Line, Timeline, stated_in, timeline
from amparo.catalogue.models.marks import Field
from amparo.ui.charts import Chart, Part, columns
from amparo.ui.templatetags.amparo import number
from amparo.workbench.access import Access, page
from amparo.workbench.timeline import words

_AFTER = re.compile(r"(-?[0-9]{1,19})\.([0-9]{1,18})")
_EXACT = 2  # parts of a span below which numbers come from tallies


class Shown(NamedTuple):
    """A series with its chart. ``listed``: the list below is of this one; ``url`` chooses it."""

    line: Line
    chart: Chart | None
    here: str
    listed: bool
    url: str


@page("cases/<uuid:case>/timeline/", Permission.ITEM_READ, name="timeline")
def timeline_page(request: HttpRequest, access: Access) -> HttpResponse:
    """The address says the field, the span, the series of the list (``local=1``) and the place in it."""
    span = parse(request.GET.get("span", ""))
    found = timeline(access.case, words.TOKENS.get(request.GET.get("field", "")), span)
    local = request.GET.get("local") == "1" if found.utc.here and found.local.here else bool(found.local.here)
    place = _place(request.GET.get("after", ""))
    listed = stated_in(access.case, found.field, local, span, place) if span.parts else None
    context = {
        "span": span,
        "span_text": words.span(span),
        "ways": [(words.span(each), _query(found.field, each, local)) for each in span.above],
        "field": found.field,
        "fields": [
            (words.field(each), each is found.field, number, _query(each, span, local)) for each, number in found.fields
        ],
        "lines": [_shown(found, line, span, local) for line in (found.utc, found.local) if line.total],
        "local": local,
        "clocks": found.clocks,
        "listed": listed,
        "rows": [] if listed is None else [(row, words.moment(row.value, local)) for row in listed.rows],
        "next": None if listed is None or listed.after is None else _query(found.field, span, local, listed.after),
        "start": _query(found.field, span, local),
        "continued": place is not None,
    }
    return render(request, "workbench/timeline/timeline.html", context)


def _shown(found: Timeline, line: Line, span: Span, local: bool) -> Shown:
    clock = gettext("local time, zone unknown") if line.local else gettext("UTC")
    title = f"{words.field(found.field)}, {words.span(span)} ({clock})"
    parts = [
        Part(
            words.short(each.span),
            each.number,
            words.capped(each.number) if len(each.span.parts) > _EXACT else number(each.number),
            "c2" if line.local else "c1",
            _query(found.field, each.span, line.local),
        )
        for each in line.buckets
    ]
    chart = columns(title, "", (_HEADS[len(span.parts)](), _unit(found.field)), parts) if line.here and parts else None
    here = words.capped(line.here) if len(span.parts) > _EXACT else number(line.here)
    return Shown(line, chart, here, line.local == local, _query(found.field, span, line.local))


def _unit(field: Field) -> str:
    return gettext("Contents") if field.of_content else gettext("Items")


_HEADS = (
    lambda: gettext("Year"),
    lambda: gettext("Month"),
    lambda: gettext("Day"),
    lambda: gettext("Hour"),
    lambda: gettext("Minute"),
    lambda: "",
)


def _place(text: str) -> tuple[int, int] | None:
    found = _AFTER.fullmatch(text) if text.isascii() else None
    if found is None or not -(2**63) <= int(found[1]) < 2**63:
        return None
    return int(found[1]), int(found[2])


def _query(field: Field, span: Span, local: bool, after: tuple[int, int] | None = None) -> str:
    given = {"field": words.token(field), "span": span.text, "local": "1" if local else ""}
    place = {} if after is None else {"after": f"{after[0]}.{after[1]}"}
    return "?" + urlencode({**{name: value for name, value in given.items() if value}, **place})
