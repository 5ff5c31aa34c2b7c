"""How often one person, address or token may ask for something. Settings ``rate_*`` say how often in a minute.

What may guess at a secret (references of Cases, passphrases of custodians) is counted over a quarter of an hour.
Counts are kept in the memory of this process: `amparo up` starts one web process, and a restart forgets them.
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
_QUARTER = 900.0
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
    "case-open": "glass",
    "case-new": "reference",
    "vault-renew": "passphrase",
    "vault-request": "passphrase",
}
_GUESSES = {"glass": 5, "reference": 5, "passphrase": 5}  # in a quarter of an hour
_NO_GUESS: dict[str, frozenset[int]] = {  # status of what is taken back
    "passphrase": frozenset({302}),  # was right: a custodian may answer many requests
    "glass": frozenset({422}),  # a form that has not asked whether there is such a Case
    "reference": frozenset({302, 422}),  # a new Case, or a form that has not asked whether there is one
}
_WAIT = 429


class Window:
    """A sliding window: remembers until when each request counts, and counts none that it refuses."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: dict[tuple[str, str], collections.deque[float]] = {}

    def wait(self, kind: str, key: str, most: int, seconds: float = _MINUTE) -> int:
        """0 if this request may go on, which counts it for so many seconds; else the seconds until one may."""
        now = self._clock()
        with self._lock:
            if len(self._times) > _MOST_KEYS:
                self._times = {each: held for each, held in self._times.items() if held and held[-1] > now}
            held = self._times.setdefault((kind, key), collections.deque())
            while held and held[0] <= now:
                held.popleft()
            if len(held) < most:
                held.append(now + seconds)
                return 0
            return max(1, math.ceil(held[-most] - now))

    def take_back(self, kind: str, key: str) -> None:
        """The newest request that was counted does not count after all."""
        with self._lock:
            if held := self._times.get((kind, key)):
                held.pop()


WINDOW = Window()


def refused(kind: str, key: str) -> int:
    """Seconds to wait before this key may do what ``rate_<kind>`` or a guess limits; 0: it may, and is counted."""
    if kind in _GUESSES:
        return WINDOW.wait(kind, key, _GUESSES[kind], _QUARTER)
    return WINDOW.wait(kind, key, getattr(settings.SETTINGS, f"rate_{kind}"))


class Limited:
    """Refuses forms, reveals and searches that come too often, with a page that says when to try again."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        kind = getattr(request, "counted_as", "")  # not where another middleware answered before it was counted
        if response.status_code in _NO_GUESS.get(kind, ()):
            WINDOW.take_back(kind, _key(request, kind))
        return response

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Django's hook between routing and the view."""
        kind = _kind(request)
        if not kind:
            return None
        seconds = refused(kind, _key(request, kind))
        if seconds:
            return _refusal(request, seconds)
        request.counted_as = kind  # type: ignore[attr-defined]
        return None


def _key(request: HttpRequest, kind: str) -> str:
    user = request.user
    by_person = isinstance(user, User) and kind != "login"
    return str(user.pk) if by_person else request.META.get("REMOTE_ADDR", "")


def _kind(request: HttpRequest) -> str:
    name = request.resolver_match.url_name if request.resolver_match else ""
    if request.method == "POST":
        return _FORMS.get(name or "", "")
    return "search" if name == "items" and request.GET.get("q", "").strip() else ""


def _refusal(request: HttpRequest, seconds: int) -> HttpResponse:
    if request.headers.get("Accept") == "application/json":
        told = {"message": gettext("Too many requests within a minute."), "hint": gettext("Wait a minute.")}
        response: HttpResponse = JsonResponse(told, status=_WAIT)
    else:
        minutes = math.ceil(seconds / _MINUTE) if seconds > 2 * _MINUTE else 0
        response = render(request, "429.html", {"seconds": seconds, "minutes": minutes}, status=_WAIT)
    response.headers["Retry-After"] = str(seconds)
    return response
