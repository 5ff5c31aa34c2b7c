"""How much a person looked at today, pauses, and sums for who leads a Case."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amparo.accounts.permissions import Permission
from amparo.casework.exposure import team
from amparo.casework.pauses import begin_pause, end_pause
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page


@page("pause/", Permission.OWN_ACCOUNT, methods=("GET", "POST"))
def pause(request: HttpRequest, access: Access) -> HttpResponse:
    """Take a pause, stop for today, or go on. Nobody is asked why."""
    if request.method == "GET":
        return render(request, "workbench/triage/pause.html")
    kind = request.POST.get("kind", "")
    try:
        if kind == "end":
            end_pause(access.installation, access.user)
        else:
            begin_pause(access.installation, access.user, kind)
    except BadInput as error:
        return render(request, "workbench/triage/pause.html", {"error": error}, status=422)
    return redirect("pause")


@page("cases/<uuid:case>/exposure/", Permission.MEMBERS_MANAGE)
def exposure(request: HttpRequest, access: Access) -> HttpResponse:
    """Minutes of each member and day in this Case, for who leads it: sums, and nothing of what was seen."""
    if access.member is None or not access.member.owner:
        raise PermissionDenied
    return render(request, "workbench/triage/exposure.html", {"days": team(access.case)})
