"""Who may open which page. Every page states one permission; nothing is routed without one.

A page below a Case is not found (404) by whoever is no member of it: that a Case exists is known to its members only. A
member whose role lacks the permission is refused (403), and so is anybody on a page of the installation.
"""

import dataclasses
import functools
import uuid
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from amparo.accounts.models import User
from amparo.accounts.permissions import CASE, Permission, granted
from amparo.casework.installation import Installation
from amparo.casework.memberships import allowed, memberships
from amparo.catalogue.models import Case, Member
from amparo.workbench.acting import acting


@dataclasses.dataclass(frozen=True, slots=True)
class Access:
    """Who asks, and as what. ``member`` is None on pages of the installation."""

    user: User
    member: Member | None
    permissions: frozenset[Permission]

    @property
    def case(self) -> Case:
        """The Case of a page below one."""
        if self.member is None:
            raise TypeError("this page is not below a case")
        return self.member.case

    @property
    def installation(self) -> Installation:
        """Acts in this person's name."""
        return acting(self.user.actor)

    def may(self, permission: str) -> bool:
        """For templates and for parts of a page."""
        return permission in self.permissions


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """A routed view. ``view`` is what Django calls; it has checked access before the page's own code runs."""

    route: str
    name: str
    needs: Permission
    methods: tuple[str, ...]
    view: Callable[..., HttpResponseBase]


PAGES: list[Page] = []
_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, Access, _P], HttpResponseBase]


def page(
    route: str, needs: Permission, methods: tuple[str, ...] = ("GET",), name: str = ""
) -> Callable[[_View[_P]], _View[_P]]:
    """Register a view at a route. Routes of case permissions begin with ``cases/<uuid:case>/``.

    The view is called with the request, the Access, and the route's values without ``case``.
    """
    if (needs in CASE) != route.startswith("cases/<uuid:case>/"):
        raise ValueError(f"{route}: permissions of a case belong to pages below a case, and only there")

    def register(view: _View[_P]) -> _View[_P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, case: uuid.UUID | None = None, **values: object) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return redirect_to_login(request.get_full_path())
            access = access_of(request.user, case)
            if needs not in access.permissions:
                raise PermissionDenied
            if request.method not in (*methods, *(("HEAD",) if "GET" in methods else ())):
                return HttpResponseNotAllowed(methods)
            request.access = access  # type: ignore[attr-defined]  # read by the frame around every page
            return view(request, access, **values)  # type: ignore[arg-type, call-arg]

        PAGES.append(Page(route, name or view.__name__, needs, methods, guarded))
        return view

    return register


def access_of(user: User, case: uuid.UUID | None) -> Access:
    """What a person may do in a Case, or on the installation. Raises Http404 for a Case of others."""
    if case is None:
        held = user.held()
        return Access(user, None, frozenset(each for each in Permission if each not in CASE and granted(held, each)))
    member = memberships(user).filter(case__uuid=case).select_related("case").first()
    if member is None:
        raise Http404
    return Access(user, member, allowed(member))


def urlpatterns() -> list[URLPattern]:
    """All registered pages; the modules that hold them have to be imported before."""
    return [path(each.route, each.view, name=each.name) for each in PAGES]
