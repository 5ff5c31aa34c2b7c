"""Pages of the door that allauth does not have: the page behind a link, and removing a passkey that is not the last.

The welcome is the only page without log-in, and it exists only while its link is good.
"""

import secrets

from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib.auth import login
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from amparo.accounts.models import Invitation, User
from amparo.accounts.permissions import ROLE_NAMES, ROLE_SAYS, Role
from amparo.casework import people
from amparo.casework.invitations import open_invitation
from amparo.evidence.errors import BadInput
from amparo.workbench.acting import acting

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """Choose a user name and a password; a second factor follows. The account holds the roles of the invitation.

    For a person whose second factor was reset: the account is there already, and only the password is chosen.
    """
    invitation = open_invitation(secret)
    if invitation is None:
        raise Http404
    given = {"name": invitation.name, "username": ""}
    error = None
    if request.method == "POST":
        given = {key: request.POST.get(key, "") for key in given}
        try:
            user = _enter(request, invitation, secret, given)
        except BadInput as refused:
            error = refused
        else:
            login(request, user, backend=_BACKEND)
            reauthenticate_by_password(request)  # so that it is not asked for a second time now
            return redirect("mfa_index")
    roles = [(ROLE_NAMES[Role(each)], ROLE_SAYS[Role(each)]) for each in invitation.roles]
    context = {"given": given, "error": error, "roles": roles, "returning": invitation.user}
    return render(request, "workbench/welcome.html", context, status=422 if error else 200)


def _enter(request: HttpRequest, invitation: Invitation, secret: str, given: dict[str, str]) -> User:
    password = request.POST.get("password", "")
    if not secrets.compare_digest(password.encode(), request.POST.get("again", "").encode()):
        raise BadInput("The two passwords differ.", "Type the same password twice.")
    if invitation.user is not None:
        return people.accept_reset(acting("amparo"), secret, password)
    return people.accept(acting("amparo"), secret, given["username"], given["name"], password)


class _RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]  # untyped
    """allauth asks ``can_delete_authenticator`` for authenticator apps only."""

    def form_valid(self, form: Form) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.object):
            form.add_error(None, adapter.validation_error("cannot_delete_authenticator"))
            refused: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
            return refused
        removed: HttpResponse = super().form_valid(form)
        return removed


remove_passkey = _RemovePasskey.as_view()
