"""Rows of ``amparo items`` and ``amparo findings``: what the catalogue holds, as JSON rows in a stable order."""

import collections
import json
import uuid
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from amparo.casework.cases import find_case
from amparo.casework.paths import path_fields
from amparo.catalogue.models import Case, Finding, Item, Source, State
from amparo.catalogue.pages import pages
from amparo.evidence.errors import BadInput
from amparo.evidence.item import Locator, item_id
from amparo.evidence.moment import Basis, Moment
from amparo.media.bank_match import KNOWN_GOOD

_PAGE = 500


def item_rows(
    reference: str, source: str | None = None, outcome: str | None = None, known_good: bool = True
) -> Iterator[dict[str, object]]:
    """Every Item of a Case (schema ``item``), oldest first; pages by key, so memory stays flat.

    Without ``known_good`` those whose bytes are in a known-good Bank by SHA-256 are left out.
    """
    items = Item.objects.filter(case=find_case(reference))
    if not known_good:
        items = items.exclude(content__in=known_good_contents(find_case(reference)))
    if source is not None:
        items = items.filter(source=_source(reference, source))
    if outcome is not None and outcome.upper() not in State.names:
        raise BadInput(f"Unknown outcome {outcome!r}.", "Use one of: ok, skipped, failed, pending.")
    for found in pages(items.select_related("parent", "content", "source"), _PAGE):
        for made in rows_of(found):
            if outcome is None or made["outcome"] == outcome.lower():
                yield made


def known_good_items(reference: str, source: str | None = None) -> int:
    """How many Items :func:`item_rows` leaves out without ``known_good``, whatever their outcome."""
    case = find_case(reference)
    items = Item.objects.filter(case=case, content__in=known_good_contents(case))
    return items.count() if source is None else items.filter(source=_source(reference, source)).count()


def known_good_contents(case: Case) -> QuerySet[Finding, int | None]:
    """Keys of Contents in a known-good Bank by SHA-256: an MD5 or SHA-1 can be made to fit, and hides nothing."""
    found = Finding.objects.filter(case=case, kind=KNOWN_GOOD, current=True, facts__algorithm="sha256")
    return found.values_list("content_id", flat=True)


def finding_rows(
    reference: str, source: str | None = None, kind: str | None = None, superseded: bool = False
) -> Iterator[dict[str, object]]:
    """Findings of a Case (schema ``finding``): those on Items, then those on Contents."""
    findings = Finding.objects.filter(case=find_case(reference)).select_related("stage", "content", "item__source")
    if not superseded:
        findings = findings.filter(current=True)
    if kind is not None:
        findings = findings.filter(kind=kind)
    if source is not None:
        here = Item.objects.filter(source=_source(reference, source))
        findings = findings.filter(item__in=here) | findings.filter(content__in=here.values("content"))
    after = 0
    while rows := list(findings.filter(pk__gt=after).order_by("pk")[:_PAGE]):
        yield from map(finding_row, rows)
        after = rows[-1].pk


def rows_of(items: Sequence[Item]) -> Iterator[dict[str, object]]:
    """Rows of schema ``item``, in two queries. Items come with parent, Content and Source."""
    kinds = _kinds(items)
    return (_item(row, kinds) for row in items)


def state_of(item: Item) -> tuple[State, str]:
    """Outcome and reason of an Item with its Content: the worse of the two."""
    state, reason = State(item.state), item.reason
    if item.content is not None and State(item.content.state) > max(state, State.OK):
        return State(item.content.state), item.content.reason
    if item.content is not None and state is State.OK and item.content.state == State.PENDING:
        return State.PENDING, ""
    return state, reason


def _source(reference: str, source: str) -> Source:
    hint = "See the field `source` of: amparo items --json"
    try:
        found = find_case(reference).sources.filter(uuid=uuid.UUID(source)).first()
    except ValueError as error:
        raise BadInput(f"{source!r} is not the id of a source.", hint) from error
    if found is None:
        raise BadInput(f"No source {source} in this case.", hint)
    return found


def _kinds(page: Sequence[Item]) -> dict[tuple[str, int], list[str]]:
    kinds = collections.defaultdict(list)
    current = Finding.objects.filter(current=True)
    for key, kind in current.filter(item__in=[row.pk for row in page]).values_list("item_id", "kind"):
        kinds["item", key].append(kind)
    contents = {row.content_id for row in page if row.content_id is not None}
    for key, kind in current.filter(content__in=contents).values_list("content_id", "kind"):
        kinds["content", key].append(kind)
    return kinds


def _item(row: Item, kinds: dict[tuple[str, int], list[str]]) -> dict[str, object]:
    locator = bytes(row.locator)
    state, reason = state_of(row)
    found = kinds.get(("item", row.pk), []) + kinds.get(("content", row.content_id or 0), [])
    return {
        "v": 1,
        "id": str(item_id(row.source.uuid, locator)),
        "source": str(row.source.uuid),
        **path_fields(Locator.decode(locator).path),
        "parent": None if row.parent is None else str(item_id(row.source.uuid, bytes(row.parent.locator))),
        "entry": row.entry,
        "sha256": None if row.content is None else bytes(row.content.sha256).hex(),
        "size": row.size,
        "media_type": row.media_type or None,
        "origin": row.origin,
        "moments": [
            Moment(ns, Basis(basis), field, precision, offset).as_json()
            for field, ns, basis, precision, offset in json.loads(row.moments)
        ],
        "outcome": state.name.lower(),
        "reason": reason or None,
        "findings": sorted(found),
    }


def finding_row(row: Finding) -> dict[str, object]:
    """One row of schema ``finding``; the Finding comes with stage, Content and the Source of its Item."""
    item = row.item
    return {
        "v": 1,
        "item": None if item is None else str(item_id(item.source.uuid, bytes(item.locator))),
        "sha256": None if row.content is None else bytes(row.content.sha256).hex(),
        "kind": row.kind,
        "facts": row.facts,
        "score": row.score,
        "analyser": row.stage.analyser,
        "version": row.stage.version,
        "config_digest": row.stage.config_digest,
        "current": row.current,
    }
