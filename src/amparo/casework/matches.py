"""The matches of a Case, each with where it lies and why it may be false: rows of ``amparo matches``."""

from collections.abc import Iterator

from amparo.casework.cases import find_case
from amparo.casework.paths import path_fields
from amparo.catalogue.banks import find_bank
from amparo.catalogue.models import Content, Finding, Item
from amparo.evidence.errors import AmparoError
from amparo.evidence.item import Locator
from amparo.media.near_match import LEADS
from amparo.ui.matches import TITLES, explain

_PAGE = 200


def case_match_rows(reference: str, everything: bool = False, bank: str | None = None) -> Iterator[dict[str, object]]:
    """Schema ``case_match``, by kind and age. ``everything``: also what is flat, set aside, harmless or known good.

    ``bank``: only with the Bank of this name. Raises BadInput.
    """
    case = find_case(reference)
    for kind in TITLES if everything else LEADS:
        found = Finding.objects.filter(case=case, kind=kind, current=True).select_related("content")
        if bank is not None:
            found = found.filter(facts__bank=str(find_bank(bank).uuid))
        after = 0
        while page := list(found.filter(pk__gt=after).order_by("pk")[:_PAGE]):
            yield from map(_row, page)
            after = page[-1].pk


def _row(row: Finding) -> dict[str, object]:
    content = row.content
    if content is None:
        raise AmparoError("A match without a content is stored.", "Run: amparo doctor")
    words = explain(row.kind, row.facts)
    return {
        "v": 1,
        "kind": row.kind,
        "sha256": bytes(content.sha256).hex(),
        **_place(content),
        **row.facts,
        "title": words.title,
        "compared": words.compared,
        "false_if": list(words.false_if),
    }


def _place(content: Content) -> dict[str, object]:
    items = Item.objects.filter(content=content)
    first = items.order_by("pk").values_list("locator", flat=True).first()
    path = path_fields(Locator.decode(bytes(first)).path) if first is not None else {}
    return {"items": items.count(), **path}
