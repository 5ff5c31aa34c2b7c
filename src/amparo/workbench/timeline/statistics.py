"""Numbers of a Case as charts, each with its table."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework.overview import Judging
from amparo.casework.plots import plots_of
from amparo.catalogue.models import Category
from amparo.catalogue.models.marks import Field
from amparo.ui.charts import Chart, Part, bars, columns
from amparo.ui.report_figures import media_types_chart, states_chart
from amparo.ui.templatetags.amparo import number
from amparo.workbench.access import Access, page
from amparo.workbench.timeline import words

_TYPES = 12


@page("cases/<uuid:case>/timeline/statistics/", Permission.ITEM_READ)
def statistics(request: HttpRequest, access: Access) -> HttpResponse:
    """By type, judgement, outcome and year."""
    found = plots_of(access.case)
    types = found.numbers.types
    parts = [
        (gettext("The work"), [states_chart(found.numbers.states)]),
        (gettext("What there is"), [media_types_chart(types, _TYPES)] if types else []),
        (gettext("Judging"), [_judged(found.judging)]),
        (gettext("By year"), [_by_year(access, *name, numbers) for name, numbers in found.years.items()]),
    ]
    context = {"parts": parts, "items": found.numbers.states.total}
    return render(request, "workbench/timeline/statistics.html", context)


def _judged(judging: Judging) -> Chart:
    """What waits for a second person stands apart, so that the first one's grade is not told."""
    rows = [
        (gettext("Baseline"), judging.done.get(Category.BASELINE, 0), "c1"),
        (gettext("National law"), judging.done.get(Category.NATIONAL, 0), "c1"),
        (gettext("Other, look again"), judging.done.get(Category.OTHER, 0), "c1"),
        (gettext("Not relevant"), judging.done.get(Category.NOT_RELEVANT, 0), "c1"),
        (gettext("Waits for a second person"), judging.second + judging.disagreed, "c3"),
        (gettext("Not graded"), judging.open, "c2"),
    ]
    parts = [Part(label, value, words.capped(value), colour) for label, value, colour in rows]
    sentence = gettext("Near duplicates count once, by the one that stands for them. Numbers end at 10,000.")
    return bars(gettext("Grades"), sentence, (gettext("Grade"), gettext("Groups")), parts)


def _by_year(access: Access, field: Field, local: bool, numbers: Sequence[tuple[int, int]]) -> Chart:
    clock = gettext("local time, zone unknown") if local else gettext("UTC")
    at = reverse("timeline", args=[access.case.uuid])
    parts = [
        Part(f"{year:04}", value, number(value), "c2" if local else "c1",
             f"{at}?field={words.token(field)}&span={year:04}" + ("&local=1" if local else ""))
        for year, value in numbers
    ]  # fmt: skip
    unit = gettext("Contents") if field.of_content else gettext("Items")
    sentence = gettext("Years in which nothing is stated are left out.")
    return columns(f"{words.field(field)} ({clock})", sentence, (gettext("Year"), unit), parts)
