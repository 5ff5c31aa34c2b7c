"""Exports of a Case. A worker makes them; who takes one away is recorded before a byte is sent."""

import re
import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext, gettext_lazy

from amparo.accounts.permissions import Permission
from amparo.casework import jobs as casework
from amparo.casework.export import FORMS, left_out
from amparo.casework.packages import check_package, folder_of, hand_out, zipped
from amparo.catalogue.models import Job, JobState
from amparo.evidence.errors import AmparoError, BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.jobs.shown import shown

_LISTED = 50
_NAMES = {
    "report": gettext_lazy("Report, a page to read and print"),
    "case": gettext_lazy("CASE/UCO, for other programs"),
}
LEFT_OUT = {
    "pictures and videos": gettext_lazy("pictures and videos"),
    "texts of documents": gettext_lazy("texts of documents"),
    "names of people": gettext_lazy("names of people"),
    "decisions": gettext_lazy("decisions"),
    "times without a known zone": gettext_lazy("times without a known zone"),
}


@page("cases/<uuid:case>/exports/", Permission.EXPORT_MAKE, methods=("GET", "POST"))
def exports(request: HttpRequest, access: Access) -> HttpResponse:
    """The packages of this Case, newest first; POST asks for another one."""
    error = None
    if request.method == "POST":
        try:
            casework.start_export(
                access.installation, access.case, request.POST.getlist("form"), get_language() or "en"
            )
        except BadInput as refused:
            error = refused
        else:
            return redirect("exports", access.case.uuid)
    made = shown(casework.exports_of(access.case, _LISTED))
    context = {
        "exports": made,
        "ongoing": any(each.job.ongoing for each in made),
        "forms": [(name, _NAMES[name], [LEFT_OUT[each] for each in left_out([name])]) for name in FORMS],
        "error": error,
    }
    return render(request, "workbench/exports/list.html", context, status=422 if error else 200)


@page("cases/<uuid:case>/exports/<uuid:job>/check/", Permission.EXPORT_MAKE, methods=("POST",), name="export-check")
def check(request: HttpRequest, access: Access, job: uuid.UUID) -> HttpResponse:
    """Verify a package as it lies here."""
    found = _find(access, job)
    try:
        package = check_package(access.installation, access.case, found.uuid)
    except AmparoError as refused:
        messages.error(request, f"{refused.message} {refused.hint}")
    else:
        messages.success(
            request, gettext("Intact: %(files)s files are as they were signed.") % {"files": package.files}
        )
    return redirect("exports", access.case.uuid)


@page("cases/<uuid:case>/exports/<uuid:job>/package/", Permission.EXPORT_MAKE, methods=("POST",), name="export-take")
def take(request: HttpRequest, access: Access, job: uuid.UUID) -> HttpResponse | StreamingHttpResponse:
    """The package as an archive."""
    found = _find(access, job)
    try:
        hand_out(access.installation, access.case, found.uuid)
    except AmparoError as refused:
        messages.error(request, f"{refused.message} {refused.hint}")
        return redirect("exports", access.case.uuid)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", access.case.reference).strip("-.") or "case"
    name = f"{name}-{found.made:%Y%m%d-%H%M}"
    answer = StreamingHttpResponse(
        zipped(folder_of(access.installation, access.case, found.uuid), name), content_type="application/zip"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return answer


def _find(access: Access, key: uuid.UUID) -> Job:
    found = casework.find_job(access.case, key)
    if found is None or found.kind != "export" or found.state != JobState.DONE:
        raise Http404
    return found
