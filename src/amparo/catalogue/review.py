"""The order in which Contents are judged, and where judging stands. A queue page is two index ranges, never an offset.

One row of the queue stands for a group of near duplicates: the leader's. Rank, lowest first: what lies in a Bank, what
is near to an entry, other pictures and videos, the rest; last what a negative or a known-good Bank speaks for, unless
something speaks against it, too.
"""

import enum
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from amparo.catalogue.models import Case, Category, Content, Decision, Finding, Review
from amparo.catalogue.models.items import NORMAL_RANK
from amparo.catalogue.sql import update_many
from amparo.media.bank_match import KNOWN_GOOD, MATCH, NEGATIVE
from amparo.media.near_match import NEAR, NEAR_FLAT, NEAR_NEGATED, NEAR_QUARANTINED

MOST = 10_000  # counted; beyond, a page says "more than"
_LEADS = {MATCH: 10, NEAR: 20, NEAR_FLAT: 60, NEAR_QUARANTINED: 70}
_LOOKED_AT = 80  # a picture or a video without a lead
_SPOKEN_FOR = {NEAR_NEGATED: 150, NEGATIVE: 150, KNOWN_GOOD: 200}
RANKING = frozenset(_LEADS) | frozenset(_SPOKEN_FOR)


class Queue(enum.StrEnum):
    """Which Contents of a Case are listed."""

    OPEN = "open"
    SECOND = "second"
    DISAGREED = "disagreed"
    FLAGGED = "flagged"
    DONE = "done"
    ALL = "all"


_REVIEWS = {
    Queue.OPEN: Review.OPEN,
    Queue.SECOND: Review.SECOND,
    Queue.DISAGREED: Review.DISAGREED,
    Queue.DONE: Review.DONE,
}


def first_rank(media_type: str) -> int:
    """Before anything was found."""
    return _LOOKED_AT if media_type.startswith(("image/", "video/")) else NORMAL_RANK


def rerank(contents: Iterable[int]) -> None:
    """Set the rank of these Contents from their current Findings; in the transaction that changed them."""
    keys = list(contents)
    if not keys:
        return
    kinds: dict[int, set[str]] = {key: set() for key in keys}
    found = Finding.objects.filter(content__in=keys, current=True, kind__in=RANKING)
    for key, kind in found.values_list("content_id", "kind"):
        kinds[key or 0].add(kind)
    types = Content.objects.filter(pk__in=keys).values_list("pk", "media_type")
    rows = [(_rank(kinds[key], media_type), key) for key, media_type in types]
    update_many(Content._meta.db_table, (("rank", "smallint"),), rows)


def _rank(kinds: set[str], media_type: str) -> int:
    leads = [_LEADS[kind] for kind in kinds if kind in _LEADS]
    spoken_for = [_SPOKEN_FOR[kind] for kind in kinds if kind in _SPOKEN_FOR]
    return min(leads or spoken_for or [first_rank(media_type)])


def queue(case: Case, which: Queue, actor: str = "") -> QuerySet[Content]:
    """The Contents of a queue; order and cut it with :func:`queue_page`. Leaders only, except where flagged.

    Those that wait for a second person are listed for others than this actor, who judged first.
    """
    found = Content.objects.filter(case=case)
    if which is Queue.FLAGGED:
        return found.filter(flagged=True)
    found = found.filter(leader=None)
    if which in _REVIEWS:
        found = found.filter(review=_REVIEWS[which])
    if which is Queue.SECOND and actor:
        return found.exclude(Exists(Decision.objects.filter(content=OuterRef("pk"), operator=actor, withdrawn=None)))
    return found


def queue_page(found: QuerySet[Content], after: tuple[int, int], size: int) -> Sequence[Content]:
    """The next Contents after (rank, key)."""
    rank, key = after
    page = list(found.filter(rank=rank, pk__gt=key).order_by("pk")[:size])
    if len(page) < size:
        page.extend(found.filter(rank__gt=rank).order_by("rank", "pk")[: size - len(page)])
    return page


def queue_sizes(case: Case, actor: str = "") -> dict[Queue, int]:
    """How many each queue holds for this actor, counted to MOST + 1."""
    return {which: queue(case, which, actor).order_by()[: MOST + 1].count() for which in Queue}


def strongest(kinds: Iterable[str]) -> str | None:
    """The kind of Finding that comes first in review, of those that set a rank."""
    order = {**_LEADS, **_SPOKEN_FOR}
    return min((kind for kind in kinds if kind in order), key=lambda kind: order[kind], default=None)


def category(tokens: Iterable[str]) -> Category:
    """What a tile shows of labels: a category of display and no grade of any scheme."""
    held = set(tokens)
    if "material-abuse-material" in held:
        return Category.BASELINE if {"child-real", "age-under-13"} <= held else Category.NATIONAL
    return Category.NOT_RELEVANT if "material-not-pertinent" in held else Category.OTHER
