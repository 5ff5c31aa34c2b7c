"""Who asks, by the token in the header ``Authorization``, and what that person and that token may do here.

A token gives what its person may do at this moment, cut down to its scopes and its Cases. Cookies count for nothing.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import translation
from ninja.security import HttpBearer

from amparo.accounts.models import ApiToken
from amparo.accounts.permissions import CASE, Permission
from amparo.casework.installation import Installation
from amparo.casework.tokens import find_token, once
from amparo.catalogue.models import Case
from amparo.workbench.access import Access, access_of
from amparo.workbench.api.errors import TooMany
from amparo.workbench.limits import refused

BELOW_CASE = "cases/{uuid:case}"


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One request: the token it came with, and what it may do at this address."""

    token: ApiToken
    access: Access

    @property
    def case(self) -> Case:
        """The Case of an address below one."""
        return self.access.case

    @property
    def installation(self) -> Installation:
        """Acts in the person's name; custody events name the token, too."""
        return self.access.installation.through(self.token.pk)

    def may(self, permission: Permission) -> bool:
        """Whether both the role and the token give it."""
        return self.access.may(permission)

    def slow_down(self, kind: str) -> None:
        """Count this request against the limit ``rate_<kind>`` of its person. Raises TooMany."""
        if seconds := refused(kind, str(self.access.user.pk)):
            raise TooMany(seconds)


class ApiRequest(HttpRequest):
    """A request that has passed :class:`Bearer`."""

    auth: Call


class Bearer(HttpBearer):
    """Checks token, limit, membership and permission, in this order, before anything else is looked at."""

    def __init__(self, needs: Permission | None) -> None:
        super().__init__()
        self._needs = needs

    def authenticate(self, request: HttpRequest, token: str) -> Call | None:
        """None without a token that is good now. Raises TooMany, Http404, PermissionDenied."""
        held = find_token(token)
        if held is None:
            return None
        if seconds := refused("api", str(held.pk)):
            raise TooMany(seconds)
        case = request.resolver_match.kwargs.get("case") if request.resolver_match else None
        if case is not None and held.cases and str(case) not in held.cases:
            raise Http404
        access = access_of(held.user, case)
        access = dataclasses.replace(access, permissions=access.permissions & frozenset(held.scopes))
        if self._needs is not None and self._needs not in access.permissions:
            raise PermissionDenied
        return Call(held, access)


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """An operation. ``name``: method and route, as the table of tests has it."""

    method: str
    path: str
    needs: Permission
    rows: Any
    view: Callable[..., object]

    @property
    def name(self) -> str:
        """``GET cases/{uuid:case}/items``."""
        return f"{self.method} {self.path}"

    @property
    def url_name(self) -> str:
        """What Django calls its address: no colon, which would part off a namespace."""
        return f"api-{self.view.__name__}"


ROUTES: list[Route] = []
_View = TypeVar("_View", bound=Callable[..., object])


def route(method: str, path: str, needs: Permission, rows: Any) -> Callable[[_View], _View]:
    """Register an operation that answers with ``rows``. Routes of case permissions begin with ``cases/{uuid:case}``."""
    if (needs in CASE) != path.startswith(BELOW_CASE):
        raise ValueError(f"{path}: permissions of a case belong to routes below a case, and only there")

    def register(view: _View) -> _View:
        ROUTES.append(Route(method, path, needs, rows, _in_english(view)))
        return view

    return register


def _in_english(view: _View) -> _View:
    """Whatever language the browser or program asks for: programs compare words."""

    @functools.wraps(view)
    def answer(*arguments: Any, **named: Any) -> object:
        with translation.override(None):
            return view(*arguments, **named)

    return answer  # type: ignore[return-value]  # it has the signature of what it wraps


def kept(request: ApiRequest, key: str, act: Callable[[], int]) -> tuple[int, bool]:
    """:func:`once` for this request: the same key with another address or body is refused."""
    told = f"{request.method} {request.path}\n".encode() + request.body
    return once(request.auth.token.pk, key, told, act)
