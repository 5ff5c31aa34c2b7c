"""Looking at a picture: asked for with a reason, handed out once, and the seconds reported afterwards."""

import contextlib
import dataclasses

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from amparo.accounts.permissions import Permission
from amparo.casework.reveal import looked, picture, prepare, reveal
from amparo.catalogue.models import Item
from amparo.evidence.errors import AmparoError
from amparo.ui.problems import told
from amparo.workbench.access import Access, page
from amparo.workbench.items.pages import asked_with_script, item_page


@page("cases/<uuid:case>/items/<int:item>/reveal/", Permission.ITEM_REVEAL, methods=("POST",), name="item-reveal")
def item_reveal(request: HttpRequest, access: Access, item: int) -> HttpResponse:
    """Write down that this person looks, and why; answers with where the picture is, or why there is none."""
    row = _item(access, item)
    sharp = request.POST.get("sharp") == "1"
    reason = request.POST.get("reason", "")
    try:
        made = reveal(access.installation, access.user, access.case, row, reason, sharp)
        prepare(access.installation, made)
    except AmparoError as error:
        if asked_with_script(request):
            return JsonResponse(dataclasses.asdict(told(error)), status=422)
        more = {"reveal_error": error, "reveal_reason": reason, "reveal_sharp": sharp}
        return item_page(request, access, item, more, 422)
    if asked_with_script(request):
        at = [access.case.uuid, item, made.pk]
        return JsonResponse({"picture": reverse("item-picture", args=at), "seconds": reverse("item-seconds", args=at)})
    return redirect(f"{reverse('item', args=[access.case.uuid, item])}?shown={made.pk}#picture")


@page("cases/<uuid:case>/items/<int:item>/picture/<int:reveal>/", Permission.ITEM_REVEAL, name="item-picture")
def item_picture(request: HttpRequest, access: Access, item: int, reveal: int) -> HttpResponse:
    """The picture of a Reveal of this person, once, within a minute; 404 otherwise."""
    row = _item(access, item)
    if request.method == "HEAD":
        raise Http404
    try:
        png = picture(access.installation, access.user, row, reveal)
    except AmparoError as error:
        return HttpResponse(str(told(error)), status=422, content_type="text/plain; charset=utf-8")
    if png is None:
        raise Http404
    return HttpResponse(png, content_type="image/png")


@page(
    "cases/<uuid:case>/items/<int:item>/reveal/<int:reveal>/seconds/",
    Permission.ITEM_REVEAL,
    methods=("POST",),
    name="item-seconds",
)
def item_seconds(request: HttpRequest, access: Access, item: int, reveal: int) -> HttpResponse:
    """How long a picture was visible."""
    row = _item(access, item)
    seconds = float("nan")
    with contextlib.suppress(ValueError):
        seconds = float(request.POST.get("seconds", ""))
    if not looked(access.user, row, reveal, seconds):
        raise Http404
    return HttpResponse(status=204)


def _item(access: Access, key: int) -> Item:
    found = Item.objects.select_related("case", "content", "source").filter(case=access.case, pk=key).first()
    if found is None:
        raise Http404
    return found
