"""Errors of the API in one form, ``{"v": 1, "error": ..., "hint": ...}``, also those that no route of it has raised."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from amparo.evidence.errors import AmparoError, MissingComponent, NotAuthorised, StorageFull
from amparo.workbench.bodies import too_long

ROOT = "/api/"
MAX_BODY = 100_000  # bytes
_SAID = 5  # fields named in one answer
_WORDS = {
    400: ("This request cannot be read.", "Send JSON as docs/reference/api.md describes it."),
    401: ("A token is needed.", "Send it as Authorization: Bearer TOKEN. Make one on the page Tokens of your account."),
    403: ("The role or the token does not allow this.", "See the scopes of the token, and your role in the case."),
    404: ("There is nothing here for this token.", "Check the address; cases of others are not found."),
    405: ("This address does not take this method.", "The header Allow says which it takes."),
    413: (f"The request is longer than {MAX_BODY:,} bytes.", "Send less at a time."),
    422: ("The request does not fit its description.", "See docs/reference/api.md."),
    429: ("Too many requests within a minute.", "Wait as many seconds as the header Retry-After says."),
    500: ("This failed on our side.", "What was saved before is safe. Tell your administrator the time."),
}


class TooMany(Exception):
    """Limits say to wait so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def answer(status: int, error: str = "", hint: str = "") -> JsonResponse:
    """An error; without words those of its status."""
    known = _WORDS.get(status, _WORDS[400 if status < 500 else 500])
    response = JsonResponse({"v": 1, "error": error or known[0], "hint": hint or known[1]}, status=status)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="amparo"'
    return response


def install(api: NinjaAPI) -> None:
    """Teach ninja our form."""
    handlers: Mapping[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        AuthenticationError: lambda _, __: answer(401),
        HttpError: lambda _, error: answer(error.status_code),
        Http404: lambda _, __: answer(404),
        PermissionDenied: lambda _, __: answer(403),
        TooMany: too_many,
        ValidationError: lambda _, error: answer(422, hint=_fields(error.errors)),
        AmparoError: lambda _, error: answer(_status(error), error.message, error.hint),
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


class Errors:
    """Middleware: refuses what is too long, and puts what Django answers by itself below the API into our form."""

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self._following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ROOT):
            return self._following(request)
        if too_long(request, MAX_BODY):
            return answer(413)
        response = self._following(request)
        if response.status_code < 400 or response.headers["Content-Type"].startswith("application/json"):
            return response
        ours = answer(response.status_code)
        if "Allow" in response.headers:
            ours.headers["Allow"] = response.headers["Allow"]
        return ours


def too_many(_: HttpRequest, error: TooMany) -> HttpResponse:
    """429 with when to come again."""
    response = answer(429)
    response.headers["Retry-After"] = str(error.seconds)
    return response


def _status(error: AmparoError) -> int:
    """409 for what fits its description and is refused as things stand."""
    if isinstance(error, NotAuthorised):
        return 403
    return 503 if isinstance(error, MissingComponent | StorageFull) else 409


def _fields(errors: Iterable[Mapping[str, Any]]) -> str:
    """Names of fields and what is wrong with each, never what was sent."""
    said = [f"{_named(each['loc'])}: {each['msg']}" for each in errors]
    return "; ".join(said[:_SAID])


def _named(place: Sequence[str | int]) -> str:
    """``body.labels.0`` or ``after``: where ninja says ``(body, body, labels, 0)`` or ``(query, after)``."""
    return ".".join(str(each) for each in place[1:])
