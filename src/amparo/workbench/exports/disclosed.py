"""What was disclosed of a Case, for prosecutors: a list, and every file of it. Each fetch is in the custody log."""

import dataclasses
import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render

from amparo.accounts.permissions import Permission
from amparo.casework import packages
from amparo.catalogue.models import Export
from amparo.evidence.errors import AmparoError
from amparo.ui.problems import told
from amparo.workbench.access import Access, page
from amparo.workbench.exports.pages import Made, made
from amparo.workbench.exports.sent import archive, single

_LISTED = 50
_FILES = 100  # of a package that are listed; all are in the archive


@dataclasses.dataclass(frozen=True, slots=True)
class Disclosed:
    """A package with the first of its files, path and size in bytes. ``more``: how many are not listed."""

    package: Made
    files: Sequence[tuple[str, int]]
    more: int
    problem: AmparoError | None


@page("cases/<uuid:case>/disclosed/", Permission.DISCLOSED_READ)
def disclosed(request: HttpRequest, access: Access) -> HttpResponse:
    """The packages that were disclosed, newest first."""
    rows = packages.disclosed_of(access.case, _LISTED)
    shown = [_shown(access, each) for each in made(access, rows)]
    return render(request, "workbench/exports/disclosed.html", {"disclosed": shown})


@page(
    "cases/<uuid:case>/disclosed/<uuid:export>/package/",
    Permission.DISCLOSED_READ,
    methods=("POST",),
    name="disclosed-take",
)
def take(request: HttpRequest, access: Access, export: uuid.UUID) -> HttpResponse | StreamingHttpResponse:
    """A disclosed package as an archive."""
    row = _find(access, export)
    try:
        packages.hand_out(access.installation, row)
    except AmparoError as refused:
        return _told(request, access, refused)
    return archive(access.installation, row)


@page(
    "cases/<uuid:case>/disclosed/<uuid:export>/file/",
    Permission.DISCLOSED_READ,
    methods=("POST",),
    name="disclosed-file",
)
def take_file(request: HttpRequest, access: Access, export: uuid.UUID) -> HttpResponse | StreamingHttpResponse:
    """One file of a disclosed package: the form names its path as the manifest lists it."""
    row, path = _find(access, export), request.POST.get("path", "")
    try:
        stream = packages.take_file(access.installation, row, path)
    except AmparoError as refused:
        return _told(request, access, refused)
    return single(stream, path)


def _shown(access: Access, package: Made) -> Disclosed:
    try:
        files = packages.files_of(access.installation, package.row)
    except AmparoError as refused:
        return Disclosed(package, (), 0, refused)
    return Disclosed(package, files[:_FILES], max(0, len(files) - _FILES), None)


def _told(request: HttpRequest, access: Access, refused: AmparoError) -> HttpResponse:
    messages.error(request, str(told(refused)))
    return redirect("disclosed", access.case.uuid)


def _find(access: Access, key: uuid.UUID) -> Export:
    found = packages.find_export(access.case, key, disclosed=True)
    if found is None:
        raise Http404
    return found
