"""What lies sealed in a Case: listed to its members, asked for with a reason, fetched while it is lent."""

import re
import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework import imagery
from amparo.casework.actors import actor_names
from amparo.casework.vault import objects, openings
from amparo.catalogue.models import VaultObject, VaultOpening
from amparo.evidence.errors import AmparoError
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given

_LISTED = 50


@page("cases/<uuid:case>/vault/", Permission.VAULT_USE, name="vault")
def vault(request: HttpRequest, access: Access) -> HttpResponse:
    """The objects of this Case, newest first, and one's own requests."""
    openings.end_lapsed(access.installation)
    return _shown(request, access)


@page("cases/<uuid:case>/vault/<uuid:sealed>/ask/", Permission.VAULT_USE, ("POST",), name="vault-ask")
def ask(request: HttpRequest, access: Access, sealed: uuid.UUID) -> HttpResponse:
    """Ask the custodians for one object."""
    row = objects.find_object(access.case, sealed)
    if row is None:
        raise Http404
    reason = given.typed(request.POST, "reason")["reason"]
    try:
        openings.ask(access.installation, access.user, row, reason)
    except AmparoError as error:
        return _shown(request, access, error, row, reason)
    messages.success(request, gettext("Asked. A custodian sees it, with your name and reason."))
    return redirect("vault", access.case.uuid)


@page("cases/<uuid:case>/vault/requests/<int:opening>/fetch/", Permission.VAULT_USE, ("POST",), name="vault-fetch")
def fetch(request: HttpRequest, access: Access, opening: int) -> HttpResponse | StreamingHttpResponse:
    """The plain bytes of what is lent, as a download. It is recorded before a byte is sent."""
    row = openings.find_opening(opening)
    if row is None or row.object.case_id != access.case.pk or row.user_id != access.user.pk:
        raise Http404
    try:
        parts = openings.fetch(access.installation, access.user, row)
    except AmparoError as error:
        return _shown(request, access, error)
    answer = StreamingHttpResponse(parts, content_type="application/octet-stream")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", row.object.name).strip("-.") or "object"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Length"] = str(row.object.size)
    return answer


def _shown(
    request: HttpRequest,
    access: Access,
    error: AmparoError | None = None,
    about: VaultObject | None = None,
    reason: str = "",
) -> HttpResponse:
    before = given.key(request.GET.get("before"))
    found = VaultObject.objects.filter(case=access.case)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: _LISTED + 1])
    more, rows = rows[_LISTED - 1].pk if len(rows) > _LISTED else None, rows[:_LISTED]
    newest: dict[int, VaultOpening] = {}
    for each in VaultOpening.objects.filter(object__in=rows, user=access.user).order_by("pk"):
        newest[each.object_id] = each
    names = actor_names(
        [*(each.made_by for each in rows), *(each.given_by for each in newest.values() if each.given_by)]
    )
    recalled = imagery.recalled(rows)
    shown = []
    for row in rows:
        mine = newest.get(row.pk)
        shown.append(
            {
                "row": row,
                "sha256": bytes(row.sha256).hex(),
                "who": names[row.made_by],
                "opening": mine,
                "state": "" if mine is None else openings.state_of(mine).value,
                "by": names.get(mine.given_by, "") if mine else "",
                "recalled": row.pk in recalled,
                "about": about is not None and about.pk == row.pk,
            }
        )
    context = {"objects": shown, "more": more, "first": before is None, "error": error, "reason": reason}
    return render(request, "workbench/vault/list.html", context, status=422 if error else 200)
