"""What holds for every answer: nothing is stored on the way, a second factor is set up, idle sessions end."""

import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

_Answer = Callable[[HttpRequest], HttpResponse]
_WITHOUT = ("/account/", "/static/", "/welcome/")  # reachable before a second factor is set up
_SEEN = "seen"
_KEPT = 60  # seconds after which a request counts anew, so that reading pages does not write on each


class Private:
    """No cache keeps a page, no other origin reads one, no sensor is asked for."""

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = (
            "camera=(), display-capture=(), geolocation=(), microphone=(), publickey-credentials-get=(self), usb=()"
        )
        return response


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
    """Moves the end of a session on with its use. What a page fetches by itself (``X-Unattended``) is no use."""

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        attended = request.user.is_authenticated and "X-Unattended" not in request.headers
        if attended and time.time() - request.session.get(_SEEN, 0) > _KEPT:
            request.session[_SEEN] = int(time.time())
        return self._answer(request)
