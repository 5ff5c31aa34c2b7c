"""What holds for every answer: nothing is stored on the way, a second factor is set up, sessions end."""

import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.shortcuts import redirect

_Answer = Callable[[HttpRequest], HttpResponse]
_WITHOUT = ("/account/", "/static/", "/welcome/")  # reachable before a second factor is set up
_SEEN = "seen"
_BEGAN = "began"
_LONGEST = 12 * 3600  # seconds of a session that is in use: a stolen one ends, too
_HERE = ("localhost", ".localhost", "127.0.0.1", "[::1]")  # what holds for them holds for every port of the machine
_KEPT = 60  # seconds after which a request counts anew, so that reading pages does not write on each


class Private:
    """No cache keeps a page, no other origin reads one, no sensor is asked for.

    Under the setting ``origin``, browsers are told to come by TLS only (HSTS, RFC 6797). Django's own middleware does
    not: it sees the proxy's request, which is plain.
    """

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = (
            "camera=(), display-capture=(), geolocation=(), microphone=(), publickey-credentials-get=(self), usb=()"
        )
        if settings.SECURE_HSTS_SECONDS and _came_by_tls(request):
            response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response


def _came_by_tls(request: HttpRequest) -> bool:
    """Whether this came to the host of ``origin``, and the proxy does not say that it was plain to there."""
    host, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
    named = validate_host(host, settings.ALLOWED_HOSTS) and not validate_host(host, _HERE)
    return named and request.headers.get("X-Forwarded-Proto", "https") == "https"


class SecondFactor:
    """Whoever has only a password gets no further than setting up an authenticator app or a passkey."""

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and not request.path.startswith(_WITHOUT) and not is_mfa_enabled(user):
            return redirect("mfa_index")
        return self._answer(request)


class Idle:
    """Moves the end of a session on with its use, to twelve hours after its begin and no further.

    What a page fetches by itself (``X-Unattended``) is no use.
    """

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.setdefault(_BEGAN, now) > _LONGEST:
                logout(request)
            elif "X-Unattended" not in request.headers and now - request.session.get(_SEEN, 0) > _KEPT:
                request.session[_SEEN] = now
        return self._answer(request)
