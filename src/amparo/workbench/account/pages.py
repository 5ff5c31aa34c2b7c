"""The page behind an invitation. It is the only one without log-in, and it exists only while its link is good."""

import secrets

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amparo.casework import people
from amparo.evidence.errors import BadInput
from amparo.workbench.acting import acting


@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """Choose a user name and a password; a second factor follows. The account holds the roles of the invitation."""
    invitation = people.open_invitation(secret)
    if invitation is None:
        raise Http404
    given = {"name": invitation.name, "username": ""}
    error = None
    if request.method == "POST":
        given = {key: request.POST.get(key, "") for key in given}
        password = request.POST.get("password", "")
        try:
            if not secrets.compare_digest(password.encode(), request.POST.get("again", "").encode()):
                raise BadInput("The two passwords differ.", "Type the same password twice.")
            user = people.accept(acting("amparo"), secret, given["username"], given["name"], password)
        except BadInput as refused:
            error = refused
        else:
            login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return redirect("mfa_index")
    context = {"given": given, "error": error, "roles": invitation.roles}
    return render(request, "workbench/welcome.html", context, status=422 if error else 200)
