"""Pages for what went wrong: what happened, what is safe, what to do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return render(request, "workbench/error.html", {"error": "request"}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the role lacks the permission."""
    return render(request, "workbench/error.html", {"error": "forbidden"}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: also what exists and is not for this person."""
    return render(request, "workbench/error.html", {"error": "missing"}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "", **_: Any) -> HttpResponse:
    """403 of a form that was not sent from a page of ours, or whose session has ended."""
    return render(request, "workbench/error.html", {"error": "form"}, status=403)


def failed(request: HttpRequest) -> HttpResponse:
    """500. Renders without context, which may be what failed."""
    return HttpResponse(
        "<!doctype html><title>Amparo</title><h1>This page failed</h1><p>What was saved before is safe. Go back and "
        "try again; if it fails again, tell your administrator the time.",
        status=500,
    )
