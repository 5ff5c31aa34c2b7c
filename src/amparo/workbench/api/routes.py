"""The API as Django routes it, and its description."""

import inspect
import json
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI, Router

from amparo.accounts.models import User
from amparo.workbench.api import cases, custody, decisions, errors, items, jobs, notes
from amparo.workbench.api.access import ROUTES, Bearer
from amparo.workbench.api.rows import Error

MODULES = (cases, custody, items, decisions, notes, jobs)  # imported, so that their routes are registered
SCOPES = frozenset(each.needs for each in ROUTES)
_ERRORS = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503})
_ABOUT = "What programs may ask for in a person's name. Times are UTC; every row has `v`."


def _api() -> NinjaAPI:
    made = NinjaAPI(
        title="Amparo",
        version="1",
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
    )
    router = Router()
    for each in ROUTES:
        router.add_api_operation(
            f"/{each.path}",
            [each.method],
            each.view,
            auth=Bearer(each.needs),
            response={200: each.rows, _ERRORS: Error},
            operation_id=each.view.__name__,
            description=f"{inspect.getdoc(each.view)}\n\nScope: `{each.needs}`.",
            exclude_unset=False,
            url_name=each.url_name,
        )
    made.add_router("", router)
    errors.install(made)
    return made


API = _api()


def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the API (OpenAPI 3.1), for who is logged in or has a token."""
    logged_in = isinstance(request.user, User) and is_mfa_enabled(request.user)
    if not logged_in:
        try:
            held = Bearer(None)(request)
        except errors.TooMany as refused:
            return errors.too_many(request, refused)
        if held is None:
            return errors.answer(401)
    return JsonResponse(description())


def description() -> dict[str, Any]:
    """OpenAPI as JSON would have it."""
    found: dict[str, Any] = json.loads(json.dumps(API.get_openapi_schema(path_prefix="/api/v1/"), default=str))
    return found


def urlpatterns() -> list[URLPattern | URLResolver]:
    """Routes, their description and nothing else."""
    return [path("api/v1/openapi.json", openapi, name="api-openapi"), path("api/v1/", API.urls)]
