"""Pictures that may leave in an export: asked for on the page of an Item, agreed to by another person."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework import imagery
from amparo.catalogue.models import Item
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given

_LISTED = 50


@page("cases/<uuid:case>/released/", Permission.IMAGERY_RELEASE, name="released")
def released(request: HttpRequest, access: Access) -> HttpResponse:
    """All that was asked for in this Case, newest first."""
    return _shown(request, access)


@page("cases/<uuid:case>/items/<int:item>/release/", Permission.IMAGERY_RELEASE, ("GET", "POST"), name="release-ask")
def ask(request: HttpRequest, access: Access, item: int) -> HttpResponse:
    """Ask for the picture of one Item. Needs that the person may read Items, too."""
    row = Item.objects.filter(case=access.case, pk=item).select_related("case", "content").first()
    if row is None or not access.may(Permission.ITEM_READ):
        raise Http404
    typed, error = given.typed(request.POST, "reason", "recipient"), None
    if request.method == "POST":
        try:
            imagery.ask(access.installation, row, typed["reason"], typed["recipient"])
        except BadInput as refused:
            error = refused
        else:
            messages.success(request, gettext("Asked. Nothing leaves until a colleague agrees."))
            return redirect("released", access.case.uuid)
    context = {"item": row, "given": typed, "error": error}
    return render(request, "workbench/vault/release.html", context, status=422 if error else 200)


@page("cases/<uuid:case>/released/<int:release>/agree/", Permission.IMAGERY_RELEASE, ("POST",), name="release-agree")
def agree(request: HttpRequest, access: Access, release: int) -> HttpResponse:
    """Agree to what a colleague asked for."""
    row = imagery.find_release(access.case, release)
    if row is None:
        raise Http404
    try:
        imagery.agree(access.installation, row)
    except BadInput as refused:
        return _shown(request, access, refused)
    return redirect("released", access.case.uuid)


@page("cases/<uuid:case>/released/<int:release>/end/", Permission.IMAGERY_RELEASE, ("POST",), name="release-end")
def end(request: HttpRequest, access: Access, release: int) -> HttpResponse:
    """Refuse or withdraw."""
    row = imagery.find_release(access.case, release)
    if row is None:
        raise Http404
    try:
        imagery.withdraw(access.installation, row)
    except BadInput as refused:
        return _shown(request, access, refused)
    return redirect("released", access.case.uuid)


def _shown(request: HttpRequest, access: Access, error: BadInput | None = None) -> HttpResponse:
    before = given.key(request.GET.get("before"))
    found = imagery.releases(access.case, before, _LISTED + 1)
    context = {
        "releases": found[:_LISTED],
        "more": found[_LISTED - 1].row.pk if len(found) > _LISTED else None,
        "first": before is None,
        "me": access.user.actor,
        "items": access.may(Permission.ITEM_READ),
        "error": error,
    }
    return render(request, "workbench/vault/released.html", context, status=422 if error else 200)
