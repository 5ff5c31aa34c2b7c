"""The triage page: queues, tiles, and the panel of one Content."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from amparo.accounts.permissions import Permission
from amparo.casework.judging import panel
from amparo.casework.tiles import tiles
from amparo.catalogue.models import Content
from amparo.catalogue.pages import LOWEST
from amparo.catalogue.review import MOST, Queue, queue, queue_page, queue_sizes
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page

PAGE = 60
_AFTER = re.compile(r"(-?\d{1,5})-(\d{1,18})")
NAMES = {
    Queue.OPEN: gettext_lazy("To grade"),
    Queue.SECOND: gettext_lazy("Second opinion"),
    Queue.DISAGREED: gettext_lazy("Disagreements"),
    Queue.FLAGGED: gettext_lazy("Flagged"),
    Queue.DONE: gettext_lazy("Graded"),
    Queue.ALL: gettext_lazy("All by priority"),
}
EMPTY = {
    Queue.OPEN: gettext_lazy(
        "Nothing is left to grade here. What waits for a second person stands under Second opinion."
    ),
    Queue.SECOND: gettext_lazy("Nothing waits for your second opinion. What you graded first waits for somebody else."),
    Queue.DISAGREED: gettext_lazy("No two people differ on anything in this case."),
    Queue.FLAGGED: gettext_lazy("Nobody has flagged anything in this case."),
    Queue.DONE: gettext_lazy("No grade counts yet. In a case that two people grade, it takes both."),
    Queue.ALL: gettext_lazy("This case has no content yet. Scan a source first."),
}


@page("cases/<uuid:case>/triage/", Permission.ITEM_READ)
def triage(request: HttpRequest, access: Access) -> HttpResponse:
    """Tiles by priority, 60 a page, and beside them the panel of the one that is chosen (``at``)."""
    given = request.GET
    return show(request, access, given.get("queue", ""), given.get("after", ""), given.get("at", ""))


@page("cases/<uuid:case>/triage/<int:content>/", Permission.ITEM_READ, name="triage-panel")
def triage_panel(request: HttpRequest, access: Access, content: int) -> HttpResponse:
    """The panel alone, as the page loads it when another tile is chosen."""
    row = get_object_or_404(Content, case=access.case, pk=content)
    which = request.GET.get("queue", "")
    context = {
        "panel": panel(access.installation, row, access.user), "which": which if which in set(Queue) else Queue.OPEN,
        "may_grade": access.may(Permission.ITEM_GRADE), "after": request.GET.get("after", ""),
    }  # fmt: skip
    return render(request, "workbench/triage/panel.html", context)


def show(
    request: HttpRequest, access: Access, which: str, after: str, at: str, error: BadInput | None = None
) -> HttpResponse:
    """The whole page, with what went wrong in an act. Raises Http404 for a queue or a place that is not there."""
    if which not in {*Queue, ""}:
        raise Http404
    chosen = Queue(which or Queue.OPEN)
    rows = queue_page(queue(access.case, chosen, access.user.actor), place(after), PAGE + 1)
    shown = tiles(rows[:PAGE], access.user.actor)
    current = next((each for each in shown if str(each.content.pk) == at), None)
    if current is None and error is not None and at.isdecimal():  # it is no longer in this queue
        current = next(iter(tiles(list(Content.objects.filter(case=access.case, pk=at)), access.user.actor)), None)
    current = current or next(iter(shown), None)
    keys = [each.content.pk for each in shown]
    following = keys[keys.index(current.content.pk) + 1 :] if current and current.content.pk in keys else []
    context = {
        "next": following[0] if following else "", "may_grade": access.may(Permission.ITEM_GRADE),
        "which": chosen, "after": after, "tiles": shown, "current": current, "error": error,
        "queues": queues(access, chosen), "name": NAMES[chosen], "empty": EMPTY[chosen],
        "more": f"{rows[PAGE - 1].rank}-{rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "panel": None if current is None else panel(access.installation, current.content, access.user),
        "given": request.POST if error else {},
    }  # fmt: skip
    return render(request, "workbench/triage/triage.html", context, status=422 if error else 200)


def queues(access: Access, chosen: str) -> list[dict[str, object]]:
    """The list of queues with how many each holds for this person."""
    sizes = queue_sizes(access.case, access.user.actor)
    return [
        {"queue": each, "name": NAMES[each], "number": min(number, MOST), "more": number > MOST, "now": each == chosen}
        for each, number in sizes.items()
    ]


def place(after: str) -> tuple[int, int]:
    """The rank and key after which a page begins, as its address has them. Raises Http404."""
    if not after:
        return LOWEST, 0
    found = _AFTER.fullmatch(after)
    if found is None:
        raise Http404
    return int(found[1]), int(found[2])
