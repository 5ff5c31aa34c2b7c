"""Exports of a Case. A worker makes them; who takes one away is recorded before a byte is sent."""

import dataclasses
import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext

from amparo.accounts.permissions import Permission
from amparo.casework import jobs as casework
from amparo.casework import packages
from amparo.casework.actors import actor_names
from amparo.casework.export import DEFAULT, FORMS, Choices, left_out
from amparo.casework.export.vics import numbered
from amparo.catalogue.models import Export
from amparo.evidence.errors import AmparoError, BadInput
from amparo.ui.problems import told
from amparo.workbench.access import Access, page
from amparo.workbench.exports.sent import archive
from amparo.workbench.exports.words import FORM_NAMES, LEFT_OUT
from amparo.workbench.jobs.shown import shown

_LISTED = 50


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """A package as a page lists it. ``here``: it can be downloaded; else it is in the Vault or on a disk."""

    row: Export
    who: str
    disclosed_by: str
    forms: tuple[str, ...]
    here: bool


@page("cases/<uuid:case>/exports/", Permission.EXPORT_MAKE, methods=("GET", "POST"))
def exports(request: HttpRequest, access: Access) -> HttpResponse:
    """The packages of this Case, newest first; POST asks for another one."""
    error = None
    chosen, scheme = request.POST.getlist("form") or DEFAULT, request.POST.get("scheme", "")
    if request.method == "POST":
        try:
            casework.start_export(
                access.installation,
                access.case,
                request.POST.getlist("form"),
                Choices(get_language() or "en", scheme),
            )
        except BadInput as refused:
            error = refused
        else:
            return redirect("exports", access.case.uuid)
    jobs = shown(casework.unfinished_exports(access.case, _LISTED))
    context = {
        "unfinished": jobs,
        "ongoing": any(each.job.ongoing for each in jobs),
        "made": made(access, packages.exports_of(access.case, _LISTED)),
        "leads": access.may(Permission.EXPORT_DISCLOSE) and access.member is not None and access.member.owner,
        "forms": [
            (name, FORM_NAMES.get(name, name), [LEFT_OUT.get(each, each) for each in left_out([name])], name in chosen)
            for name in FORMS
        ],
        "schemes": [(each.name, each.title) for each in numbered(access.installation, timezone.now().date()).values()],
        "scheme": scheme,
        "error": error,
    }
    return render(request, "workbench/exports/list.html", context, status=422 if error else 200)


@page("cases/<uuid:case>/exports/<uuid:export>/check/", Permission.EXPORT_MAKE, methods=("POST",), name="export-check")
def check(request: HttpRequest, access: Access, export: uuid.UUID) -> HttpResponse:
    """Verify a package as it lies here."""
    try:
        package = packages.check_package(access.installation, _find(access, export))
    except AmparoError as refused:
        messages.error(request, str(told(refused)))
    else:
        messages.success(
            request, gettext("Intact: %(files)s files are as they were signed.") % {"files": package.files}
        )
    return redirect("exports", access.case.uuid)


@page("cases/<uuid:case>/exports/<uuid:export>/package/", Permission.EXPORT_MAKE, methods=("POST",), name="export-take")
def take(request: HttpRequest, access: Access, export: uuid.UUID) -> HttpResponse | StreamingHttpResponse:
    """The package as an archive."""
    row = _find(access, export)
    try:
        packages.hand_out(access.installation, row)
    except AmparoError as refused:
        messages.error(request, str(told(refused)))
        return redirect("exports", access.case.uuid)
    return archive(access.installation, row)


@page(
    "cases/<uuid:case>/exports/<uuid:export>/disclose/",
    Permission.EXPORT_DISCLOSE,
    methods=("POST",),
    name="export-disclose",
)
def disclose(request: HttpRequest, access: Access, export: uuid.UUID) -> HttpResponse:
    """Let the prosecutors of this Case read a package."""
    row = _find(access, export)
    try:
        if access.member is None:
            raise Http404
        packages.disclose(access.installation, access.member, row)
    except AmparoError as refused:
        messages.error(request, str(told(refused)))
    else:
        messages.success(request, gettext("Disclosed. The prosecutors of this case can read it now."))
    return redirect("exports", access.case.uuid)


def made(access: Access, rows: list[Export]) -> list[Made]:
    """Packages with the names of who made and disclosed them: one query, however many there are."""
    names = actor_names({name for row in rows for name in (row.made_by, row.disclosed_by) if name})
    return [
        Made(
            row,
            names[row.made_by],
            names.get(row.disclosed_by, ""),
            tuple(str(FORM_NAMES.get(form, form)) for form in row.forms),
            packages.is_here(access.installation, row),
        )
        for row in rows
    ]


def _find(access: Access, key: uuid.UUID) -> Export:
    found = packages.find_export(access.case, key)
    if found is None:
        raise Http404
    return found
