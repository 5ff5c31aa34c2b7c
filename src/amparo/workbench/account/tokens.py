"""One's own API tokens: what each may do, making one, ending one. A new one needs the second factor once more."""

import time
import uuid
from typing import NamedTuple

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy

from amparo.accounts.models import ApiToken
from amparo.accounts.permissions import Permission
from amparo.casework import tokens as casework
from amparo.casework.memberships import memberships
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.api.routes import SCOPES
from amparo.workbench.cases import given

_MOST_CASES = 200
_DAYS = 30
NAMES = {
    Permission.CASE_LIST: gettext_lazy("List your cases"),
    Permission.CASE_READ: gettext_lazy("Read the numbers of a case"),
    Permission.ITEM_READ: gettext_lazy("Read items, what was found on them, and sources"),
    Permission.ITEM_GRADE: gettext_lazy("Grade in your name"),
    Permission.NOTE_WRITE: gettext_lazy("Read and write notes in your name"),
    Permission.SCAN_START: gettext_lazy("Start, watch and stop jobs"),
    Permission.EXPORT_MAKE: gettext_lazy("List the exports of a case"),
    Permission.CUSTODY_READ: gettext_lazy("See where the custody log stands, and check it"),
}


class _Scope(NamedTuple):
    """A permission in words, and whether it is ticked."""

    value: str
    name: str
    chosen: bool


class _Row(NamedTuple):
    """A token with what it may do in words. ``cases``: references, empty for all."""

    token: ApiToken
    scopes: list[str]
    cases: list[str]


@page("own/tokens/", Permission.OWN_ACCOUNT, ("GET", "POST"))
def tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """The list and the form. A new token's secret is in the answer to the form, and nowhere else."""
    if request.method != "POST":
        return _shown(request, access)
    if not fresh(request):
        return redirect(_confirm(access))
    try:
        row, secret = _make(request, access)
    except BadInput as refused:
        return _shown(request, access, refused)
    return render(request, "workbench/account/token.html", {"token": row, "secret": secret})


@page("own/tokens/<int:token>/end/", Permission.OWN_ACCOUNT, ("POST",), name="token-end")
def token_end(request: HttpRequest, access: Access, token: int) -> HttpResponse:
    """End one of one's own."""
    if not casework.end_token(access.installation, access.user, token):
        raise Http404
    messages.success(request, gettext("The token is ended. Programs that use it are refused from now on."))
    return redirect("tokens")


def fresh(request: HttpRequest) -> bool:
    """Whether the second factor was passed in this session, at most ten minutes ago."""
    done = [each["at"] for each in get_authentication_records(request, request.user) if each.get("method") == "mfa"]
    return bool(done) and time.time() - max(done) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def _confirm(access: Access) -> str:
    """Where this person passes the second factor again, and comes back from."""
    app = is_mfa_enabled(access.user, types=[Authenticator.Type.TOTP])
    where = reverse("mfa_reauthenticate" if app else "mfa_reauthenticate_webauthn")
    return f"{where}?{urlencode({'next': reverse('tokens')})}"


def _make(request: HttpRequest, access: Access) -> tuple[ApiToken, str]:
    chosen = {each for each in SCOPES if each in request.POST.getlist("scope")}
    days = given.key(request.POST.get("days")) or 0
    try:
        cases = {uuid.UUID(each) for each in request.POST.getlist("case")}
    except ValueError as error:
        raise BadInput("There is no such case.", "Load the page again and choose from the list.") from error
    return casework.make_token(access.installation, access.user, request.POST.get("name", ""), chosen, days, cases)


def _shown(request: HttpRequest, access: Access, error: BadInput | None = None) -> HttpResponse:
    held = casework.holds(access.user)
    mine = memberships(access.user).select_related("case").order_by("-case")
    cases = [each.case for each in mine[:_MOST_CASES]]
    named = {str(each.uuid): each.reference for each in cases}
    used = access.user.tokens.filter(ended=None, until__gt=timezone.now()).order_by("-pk")
    ticked = request.POST.getlist("scope")
    shown = {
        "error": error,
        "fresh": fresh(request),
        "confirm": _confirm(access),
        "rows": [
            _Row(row, [_words(each) for each in row.scopes], [named.get(each, each) for each in row.cases])
            for row in used
        ],
        "scopes": [_Scope(each, _words(each), each in ticked) for each in NAMES if each in held],
        "cases": [(each, str(each.uuid) in request.POST.getlist("case")) for each in cases],
        "name": request.POST.get("name", ""),
        "days": request.POST.get("days", str(_DAYS)),
        "longest": casework.LONGEST,
    }
    return render(request, "workbench/account/tokens.html", shown, status=422 if error else 200)


def _words(scope: str) -> str:
    return str(NAMES[Permission(scope)]) if scope in NAMES else scope
