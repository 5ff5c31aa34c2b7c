"""Notes on a Case. Those on items are shown to those only who may read items: they can quote names of files."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amparo.accounts.permissions import Permission
from amparo.casework.actors import actor_names
from amparo.casework.notes import LONGEST, notes_page, write_note
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given

_MOST = 50


@page("cases/<uuid:case>/notes/", Permission.NOTE_WRITE, ("GET", "POST"))
def notes(request: HttpRequest, access: Access) -> HttpResponse:
    """Read and write them. ``?item=N``: those on one Item, where they are written on its own page."""
    text, error = given.typed(request.POST, "text")["text"], None
    if request.method == "POST":
        try:
            write_note(access.installation, access.case, text)
        except BadInput as refused:
            error = refused
        else:
            return redirect("notes", case=access.case.uuid)
    before = given.key(request.GET.get("before"))
    item = given.key(request.GET.get("item"))
    found = notes_page(access.case, access.may(Permission.ITEM_READ), before, _MOST + 1, item)
    names = actor_names(each.author for each in found)
    shown = {
        "notes": [(each, names[each.author]) for each in found[:_MOST]],
        "more": found[_MOST - 1].pk if len(found) > _MOST else None,
        "first": before is None,
        "item": item,
        "text": text,
        "longest": LONGEST,
        "error": error,
    }
    return render(request, "workbench/cases/notes.html", shown, status=422 if error else 200)
