"""A custodian's pages: the own key, requests to open something, shares for colleagues. Of a Case, its reference."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext

from amparo.accounts.permissions import Permission
from amparo.casework import imagery
from amparo.casework.vault import custodians, openings, renewal
from amparo.catalogue.models import CustodianKey
from amparo.evidence.errors import AmparoError
from amparo.evidence.vault import MIN_PASSPHRASE, key_name
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given

_LISTED = 50


@page("vault/", Permission.VAULT_KEEP, name="vault-keeping")
def keeping(request: HttpRequest, access: Access) -> HttpResponse:
    """What waits for this custodian."""
    return _shown(request, access)


@page("vault/key/", Permission.VAULT_KEEP, ("POST",), name="vault-key")
def key(request: HttpRequest, access: Access) -> HttpResponse:
    """Make the own key."""
    passphrase, again = request.POST.get("passphrase", ""), request.POST.get("again", "")
    try:
        custodians.make_key(access.installation, access.user, passphrase, again)
    except AmparoError as error:
        return _shown(request, access, error)
    messages.success(request, gettext("Your key is made. Nobody can reset its passphrase."))
    return redirect("vault-keeping")


@page("vault/key/end/", Permission.VAULT_KEEP, ("POST",), name="vault-key-end")
def key_end(request: HttpRequest, access: Access) -> HttpResponse:
    """End the own key."""
    try:
        custodians.end_key(access.installation, access.user)
    except AmparoError as error:
        return _shown(request, access, error)
    messages.success(request, gettext("Your key has ended. Ask another custodian to renew the cases it could open."))
    return redirect("vault-keeping")


@page("vault/renewal/", Permission.VAULT_KEEP, ("POST",), name="vault-renew")
def renew(request: HttpRequest, access: Access) -> HttpResponse:
    """Shares for the custodians that are ticked; new pairs where one has left."""
    accepted = [found for each in request.POST.getlist("key") if (found := given.key(each)) is not None]
    try:
        changed = renewal.renew(access.installation, access.user, request.POST.get("passphrase", ""), accepted)
    except AmparoError as error:
        return _shown(request, access, error)
    said = ngettext("%(n)s case was changed.", "%(n)s cases were changed.", changed) % {"n": changed}
    messages.success(request, said)
    return redirect("vault-keeping")


@page("vault/requests/<int:opening>/", Permission.VAULT_KEEP, ("GET", "POST"), name="vault-request")
def answer(request: HttpRequest, access: Access, opening: int) -> HttpResponse:
    """One request: give it for 15 minutes with the passphrase, or refuse it."""
    row = openings.find_opening(opening)
    if row is None or row.object.erased is not None:
        raise Http404
    error = None
    if request.method == "POST":
        try:
            if "refuse" in request.POST:
                openings.refuse(access.installation, access.user, row)
                messages.success(request, gettext("Refused. The person sees it on the page Vault of the case."))
            else:
                openings.give(access.installation, access.user, row, request.POST.get("passphrase", ""))
                messages.success(request, gettext("Given for 15 minutes."))
        except AmparoError as refused:
            error = refused
        else:
            return redirect("vault-keeping")
    context = {
        "row": row,
        "state": openings.state_of(row).value,
        "own": row.user_id == access.user.pk,
        "recalled": imagery.recalled([row.object]),
        "error": error,
    }
    return render(request, "workbench/vault/request.html", context, status=422 if error else 200)


def _shown(request: HttpRequest, access: Access, error: AmparoError | None = None) -> HttpResponse:
    after = given.key(request.GET.get("after"))
    waits = openings.waiting(after, _LISTED + 1)
    own = custodians.key_of(access.user)
    due = renewal.due(access.user)
    context = {
        "error": error,
        "own": own,
        "own_name": None if own is None else key_name(bytes(own.public)),
        "waits": waits[:_LISTED],
        "more": waits[_LISTED - 1].pk if len(waits) > _LISTED else None,
        "first": after is None,
        "new": [(each, _name(each)) for each in due.new],
        "left": due.left,
        "without": custodians.waiting_for(),
        "least": MIN_PASSPHRASE,
    }
    return render(request, "workbench/vault/keeping.html", context, status=422 if error else 200)


def _name(row: CustodianKey) -> str:
    return key_name(bytes(row.public))
