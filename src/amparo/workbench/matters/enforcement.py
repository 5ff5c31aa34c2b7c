"""Planned enforcement and its safeguarding checklist."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework import enforcement as casework
from amparo.casework.actors import actor_names
from amparo.casework.safeguarding import checklist
from amparo.catalogue.models import Enforcement
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given
from amparo.workbench.matters import times
from amparo.workbench.matters.words import ANSWERS

_MOST = 25


@page("cases/<uuid:case>/tasks/enforcement/", Permission.ENFORCEMENT_PLAN, ("GET", "POST"))
def enforcements(request: HttpRequest, access: Access) -> HttpResponse:
    """Plans, newest first; POST makes another."""
    typed, error = given.typed(request.POST, "planned"), None
    if request.method == "POST":
        try:
            planned = times.needed(typed["planned"], gettext("Day and time (UTC)"))
            row = casework.plan_enforcement(access.installation, access.case, planned)
        except BadInput as refused:
            error = refused
        else:
            return redirect("enforcement", case=access.case.uuid, enforcement=row.pk)
    before = given.key(request.GET.get("before"))
    found = casework.plans(access.case, before, _MOST + 1)
    now = timezone.now()
    shown = {
        "plans": [(plan, plan.passed(now)) for plan in found[:_MOST]],
        "more": found[_MOST - 1].row.pk if len(found) > _MOST else None,
        "first": before is None,
        "points": len(checklist().points),
        "given": typed,
        "error": error,
    }
    return render(request, "workbench/matters/enforcements.html", shown, status=422 if error else 200)


@page("cases/<uuid:case>/tasks/enforcement/<int:enforcement>/", Permission.ENFORCEMENT_PLAN)
def enforcement(request: HttpRequest, access: Access, enforcement: int) -> HttpResponse:
    """One plan with its checklist."""
    return _one(request, access, _find(access, enforcement))


@page(
    "cases/<uuid:case>/tasks/enforcement/<int:enforcement>/answer/",
    Permission.ENFORCEMENT_PLAN,
    ("POST",),
    "enforcement-answer",
)
def enforcement_answer(request: HttpRequest, access: Access, enforcement: int) -> HttpResponse:
    """Answer one point."""
    row, typed = _find(access, enforcement), given.typed(request.POST, "point", "answer", "note")
    try:
        made = casework.answer_point(access.installation, row, typed["point"], typed["answer"], typed["note"])
    except BadInput as refused:
        return _one(request, access, row, typed, refused)
    answer = redirect("enforcement", case=access.case.uuid, enforcement=row.pk)
    answer["Location"] += f"#point-{made.point}"
    return answer


@page(
    "cases/<uuid:case>/tasks/enforcement/<int:enforcement>/move/",
    Permission.ENFORCEMENT_PLAN,
    ("POST",),
    "enforcement-move",
)
def enforcement_move(request: HttpRequest, access: Access, enforcement: int) -> HttpResponse:
    """Plan it for another time."""
    row, typed = _find(access, enforcement), given.typed(request.POST, "planned")
    try:
        casework.move_enforcement(
            access.installation, row, times.needed(typed["planned"], gettext("Day and time (UTC)"))
        )
    except BadInput as refused:
        return _one(request, access, row, typed, refused)
    return redirect("enforcement", case=access.case.uuid, enforcement=row.pk)


@page(
    "cases/<uuid:case>/tasks/enforcement/<int:enforcement>/close/",
    Permission.ENFORCEMENT_PLAN,
    ("POST",),
    "enforcement-close",
)
def enforcement_close(request: HttpRequest, access: Access, enforcement: int) -> HttpResponse:
    """Held, or called off."""
    row = _find(access, enforcement)
    try:
        casework.close_enforcement(access.installation, row, request.POST.get("outcome", ""))
    except BadInput as refused:
        return _one(request, access, row, None, refused)
    return redirect("enforcement", case=access.case.uuid, enforcement=row.pk)


def _one(
    request: HttpRequest,
    access: Access,
    row: Enforcement,
    typed: Mapping[str, str] | None = None,
    error: BadInput | None = None,
) -> HttpResponse:
    plan = casework.plan_of(row)
    authors = {answer.author for asked in plan.asked for answer in asked.answers}
    shown = {
        "plan": plan,
        "passed": plan.passed(timezone.now()),
        "answers": ANSWERS,
        "people": actor_names(authors | {row.made_by, row.closed_by} - {""}),
        "given": typed or {},
        "planned": (typed or {}).get("planned") or times.shown(row.planned),
        "longest": casework.LONGEST,
        "version": checklist().version,
        "error": error,
    }
    return render(request, "workbench/matters/enforcement.html", shown, status=422 if error else 200)


def _find(access: Access, number: int) -> Enforcement:
    row = Enforcement.objects.filter(case=access.case, pk=number).select_related("case").first()
    if row is None:
        raise Http404
    return row
