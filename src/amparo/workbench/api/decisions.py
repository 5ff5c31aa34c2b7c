"""Grading: the same act as in the browser, with the same people asked for a second opinion."""

import uuid

from django.http import Http404

from amparo.accounts.permissions import Permission
from amparo.casework import grading
from amparo.casework.decisions import decision_row
from amparo.catalogue.models import Content, Decision
from amparo.workbench.api.access import ApiRequest, kept, route
from amparo.workbench.api.notes import Key
from amparo.workbench.api.rows import Decided, NewDecision


@route("POST", "cases/{uuid:case}/decisions", Permission.ITEM_GRADE, Decided)
def decide(request: ApiRequest, case: uuid.UUID, body: NewDecision, idempotency_key: Key) -> Decided:
    """Record what the person decided about a Content and its near duplicates. A newer Decision replaces an older."""
    call = request.auth
    content = Content.objects.filter(case=call.case, sha256=bytes.fromhex(body.sha256)).first()
    if content is None:
        raise Http404
    by = call.installation, call.access.user, call.case

    def act() -> int:
        made = grading.grade(*by, content, body.labels, " ".join(body.note.split()), body.spread)
        return next(row.pk for row in made if row.content_id == content.pk)

    key, new = kept(request, idempotency_key, act)
    row = Decision.objects.select_related("content", "spread_from").get(case=call.case, pk=key)
    same = Decision.objects.filter(case=call.case, operator=row.operator, made=row.made)
    return Decided(decision=decision_row(row, row.withdrawn is None), contents=same.count(), again=not new)
