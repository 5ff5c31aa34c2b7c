"""What a person does on the triage page. One address for all of it; with script it answers with what changed."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from amparo.accounts.permissions import Permission
from amparo.casework import grading
from amparo.casework.judging import KEYS
from amparo.casework.lines import collapsed
from amparo.casework.tiles import WORDS, prefix_of, tiles
from amparo.catalogue.models import Content, Decision
from amparo.catalogue.review import category
from amparo.evidence.errors import BadInput
from amparo.evidence.labels import FACETS
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given
from amparo.workbench.triage.keymap import keymap
from amparo.workbench.triage.pages import queues, show

_MOST_TILES = 60


@page("cases/<uuid:case>/triage/act/", Permission.ITEM_GRADE, methods=("POST",), name="triage-act")
def act(request: HttpRequest, access: Access) -> HttpResponse:
    """Grade, take back, flag, ask for a second person, take out of a group: field ``act`` says which."""
    key = request.POST.get("content", "")
    content = get_object_or_404(Content, case=access.case, pk=given.key(key) or 0)
    scripted = "X-Amparo-Part" in request.headers
    try:
        said, changed = _do(request, access, content)
    except BadInput as refused:
        if scripted:
            return render(request, "workbench/triage/error.html", {"error": refused}, status=422)
        return show(request, access, request.POST.get("queue", ""), request.POST.get("after", ""), key, refused)
    which = request.POST.get("queue", "")
    if scripted:
        rows = list(Content.objects.filter(case=access.case, pk__in=changed[:_MOST_TILES]))
        context = {
            "said": said, "tiles": tiles(rows, access.user.actor), "queues": queues(access, which), "which": which,
            "after": request.POST.get("after", ""), "current": None,
        }  # fmt: skip
        return render(request, "workbench/triage/changed.html", context)
    messages.success(request, said)
    moves = {"queue": which, "after": request.POST.get("after", ""), "at": request.POST.get("next", "")}
    if request.POST.get("act") not in (*KEYS, "labels"):
        moves["at"] = key
    query = urlencode({name: value for name, value in moves.items() if value})
    return redirect(f"{reverse('triage', args=[access.case.uuid])}?{query}")


def _do(request: HttpRequest, access: Access, content: Content) -> tuple[str, list[int]]:
    """What is said of it, and the keys of Contents whose tiles changed."""
    by = access.installation, access.user, access.case
    name = request.POST.get("act", "")
    told = {"hash": prefix_of(content)}
    if name in KEYS or name == "labels":
        tokens = KEYS[name] if name in KEYS else _labels(request)
        made = grading.grade(*by, content, tokens, collapsed(request.POST.get("note", "")))
        return _graded(content, made, keymap(access.user)["undo"]), [content.pk, *_leaders(made)]
    if name == "undo":
        taken = grading.undo(*by)
        text = ngettext("%(hash)s: taken back, %(n)s item.", "%(hash)s: taken back, %(n)s items.", len(taken))
        first = taken[0].spread_from or taken[0].content
        return text % {"hash": prefix_of(first), "n": len(taken)}, [first.pk, *_leaders(taken)]
    if name == "flag":
        grading.flag(*by, content, not content.flagged)
        text = gettext("%(hash)s: the flag is off.") if content.flagged else gettext("%(hash)s: flagged.")
        return text % told, [content.pk]
    if name == "second":
        grading.ask_second(*by, content)
        return gettext("%(hash)s: a second person is asked.") % told, [content.pk]
    if name == "out":
        head = content.leader_id or content.pk
        grading.take_out(*by, content)
        return gettext("%(hash)s: stands for itself now. Load the page again to see its tile.") % told, [head]
    raise BadInput(gettext("There is no such act."), gettext("Use the buttons of the page."))


def _graded(content: Content, made: list[Decision], undo: str) -> str:
    text = ngettext("%(hash)s: %(word)s, %(n)s item.", "%(hash)s: %(word)s, %(n)s items.", len(made))
    word = gettext(WORDS[category(made[0].labels)])
    said = [text % {"hash": prefix_of(content), "word": word, "n": len(made)}]
    asking = sum(not row.get("grade") for row in made[0].grades)
    if asking:
        more = ngettext("%(n)s scheme asks for more labels.", "%(n)s schemes ask for more labels.", asking)
        said.append(more % {"n": asking})
    if undo:
        said.append(gettext("Undo: %(key)s.") % {"key": undo.upper()})
    return " ".join(said)


def _labels(request: HttpRequest) -> list[str]:
    chosen = ((name, request.POST.get(f"facet-{name}", "")) for name in FACETS)
    return [f"{name}-{value}" for name, value in chosen if value]


def _leaders(rows: list[Decision]) -> list[int]:
    return [row.content_id for row in rows if row.content.leader_id is None]
