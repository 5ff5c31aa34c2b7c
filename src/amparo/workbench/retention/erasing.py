"""Erasure: asked for by one person, refused or carried out by another."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from amparo.accounts.permissions import Permission
from amparo.casework import erasure as casework
from amparo.catalogue.models import Erasure
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given
from amparo.workbench.retention.pages import show


@page("cases/<uuid:case>/retention/erasures/", Permission.ERASURE_ASK, ("POST",), "erasure-ask")
def erasure_ask(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask to erase one content, or the whole case."""
    typed = given.typed(request.POST, "what", "sha256", "because")
    try:
        if typed["what"] not in ("content", "case"):
            raise BadInput("Choose what is to be erased.", "One content, or the whole case.")
        if typed["what"] == "content" and not typed["sha256"].strip():
            raise BadInput("Give the SHA-256 of the content.", "It stands on the page of an item.")
        sha256 = typed["sha256"] if typed["what"] == "content" else ""
        casework.ask(access.installation, access.member, typed["because"], sha256)
    except BadInput as refused:
        return show(request, access, typed, refused)
    return redirect("retention", case=access.case.uuid)


@page("cases/<uuid:case>/retention/erasures/<int:erasure>/refuse/", Permission.ERASURE_ASK, ("POST",), "erasure-refuse")
def erasure_refuse(request: HttpRequest, access: Access, erasure: int) -> HttpResponse:
    """Say no, or take the own question back."""
    row = _find(access, erasure)
    try:
        casework.refuse(access.installation, access.member, row)
    except BadInput as refused:
        return show(request, access, {}, refused)
    return redirect("retention", case=access.case.uuid)


@page("cases/<uuid:case>/retention/erasures/<int:erasure>/begin/", Permission.ERASURE_ASK, ("POST",), "erasure-begin")
def erasure_begin(request: HttpRequest, access: Access, erasure: int) -> HttpResponse:
    """Carry it out, or let one go on that has stopped."""
    row = _find(access, erasure)
    try:
        if row.begun is None:
            casework.carry_out(access.installation, access.member, row, request.POST.get("reference", ""))
        else:
            casework.go_on(access.installation, access.member, row)
    except BadInput as refused:
        return show(request, access, {}, refused)
    return redirect("retention", case=access.case.uuid)


def _find(access: Access, number: int) -> Erasure:
    row = casework.find_erasure(access.case, number)
    if row is None:
        raise Http404
    return row
