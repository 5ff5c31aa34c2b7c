"""Decisions, and grading: the same act as in the browser, with the same people asked for a second opinion."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from django.http import Http404
from ninja import Query

from amparo.accounts.permissions import Permission
from amparo.casework import grading
from amparo.casework.decisions import decision_row
from amparo.casework.lines import collapsed
from amparo.catalogue.models import Content, Decision
from amparo.workbench.api.access import ApiRequest, Call, kept, route
from amparo.workbench.api.cases import MOST, After
from amparo.workbench.api.notes import Key
from amparo.workbench.api.rows import SHA256, Decided, Decisions, NewDecision


@route("GET", "cases/{uuid:case}/decisions", Permission.ITEM_READ, Decisions)
def decisions(
    request: ApiRequest,
    case: uuid.UUID,
    sha256: Annotated[str, Query(pattern=SHA256, description="Of the Content.")],
    after: After = None,
) -> Decisions:
    """Decisions on one Content that this person may see now, newest first."""
    call = request.auth
    content, actor = _content(call, sha256), call.access.user.actor
    found = grading.decisions_seen_by(content, actor, after, MOST + 1)[::-1]
    more = found[MOST - 1].pk if len(found) > MOST else None
    return Decisions(rows=rows_seen(content, actor, found[:MOST]), next=None if more is None else str(more))


@route("POST", "cases/{uuid:case}/decisions", Permission.ITEM_GRADE, Decided)
def decide(request: ApiRequest, case: uuid.UUID, body: NewDecision, idempotency_key: Key) -> Decided:
    """Record what the person decided about a Content and its near duplicates. A newer Decision replaces an older."""
    call = request.auth
    content = _content(call, body.sha256)
    by = call.installation, call.access.user, call.case

    def act() -> int:
        made = grading.grade(*by, content, body.labels, collapsed(body.note), body.spread)
        return next(row.pk for row in made if row.content_id == content.pk)

    key, new = kept(request, idempotency_key, act)
    row = Decision.objects.select_related("content", "spread_from").filter(case=call.case, pk=key).first()
    if row is None:  # the key was used before, and what it made was erased since
        raise Http404
    same = Decision.objects.filter(case=call.case, operator=row.operator, made=row.made)
    return Decided(decision=decision_row(row, row.withdrawn is None), contents=same.count(), again=not new)


def rows_seen(content: Content, actor: str, found: Sequence[Decision]) -> list[dict[str, object]]:
    """Rows of Decisions on a Content. The newest that stands, of those that ``actor`` may see, is current."""
    newest = grading.newest_seen_by(content, actor)
    return [decision_row(each, each.pk == newest) for each in found]


def _content(call: Call, sha256: str) -> Content:
    found = Content.objects.filter(case=call.case, sha256=bytes.fromhex(sha256)).first()
    if found is None:
        raise Http404
    return found
