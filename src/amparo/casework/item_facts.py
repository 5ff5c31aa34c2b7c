"""Everything that is known of one Item, in a bounded number of queries whatever the size of its Case."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from amparo.casework.actors import actor_names
from amparo.casework.browse import short
from amparo.casework.grading import decisions_seen_by, older_decisions
from amparo.casework.listing import state_of
from amparo.casework.notes import NEWEST_NOTES, notes_page
from amparo.catalogue.models import Case, Content, Decision, Finding, Item, Note, Shortfall, State
from amparo.evidence.item import Locator, item_id
from amparo.evidence.moment import Basis, Moment
from amparo.sources.folder import ROOT
from amparo.ui.matches import TITLES, Explanation, explain

MOST = 20  # of each kind of neighbours
_ANCESTORS = 20
_INNER = ("_raw", "_ns", "_basis", "_precision_ns", "_offset_minutes")  # facts that others put in words


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Another Item. ``path`` is raw."""

    item: Item
    path: bytes

    @property
    def name(self) -> bytes:
        """The last part of the path."""
        return self.path.rstrip(b"/").rpartition(b"/")[2] or self.path

    @property
    def is_root(self) -> bool:
        """Whether it is the scanned folder itself."""
        return self.path == ROOT


@dataclasses.dataclass(frozen=True, slots=True)
class Time:
    """A Moment in words that say what it is relative to. ``utc``: also in UTC, where it was stated otherwise."""

    field: str
    text: str
    utc: str


@dataclasses.dataclass(frozen=True, slots=True)
class Lead:
    """A match with its words. ``finding.facts`` has Bank, distance, variant, transform and quality."""

    finding: Finding
    words: Explanation


@dataclasses.dataclass(frozen=True, slots=True)
class Alike:
    """Another Content of the group of near duplicates, and one place where it lies."""

    content: Content
    item: int | None
    leads: bool

    @property
    def short(self) -> str:
        """Of its SHA-256."""
        return short(bytes(self.content.sha256))


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """An Item. Lists of neighbours hold at most MOST; ``other_places`` one more if there are more.

    ``decisions``: the newest that this person may see, newest first, and ``more_decisions`` are older. ``notes``: the
    newest, oldest first. ``holds``: whether anything lies in it.
    """

    item: Item
    id: str
    short: str
    sha256: str
    path: bytes
    ancestors: Sequence[Place]
    holds: bool
    times: Sequence[Time]
    state: State
    reason: str
    shortfalls: Sequence[Shortfall]
    leads: Sequence[Lead]
    findings: Sequence[tuple[Finding, Sequence[tuple[str, str]]]]
    other_places: Sequence[Place]
    alike: Sequence[Alike]
    decisions: Sequence[Decision]
    more_decisions: int
    notes: Sequence[Note]
    more_notes: bool
    names: Mapping[str, str]


def facts_of(case: Case, key: int, actor: str) -> Facts | None:
    """Of the Item with this key, as ``actor`` may see it; None if the Case has none."""
    item = _items(case).filter(pk=key).first()
    if item is None:
        return None
    content = item.content
    found = _findings(item)
    decisions = [] if content is None else decisions_seen_by(content, actor)
    notes = notes_page(case, True, None, NEWEST_NOTES + 1, item.pk)
    state, reason = state_of(item)
    return Facts(
        item=item,
        id=str(item_id(item.source.uuid, bytes(item.locator))),
        short="" if content is None else short(bytes(content.sha256)),
        sha256="" if content is None else bytes(content.sha256).hex(),
        path=Locator.decode(bytes(item.locator)).path,
        ancestors=_ancestors(case, item),
        holds=Item.objects.filter(parent=item).exists(),
        times=[_time(each) for each in _moments(item)],
        state=state,
        reason=reason,
        shortfalls=_shortfalls(item),
        leads=[Lead(each, explain(each.kind, each.facts)) for each in found if each.kind in TITLES],
        findings=[(each, _pairs(each.facts)) for each in found if each.kind not in TITLES],
        other_places=_other_places(case, item),
        alike=[] if content is None else _alike(case, content),
        decisions=decisions[::-1],
        more_decisions=0 if content is None else older_decisions(content, actor, decisions),
        notes=notes[:NEWEST_NOTES][::-1],
        more_notes=len(notes) > NEWEST_NOTES,
        names=actor_names([*(each.operator for each in decisions), *(each.author for each in notes)]),
    )


def _items(case: Case) -> QuerySet[Item]:
    return Item.objects.filter(case=case).select_related("case", "content__leader", "source", "parent")


def _findings(item: Item) -> list[Finding]:
    """Current ones of the Item and of its Content: matches first, in the order of their weight."""
    of_item = Finding.objects.filter(item=item, current=True).select_related("stage")
    of_content = Finding.objects.filter(content=item.content_id, current=True).select_related("stage")
    found = [*of_item.order_by("pk"), *(of_content.order_by("pk") if item.content_id is not None else ())]
    order = {kind: at for at, kind in enumerate(TITLES)}
    return sorted(found, key=lambda each: (order.get(each.kind, len(order)), each.pk))


def _shortfalls(item: Item) -> list[Shortfall]:
    own = Shortfall.objects.filter(item=item).select_related("stage").order_by("pk")
    if item.content_id is None:
        return list(own)
    return [*own, *Shortfall.objects.filter(content=item.content_id).select_related("stage").order_by("pk")]


def _pairs(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facts as (name, text); times only once, in the form that says what they are relative to."""
    shown = [
        (name, ", ".join(map(str, fact)) if isinstance(fact, list) else str(fact))
        for name, fact in facts.items()
        if fact is not None and not name.endswith(_INNER)
    ]
    texts = {name for name, _ in shown}
    raw = [(name, str(fact)) for name, fact in facts.items() if name.endswith("_raw") and name[:-4] not in texts]
    return shown + raw  # what is no time stands as the file has it


def _moments(item: Item) -> list[Moment]:
    rows = json.loads(item.moments)
    return [Moment(ns, Basis(basis), field, precision, offset) for field, ns, basis, precision, offset in rows]


def _time(moment: Moment) -> Time:
    utc = Moment.utc(moment.ns, moment.field, moment.precision).text() if moment.basis is Basis.OFFSET else ""
    return Time(moment.field, moment.text(), utc)


def _ancestors(case: Case, item: Item) -> list[Place]:
    """Folders and containers around the Item, the outermost first, as far as 20 up."""
    found: list[Place] = []
    parent = item.parent
    while parent is not None and len(found) < _ANCESTORS:
        found.append(_place(parent))
        parent = None if parent.parent_id is None else Item.objects.filter(case=case, pk=parent.parent_id).first()
    return found[::-1]


def _other_places(case: Case, item: Item) -> list[Place]:
    if item.content_id is None:
        return []
    same = Item.objects.filter(case=case, content=item.content_id).exclude(pk=item.pk)
    return [_place(each) for each in same.select_related("source").order_by("source", "pk")[: MOST + 1]]


def _alike(case: Case, content: Content) -> list[Alike]:
    head = content.leader or content
    first = Item.objects.filter(content=OuterRef("pk")).order_by("source").values("pk")[:1]
    followers = Content.objects.filter(case=case, leader=head).exclude(pk=content.pk).order_by("pk")
    found = list(followers.annotate(first=Subquery(first))[:MOST])
    if head.pk != content.pk:
        found = [*Content.objects.filter(pk=head.pk).annotate(first=Subquery(first)), *found][:MOST]
    return [Alike(each, each.first, each.pk == head.pk) for each in found]


def _place(item: Item) -> Place:
    return Place(item, Locator.decode(bytes(item.locator)).path)
