"""The page Keys: which key does what, for the person who is logged in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.triage.keymap import ACTIONS, LEFT, keymap, reset_keymap, set_keymap


@page("keys/", Permission.OWN_ACCOUNT, methods=("GET", "POST"), name="keys")
def keys(request: HttpRequest, access: Access) -> HttpResponse:
    """The map; a POST keeps what was typed, or takes the set that ``act`` names: ``usual`` or ``left``."""
    error, shown = None, keymap(access.user)
    if request.method == "POST":
        act = request.POST.get("act", "")
        try:
            if act == "usual":
                reset_keymap(access.user)
            else:
                set_keymap(access.user, LEFT if act == "left" else request.POST.dict())
        except BadInput as refused:
            error, shown = refused, request.POST.dict()
        else:
            messages.success(request, gettext("The keys are changed."))
            return redirect("keys")
    context = {"rows": [(each, shown.get(each.name, "")) for each in ACTIONS], "error": error}
    return render(request, "workbench/triage/keys_page.html", context, status=422 if error else 200)
