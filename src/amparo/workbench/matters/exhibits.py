"""Exhibits, their hand-overs, and the page of one to print."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework import exhibits as casework
from amparo.casework.actors import actor_names
from amparo.catalogue.models import Exhibit
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given
from amparo.workbench.matters import times

_MOST = 50
_FIELDS = ("number", "description", "seal", "seized_from", "seized_at")
_HANDED = ("at", "given_by", "taken_by", "place", "purpose", "seal")


@page("cases/<uuid:case>/exhibits/", Permission.EXHIBIT_READ)
def exhibits(request: HttpRequest, access: Access) -> HttpResponse:
    """The list, newest first."""
    before = given.key(request.GET.get("before"))
    found = casework.exhibits_page(access.case, before, _MOST + 1)
    shown = {
        "exhibits": found[:_MOST],
        "more": found[_MOST - 1][0].pk if len(found) > _MOST else None,
        "first": before is None,
        "can_write": access.may(Permission.EXHIBIT_WRITE),
    }
    return render(request, "workbench/matters/exhibits.html", shown)


@page("cases/<uuid:case>/exhibits/add/", Permission.EXHIBIT_WRITE, ("GET", "POST"), "exhibit-add")
def exhibit_add(request: HttpRequest, access: Access) -> HttpResponse:
    """Record one."""
    typed, chosen, error = given.typed(request.POST, *_FIELDS), _chosen(request), None
    if request.method == "POST":
        try:
            row = casework.add_exhibit(access.installation, access.case, _described(typed), chosen)
        except BadInput as refused:
            error = refused
        else:
            return redirect("exhibit", case=access.case.uuid, exhibit=row.pk)
    return _form(request, access, typed, chosen, error, None)


@page("cases/<uuid:case>/exhibits/<int:exhibit>/change/", Permission.EXHIBIT_WRITE, ("GET", "POST"), "exhibit-change")
def exhibit_change(request: HttpRequest, access: Access, exhibit: int) -> HttpResponse:
    """Correct it, and choose the Sources that were acquired from it."""
    row, error = _find(access, exhibit), None
    if request.method == "POST":
        typed, chosen = given.typed(request.POST, *_FIELDS), _chosen(request)
        try:
            casework.change_exhibit(access.installation, _find(access, exhibit), _described(typed), chosen)
        except BadInput as refused:
            error = refused
        else:
            return redirect("exhibit", case=access.case.uuid, exhibit=row.pk)
    else:
        typed = {name: getattr(row, name) for name in _FIELDS} | {"seized_at": times.shown(row.seized_at)}
        chosen = set(row.sources.values_list("pk", flat=True))
    return _form(request, access, typed, chosen, error, row)


@page("cases/<uuid:case>/exhibits/<int:exhibit>/", Permission.EXHIBIT_READ)
def exhibit(request: HttpRequest, access: Access, exhibit: int) -> HttpResponse:
    """One, with its chain of hands."""
    return _one(request, access, exhibit)


@page("cases/<uuid:case>/exhibits/<int:exhibit>/hand-over/", Permission.EXHIBIT_WRITE, ("POST",), "exhibit-hand-over")
def exhibit_hand_over(request: HttpRequest, access: Access, exhibit: int) -> HttpResponse:
    """Record that it went into another hand."""
    row, typed = _find(access, exhibit), given.typed(request.POST, *_HANDED)
    try:
        handed = casework.Handed(
            at=times.needed(typed["at"], gettext("When (UTC)")),
            **{name: typed[name] for name in _HANDED if name != "at"},
        )
        casework.hand_over(access.installation, row, handed)
    except BadInput as refused:
        return _one(request, access, exhibit, typed, refused)
    return redirect("exhibit", case=access.case.uuid, exhibit=row.pk)


@page("cases/<uuid:case>/exhibits/<int:exhibit>/print/", Permission.EXHIBIT_READ, name="exhibit-print")
def exhibit_print(request: HttpRequest, access: Access, exhibit: int) -> HttpResponse:
    """The chain of custody of one, to print or to keep as a file."""
    row = _find(access, exhibit)
    shown = _facts(access, row, casework.chain_of(row))
    head = casework.head_of(access.installation, access.case)
    return render(request, "workbench/matters/print.html", {**shown, "head": head, "now": timezone.now()})


def _one(
    request: HttpRequest,
    access: Access,
    number: int,
    typed: Mapping[str, str] | None = None,
    error: BadInput | None = None,
) -> HttpResponse:
    row = _find(access, number)
    chain = casework.chain_of(row)
    shown = _facts(access, row, chain) | {
        "given": typed or {"given_by": chain.held_by},
        "error": error,
        "can_write": access.may(Permission.EXHIBIT_WRITE),
    }
    return render(request, "workbench/matters/exhibit.html", shown, status=422 if error else 200)


def _facts(access: Access, row: Exhibit, chain: casework.Chain) -> dict[str, object]:
    return {
        "exhibit": row,
        "chain": chain,
        "sources": casework.sources_of(row),
        "names": access.may(Permission.ITEM_READ),
        "people": actor_names({row.made_by, *(link.row.made_by for link in chain.links)}),
    }


def _form(
    request: HttpRequest,
    access: Access,
    typed: Mapping[str, object],
    chosen: set[int],
    error: BadInput | None,
    row: Exhibit | None,
) -> HttpResponse:
    shown = {
        "given": typed,
        "chosen": chosen,
        "offered": casework.offered(access.case, row),
        "most": casework.MOST_SOURCES,
        "names": access.may(Permission.ITEM_READ),
        "exhibit": row,
        "error": error,
    }
    return render(request, "workbench/matters/exhibit_form.html", shown, status=422 if error else 200)


def _described(typed: Mapping[str, str]) -> casework.Described:
    stated = {name: typed[name] for name in _FIELDS if name != "seized_at"}
    return casework.Described(**stated, seized_at=times.moment(typed["seized_at"]))


def _chosen(request: HttpRequest) -> set[int]:
    keys = (given.key(each) for each in request.POST.getlist("source"))
    return {key for key in keys if key is not None}


def _find(access: Access, number: int) -> Exhibit:
    row = Exhibit.objects.filter(case=access.case, pk=number).select_related("case").first()
    if row is None:
        raise Http404
    return row
