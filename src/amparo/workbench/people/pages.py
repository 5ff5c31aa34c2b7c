"""The administrator's pages: who is here, who is invited, what each may do. No case is named on them."""

import uuid

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import ROLE_NAMES, ROLE_SAYS, Permission, Role
from amparo.casework import people
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page

_PAGE = 100  # people
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@page("people/", Permission.PEOPLE_MANAGE, name="people")
def people_list(request: HttpRequest, access: Access) -> HttpResponse:
    """Everybody with an account, by user name; ``after`` is the last user name of the page before."""
    after = request.GET.get("after", "")
    held = Prefetch("grants", RoleGrant.objects.filter(ended=None).order_by("role"), to_attr="held_now")
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=_FACTORS)
    found = User.objects.filter(username__gt=after).order_by("username")
    shown = list(found.prefetch_related(held).annotate(has_factor=Exists(factor))[: _PAGE + 1])
    more = shown[_PAGE - 1].username if len(shown) > _PAGE else ""
    context = {"people": shown[:_PAGE], "more": more, "after": after}
    return render(request, "workbench/people.html", context)


@page("people/invite/", Permission.PEOPLE_MANAGE, ("GET", "POST"), name="people-invite")
def invite(request: HttpRequest, access: Access) -> HttpResponse:
    """A name and roles make a link, which the answer to the form shows and nothing shows again."""
    error, name, chosen = None, "", frozenset[Role]()
    if request.method == "POST":
        name, chosen = request.POST.get("name", ""), _chosen(request)
        try:
            secret = people.invite(access.installation, name, chosen)
        except BadInput as refused:
            error = refused
        else:
            return _link(request, access, secret, name.strip(), returning=False)
    context = {"error": error, "name": name, "roles": _roles(chosen)}
    return render(request, "workbench/people_invite.html", context, status=422 if error else 200)


@page("people/<uuid:person>/", Permission.PEOPLE_MANAGE, ("GET", "POST"), name="person")
def person(request: HttpRequest, access: Access, person: uuid.UUID) -> HttpResponse:
    """One person; a POST makes the roles those that are ticked."""
    user = get_object_or_404(User, uuid=person)
    if request.method != "POST":
        return _shown(request, user, user.held())
    chosen = _chosen(request)
    try:
        people.set_roles(access.installation, user, chosen)
    except BadInput as refused:
        return _shown(request, user, chosen, refused)
    messages.success(request, gettext("The roles of %(person)s are changed.") % {"person": user})
    return redirect("person", person=user.uuid)


@page("people/<uuid:person>/active/", Permission.PEOPLE_MANAGE, ("POST",), name="person-active")
def person_active(request: HttpRequest, access: Access, person: uuid.UUID) -> HttpResponse:
    """Let a person log in, or not any more."""
    user = get_object_or_404(User, uuid=person)
    active = request.POST.get("active") == "1"
    try:
        people.set_active(access.installation, user, active)
    except BadInput as refused:
        user.refresh_from_db()
        return _shown(request, user, user.held(), refused)
    said = gettext("%(person)s can log in.") if active else gettext("%(person)s is logged out and cannot log in.")
    messages.success(request, said % {"person": user})
    return redirect("person", person=user.uuid)


@page("people/<uuid:person>/second-factor/", Permission.PEOPLE_MANAGE, ("POST",), name="person-second-factor")
def person_second_factor(request: HttpRequest, access: Access, person: uuid.UUID) -> HttpResponse:
    """Take password and second factors away, and show the link by which the person sets them up again."""
    user = get_object_or_404(User, uuid=person)
    try:
        secret = people.reset_second_factor(access.installation, user)
    except BadInput as refused:
        return _shown(request, user, user.held(), refused)
    return _link(request, access, secret, str(user), returning=True)


def _shown(request: HttpRequest, user: User, ticked: frozenset[Role], error: BadInput | None = None) -> HttpResponse:
    factors = Authenticator.objects.filter(user=user, type__in=_FACTORS)
    context = {
        "person": user, "roles": _roles(ticked), "error": error, "is_self": user == request.user,
        "has_factor": factors.exists(),
    }  # fmt: skip
    return render(request, "workbench/person.html", context, status=422 if error else 200)


def _link(request: HttpRequest, access: Access, secret: str, name: str, returning: bool) -> HttpResponse:
    path = reverse("welcome", args=[secret])
    origin = access.installation.settings.origin
    link = f"{origin}{path}" if origin else request.build_absolute_uri(path)
    context = {"link": link, "name": name, "returning": returning, "days": people.VALID.days}
    return render(request, "workbench/people_link.html", context)


def _chosen(request: HttpRequest) -> frozenset[Role]:
    known = {role.value for role in Role}
    return frozenset(Role(each) for each in request.POST.getlist("roles") if each in known)


def _roles(ticked: frozenset[Role]) -> list[dict[str, object]]:
    return [{"value": role.value, "name": ROLE_NAMES[role], "says": ROLE_SAYS[role], "ticked": role in ticked}
            for role in Role]  # fmt: skip
