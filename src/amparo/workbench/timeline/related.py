"""All that shares the folder, or the camera, of an Item."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from amparo.accounts.permissions import Permission
from amparo.casework.related import camera_page, folder_page
from amparo.catalogue.models import Item
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given


@page("cases/<uuid:case>/items/<int:item>/related/<str:by>/", Permission.ITEM_READ, name="item-related")
def item_related(request: HttpRequest, access: Access, item: int, by: str) -> HttpResponse:
    """``by``: ``folder`` or ``camera``; ``after`` is the place in the list."""
    row = Item.objects.filter(case=access.case, pk=item).select_related("case", "content").first()
    if row is None or by not in ("folder", "camera"):
        raise Http404
    after = given.key(request.GET.get("after"))
    camera, found = (None, folder_page(row, after)) if by == "folder" else camera_page(row, after)
    context = {
        "item": row,
        "by": by,
        "camera": camera,
        "found": found,
        "next": None if found.after is None else f"?after={found.after[1]}",
        "continued": after is not None,
    }
    return render(request, "workbench/timeline/related.html", context)
