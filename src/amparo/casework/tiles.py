"""What the triage page shows of Contents: a tile each, in a constant number of queries. No imagery, no bytes."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import gettext, gettext_noop

from amparo.casework.actors import actor_names
from amparo.catalogue import review
from amparo.catalogue.models import Category, Content, Decision, Finding, Item, Review
from amparo.evidence.item import Locator
from amparo.media.picture import PROPERTIES
from amparo.ui.kind_words import media_word
from amparo.ui.matches import TITLES
from amparo.ui.paths import shown

_NAMED = ("image", "video", "audio")
_SHORT = 44  # characters of a path on a tile
WORDS = {
    Category.OPEN: gettext_noop("Not graded"),
    Category.BASELINE: gettext_noop("Baseline"),
    Category.NATIONAL: gettext_noop("National law"),
    Category.OTHER: gettext_noop("Other, look again"),
    Category.NOT_RELEVANT: gettext_noop("Not relevant"),
}
_TONES = {
    Category.OPEN: "open",
    Category.BASELINE: "baseline",
    Category.NATIONAL: "national",
    Category.OTHER: "other",
    Category.NOT_RELEVANT: "none",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Tile:
    """One Content as one person may see it. ``category`` is their own where a second person is waited for.

    ``alike``: near duplicates it stands for, itself included. ``item``: key of the first place, ``place`` its path,
    ``places`` how many there are. ``lead`` and ``number``: the strongest, in words; empty where there is none.
    ``asked_by``: the name of who asked for a second person, empty where nobody did.
    """

    content: Content
    category: Category
    waits: bool
    alike: int
    pixels: tuple[int, int] | None
    item: int | None
    place: str
    places: int
    lead: str
    number: str
    asked_by: str

    @property
    def word(self) -> str:
        """The category in words."""
        return gettext(WORDS[self.category])

    @property
    def tone(self) -> str:
        """The category as style sheets call it."""
        return _TONES[self.category]

    @property
    def others(self) -> int:
        """Places other than the first."""
        return max(self.places - 1, 0)

    @property
    def prefix(self) -> str:
        """The first eight digits of the SHA-256, as people say them to each other."""
        return prefix_of(self.content)

    @property
    def kind(self) -> str:
        """What it is: ``image``, ``video``, ``audio`` or ``file``."""
        first = self.content.media_type.partition("/")[0]
        return first if first in _NAMED else "file"

    @property
    def format(self) -> str:
        """Its media type in a word or two."""
        return media_word(self.content.media_type)

    @property
    def short_place(self) -> str:
        """The path, shortened in the middle."""
        return shortened(self.place)


def tiles(contents: Sequence[Content], actor: str) -> list[Tile]:
    """A tile for each Content, as this actor may see it. At most six queries."""
    keys = [each.pk for each in contents]
    alike = dict(Content.objects.filter(leader__in=keys).order_by().values_list("leader").annotate(number=Count("pk")))
    places = (
        Item.objects.filter(content__in=keys).order_by().values("content").annotate(first=Min("pk"), number=Count("pk"))
    )
    where = {row["content"]: (row["first"], row["number"]) for row in places}
    paths = dict(Item.objects.filter(pk__in=[first for first, _ in where.values()]).values_list("pk", "locator"))
    own = _own(keys, actor)
    found = _findings(keys)
    names = actor_names(each.second_by for each in contents if each.second_at is not None)
    made = []
    for each in contents:
        item, number = where.get(each.pk, (None, 0))
        lead, strength = _lead(found.get(each.pk, {}))
        path = "" if item is None else shown(Locator.decode(bytes(paths[item])).path)
        category = own.get(each.pk, Category.OPEN) if each.review == Review.SECOND else Category(each.category)
        made.append(
            Tile(
                each, category, each.review == Review.SECOND and each.pk in own, alike.get(each.pk, 0) + 1,
                _pixels(found.get(each.pk, {})), item, path, number, lead, strength,
                names.get(each.second_by, ""),
            )
        )  # fmt: skip
    return made


def prefix_of(content: Content) -> str:
    """The first eight digits of the SHA-256 in two groups."""
    digits = bytes(content.sha256).hex()
    return f"{digits[:4]} {digits[4:8]}"


def shortened(path: str) -> str:
    """A path of at most 44 characters: the beginning, an ellipsis, and the end, which tells more."""
    return path if len(path) <= _SHORT else f"{path[:12]}…{path[-(_SHORT - 13) :]}"


def _own(keys: Sequence[int], actor: str) -> dict[int, Category]:
    """What this person's own newest Decisions on them say, of those not withdrawn."""
    mine = Decision.objects.filter(content__in=keys, operator=actor, withdrawn=None).order_by("pk")
    rows = mine.values_list("content", "labels")
    return {key: review.category(labels) for key, labels in rows}


def _findings(keys: Sequence[int]) -> dict[int, dict[str, Mapping[str, Any]]]:
    """Facts by Content and kind; of several matches of a kind the nearest."""
    kinds = [*review.RANKING, PROPERTIES]
    rows = Finding.objects.filter(content__in=keys, current=True, kind__in=kinds).order_by("pk")
    found: dict[int, dict[str, Mapping[str, Any]]] = {}
    for key, kind, facts in rows.values_list("content_id", "kind", "facts"):
        held = found.setdefault(key or 0, {})
        if kind not in held or facts.get("distance", 0) < held[kind].get("distance", 0):
            held[kind] = facts
    return found


def _lead(found: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    kind = review.strongest(found)
    if kind is None:
        return "", ""
    distance = found[kind].get("distance")
    number = gettext("exact") if distance is None else gettext("distance %(number)s") % {"number": distance}
    return gettext(TITLES[kind]), number


def _pixels(found: Mapping[str, Mapping[str, Any]]) -> tuple[int, int] | None:
    facts = found.get(PROPERTIES, {})
    width, height = facts.get("width"), facts.get("height")
    return (int(width), int(height)) if width and height else None
