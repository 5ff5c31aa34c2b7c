"""The first page of a Case: its sources, what was found, where judging stands, on what basis, and who works on it."""

from typing import NamedTuple

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from amparo.accounts.permissions import ROLE_NAMES, Permission, Role
from amparo.casework import enforcement
from amparo.casework.cases import authority_value
from amparo.casework.exhibits import exhibits_of
from amparo.casework.overview import Judging, judging_of, numbers_of, source_lines, standing
from amparo.catalogue.models import Authority, Category, Member
from amparo.catalogue.review import MOST
from amparo.evidence.errors import BadInput
from amparo.ui.charts import Chart
from amparo.ui.report_figures import media_types_chart, states_chart
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given, words

_SOURCES = 25
_TYPES = 12


class Part(NamedTuple):
    """A part of the bar of judging. ``grade`` names its colour and shape; ``x`` and ``width`` are per cent."""

    grade: str
    label: str
    shown: str
    x: str
    width: str


class Basis(NamedTuple):
    """An Authority with its scope. ``paths`` None: shown as a number only."""

    row: Authority
    holds: bool
    days: int
    soon: bool
    paths: tuple[bytes, ...] | None
    folders: int


@page("cases/<uuid:case>/", Permission.CASE_READ)
def case(request: HttpRequest, access: Access) -> HttpResponse:
    """The overview."""
    return show(request, access)


def show(request: HttpRequest, access: Access, error: BadInput | None = None) -> HttpResponse:
    """The overview, with what was refused on it. File names are shown to those only who may read items."""
    names = access.may(Permission.ITEM_READ)
    before = given.key(request.GET.get("sources"))
    sources = source_lines(access.case, before, _SOURCES + 1)
    numbers = numbers_of(access.case)
    judging = judging_of(access.case)
    seized = exhibits_of(each.row.pk for each in sources) if access.may(Permission.EXHIBIT_READ) else {}
    now = timezone.now()
    people = Member.objects.filter(Q(until=None) | Q(until__gt=now), case=access.case, ended=None)
    shown = {
        "error": error,
        "names": names,
        "sources": [(each, seized.get(each.row.pk, ())) for each in sources[:_SOURCES]],
        "doubtful_plans": enforcement.doubtful(access.case),
        "can_plan": access.may(Permission.ENFORCEMENT_PLAN),
        "sources_more": sources[_SOURCES - 1].row.pk if len(sources) > _SOURCES else None,
        "numbers": numbers,
        "states": states_chart(numbers.states),
        "types": _types(numbers.types),
        "findings": [(words.finding(kind), n) for kind, n in sorted(numbers.findings.items())],
        "judging": judging,
        "parts": _parts(judging),
        "cut": sum(judging.done.values()) > MOST,
        "basis": [_basis(row, names) for row in access.case.authorities.order_by("-pk")],
        "members": [(row, _role(row.role)) for row in people.select_related("user").order_by("-owner", "pk")],
        "can_add": access.may(Permission.AUTHORITY_ADD) and access.member is not None and access.member.owner,
        "can_manage": access.may(Permission.MEMBERS_MANAGE),
        "leads": access.member is not None and access.member.owner,
    }
    return render(request, "workbench/cases/overview.html", shown, status=422 if error else 200)


def _types(types: tuple[tuple[str, int], ...]) -> Chart | None:
    return media_types_chart(types, _TYPES) if types else None


def _role(role: str) -> str:
    return str(ROLE_NAMES[Role(role)])


def _basis(row: Authority, names: bool) -> Basis:
    held, paths = standing([row], timezone.now()), authority_value(row).scope.paths
    return Basis(row, held.holds, held.days, held.soon, paths if names else None, len(paths))


def _parts(judging: Judging) -> list[Part]:
    """What waits for a second person stands apart from all grades, so that the first one's is not told."""
    done = judging.done
    rows = [
        ("baseline", gettext("Baseline"), done.get(Category.BASELINE, 0)),
        ("national", gettext("National law"), done.get(Category.NATIONAL, 0)),
        ("other", gettext("Other, look again"), done.get(Category.OTHER, 0)),
        ("none", gettext("Not relevant"), done.get(Category.NOT_RELEVANT, 0)),
        ("waits", gettext("Waits for a second person"), judging.second + judging.disagreed),
        ("open", gettext("Not graded"), judging.open),
    ]
    total, x, parts = sum(n for _, _, n in rows), 0.0, []
    for grade, label, n in rows:
        width = 100 * n / total if total else 0.0
        parts.append(Part(grade, label, words.capped(n), f"{x:.2f}", f"{width:.2f}"))
        x += width
    return parts
