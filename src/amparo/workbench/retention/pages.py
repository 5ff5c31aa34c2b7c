"""Until when a Case is kept, and what forbids to erase it."""

import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from amparo.accounts.permissions import Permission
from amparo.casework import retention as casework
from amparo.casework.actors import actor_names
from amparo.catalogue.models import Job, JobState, LegalHold
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given

_MOST = 100


@page("cases/<uuid:case>/retention/", Permission.RETENTION_SET)
def retention(request: HttpRequest, access: Access) -> HttpResponse:
    """The last day, holds and erasures, with their forms."""
    return show(request, access, {"sha256": request.GET.get("content", "")[:64]})


@page("cases/<uuid:case>/retention/until/", Permission.RETENTION_SET, ("POST",), "retention-set")
def retention_set(request: HttpRequest, access: Access) -> HttpResponse:
    """State the last day anew."""
    typed = given.typed(request.POST, "until", "ground")
    try:
        casework.set_retention(access.installation, access.member, _day(typed["until"]), typed["ground"])
    except BadInput as refused:
        return show(request, access, typed, refused)
    return redirect("retention", case=access.case.uuid)


@page("cases/<uuid:case>/retention/hold/", Permission.RETENTION_SET, ("POST",), "hold-place")
def hold_place(request: HttpRequest, access: Access) -> HttpResponse:
    """Place a legal hold."""
    typed = given.typed(request.POST, "reason")
    try:
        casework.place_hold(access.installation, access.case, typed["reason"])
    except BadInput as refused:
        return show(request, access, typed, refused)
    return redirect("retention", case=access.case.uuid)


@page("cases/<uuid:case>/retention/hold/<int:hold>/lift/", Permission.RETENTION_SET, ("POST",), "hold-lift")
def hold_lift(request: HttpRequest, access: Access, hold: int) -> HttpResponse:
    """Lift it."""
    row = LegalHold.objects.filter(case=access.case, pk=hold).select_related("case").first()
    if row is None:
        raise Http404
    try:
        casework.lift_hold(access.installation, access.member, row, request.POST.get("why", "").replace("\0", ""))
    except BadInput as refused:
        return show(request, access, {}, refused)
    return redirect("retention", case=access.case.uuid)


@page("retention/", Permission.CASE_LIST, ("GET",), "retention-due")
def retention_due(request: HttpRequest, access: Access) -> HttpResponse:
    """Cases that one leads and whose last day is near or over."""
    found = casework.due(access.user, timezone.now().date(), _MOST + 1)
    shown = {"due": found[:_MOST], "cut": len(found) > _MOST, "most": _MOST}
    return render(request, "workbench/retention/due.html", shown)


def show(request: HttpRequest, access: Access, typed: dict[str, str], error: BadInput | None = None) -> HttpResponse:
    """The page, with what was refused on it."""
    holds = list(access.case.holds.order_by("-pk")[:_MOST])
    stated = list(access.case.retentions.order_by("-pk")[:_MOST])
    erasures = casework.erasures(access.case)
    actors = {each.placed_by for each in holds} | {each.lifted_by for each in holds}
    actors |= {each.made_by for each in stated} | {each.asked_by for each in erasures}
    names = actor_names(filter(None, actors | {each.ended_by for each in erasures}))
    running = Job.objects.filter(case=access.case, kind="erasure", state__in=(JobState.QUEUED, JobState.RUNNING))
    shown = {
        "kept": casework.kept(access.case, timezone.now().date()),
        "stated": [(each, names[each.made_by]) for each in stated],
        "holds": [(each, names[each.placed_by], names.get(each.lifted_by, "")) for each in holds],
        "erasures": [(each, names[each.asked_by], names.get(each.ended_by, "")) for each in erasures],
        "running": running.first(),
        "stopped": Job.objects.filter(case=access.case, kind="erasure").order_by("-pk").first(),
        "actor": access.user.actor,
        "given": typed,
        "error": error,
        "leads": access.member is not None and access.member.owner,
    }
    return render(request, "workbench/retention/case.html", shown, status=422 if error else 200)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("The last day is not a date.", "Write it as year-month-day, for example 2031-12-31.") from error
