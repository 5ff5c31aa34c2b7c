"""How often one person, address or token may ask for something in a minute. Settings ``rate_*`` say how often.

Counts are kept in the memory of this process: `amparo up` starts one web process, and a restart forgets a minute.
Wrong passwords are counted in the database by axes, which outlives a restart.
"""

import collections
import math
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from amparo.accounts.models import User

_MINUTE = 60.0
_MOST_KEYS = 10_000
_FORMS = {  # names of pages whose forms are counted, and as what
    "account_login": "login",
    "mfa_authenticate": "login",
    "mfa_login_webauthn": "login",
    "account_reauthenticate": "login",
    "mfa_reauthenticate": "login",
    "mfa_reauthenticate_webauthn": "login",
    "welcome": "login",
    "item-reveal": "reveal",
}


class Window:
    """A sliding minute: remembers when each counted request came, and counts none that it refuses."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: dict[tuple[str, str], collections.deque[float]] = {}

    def wait(self, kind: str, key: str, most: int) -> int:
        """0 if this request may go on, which counts it; else the seconds until one may."""
        now = self._clock()
        with self._lock:
            if len(self._times) > _MOST_KEYS:
                self._times = {each: held for each, held in self._times.items() if held[-1] > now - _MINUTE}
            held = self._times.setdefault((kind, key), collections.deque())
            while held and held[0] <= now - _MINUTE:
                held.popleft()
            if len(held) < most:
                held.append(now)
                return 0
            return max(1, math.ceil(held[-most] + _MINUTE - now))


WINDOW = Window()


def refused(kind: str, key: str) -> int:
    """Seconds to wait before this key may do what the setting ``rate_<kind>`` limits; 0: it may, and is counted."""
    return WINDOW.wait(kind, key, getattr(settings.SETTINGS, f"rate_{kind}"))


class Limited:
    """Refuses forms of log-in, reveals and searches that come too often, with a page that says when to try again."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Django's hook between routing and the view."""
        kind = _kind(request)
        if not kind:
            return None
        user = request.user
        by_person = isinstance(user, User) and kind != "login"
        seconds = refused(kind, str(user.pk) if by_person else request.META.get("REMOTE_ADDR", ""))
        return _refusal(request, seconds) if seconds else None


def _kind(request: HttpRequest) -> str:
    name = request.resolver_match.url_name if request.resolver_match else ""
    if request.method == "POST":
        return _FORMS.get(name or "", "")
    return "search" if name == "items" and request.GET.get("q", "").strip() else ""


def _refusal(request: HttpRequest, seconds: int) -> HttpResponse:
    if request.headers.get("Accept") == "application/json":
        told = {"message": gettext("Too many requests within a minute."), "hint": gettext("Wait a minute.")}
        response: HttpResponse = JsonResponse(told, status=429)
    else:
        response = render(request, "429.html", {"seconds": seconds}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
