"""The administrator's pages: who is here, who is invited, what each may do. No case is named on them."""

import uuid

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import ROLE_NAMES, ROLE_SAYS, Permission, Role
from amparo.casework import invitations, people, resets
from amparo.casework.actors import actor_names
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given

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
    """Take password and second factors away, in steps: field ``act`` is ``ask``, ``agree``, ``refuse`` or ``link``.

    Where nobody could agree, asking shows the link at once.
    """
    user = get_object_or_404(User, uuid=person)
    by, act, said = access.installation, request.POST.get("act", ""), ""
    try:
        if act == "ask":
            resets.ask_reset(by, user)
            said = gettext("Asked. You get the link once another administrator has agreed.")
        elif act == "agree":
            resets.agree_reset(by, user)
            said = gettext("You agreed. Who asked for it can make the link now.")
        elif act == "refuse":
            resets.refuse_reset(by, user)
            said = gettext("It is off. Nothing was changed for this person.")
        elif act != "link":
            raise BadInput("There is no such act.", "Use the buttons of the page.")
        if act == "link" or (act == "ask" and not resets.needs_second(user, access.user.actor)):
            return _link(request, access, resets.carry_out_reset(by, user), str(user), returning=True)
    except BadInput as refused:
        return _shown(request, user, user.held(), refused)
    messages.success(request, said)
    return redirect("person", person=user.uuid)


@page("people/invitations/", Permission.PEOPLE_MANAGE, ("GET", "POST"), name="invitations")
def invitation_list(request: HttpRequest, access: Access) -> HttpResponse:
    """Links that nobody has used, newest first, ended ones for 30 days; a POST withdraws ``invitation``."""
    error = None
    if request.method == "POST":
        try:
            invitations.withdraw(access.installation, given.key(request.POST.get("invitation")) or 0)
        except BadInput as refused:
            error = refused
        else:
            messages.success(request, gettext("The link opens nothing any more."))
            return redirect("invitations")
    before = given.key(request.GET.get("before"))
    found = invitations.invitation_page(before, _PAGE + 1)
    names = actor_names(each.made_by for each in found)
    context = {
        "rows": [(each, names[each.made_by]) for each in found[:_PAGE]], "error": error, "now": timezone.now(),
        "more": found[_PAGE - 1].pk if len(found) > _PAGE else None, "first": before is None,
    }  # fmt: skip
    return render(request, "workbench/people_invitations.html", context, status=422 if error else 200)


def _shown(request: HttpRequest, user: User, ticked: frozenset[Role], error: BadInput | None = None) -> HttpResponse:
    factors = Authenticator.objects.filter(user=user, type__in=_FACTORS)
    reset = resets.open_reset(user)
    names = actor_names([reset.asked_by, reset.agreed_by] if reset else [])
    me = request.user.actor if isinstance(request.user, User) else ""
    context = {
        "person": user, "roles": _roles(ticked), "error": error, "is_self": user == request.user,
        "has_factor": factors.exists(), "reset": reset, "names": names,
        "needs_second": resets.needs_second(user, reset.asked_by if reset else me),
        "alone_from": resets.alone_from(user, reset.asked_by if reset else me),
        "asked_here": reset is not None and reset.asked_by == me,
    }  # fmt: skip
    return render(request, "workbench/person.html", context, status=422 if error else 200)


def _link(request: HttpRequest, access: Access, secret: str, name: str, returning: bool) -> HttpResponse:
    path = reverse("welcome", args=[secret])
    origin = access.installation.settings.origin
    link = f"{origin}{path}" if origin else request.build_absolute_uri(path)
    context = {"link": link, "name": name, "returning": returning, "days": invitations.VALID.days}
    return render(request, "workbench/people_link.html", context)


def _chosen(request: HttpRequest) -> frozenset[Role]:
    known = {role.value for role in Role}
    return frozenset(Role(each) for each in request.POST.getlist("roles") if each in known)


def _roles(ticked: frozenset[Role]) -> list[dict[str, object]]:
    return [{"value": role.value, "name": ROLE_NAMES[role], "says": ROLE_SAYS[role], "ticked": role in ticked}
            for role in Role]  # fmt: skip
