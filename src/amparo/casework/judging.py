"""What a person needs beside one Content to judge it: its group, what was decided, and what schemes still ask."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from django.db.models import Q

from amparo.accounts.models import User
from amparo.casework.actors import actor_names
from amparo.casework.decisions import versions
from amparo.casework.grading import decisions_seen_by, older_decisions
from amparo.casework.installation import Installation
from amparo.casework.tiles import Tile, prefix_of, tiles
from amparo.catalogue.models import Content, Review
from amparo.catalogue.review import MOST
from amparo.evidence.labels import FACETS, Facet, Labels
from amparo.media.schemes.scheme import Scheme

_ALIKE = 20  # of a group, named

# What the keys record: labels. What they mean in a scheme, its rule file says.
KEYS: Mapping[str, tuple[str, ...]] = {
    "1": ("material-abuse-material", "child-real", "age-under-13"),
    "2": ("material-abuse-material", "child-real", "age-13-to-17"),
    "3": ("material-undetermined",),
    "0": ("material-not-pertinent",),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Derived:
    """What one scheme made of labels: ``grade`` in its words, or the facets it asks for, or why a person decides."""

    scheme: str
    grade: str
    asks: tuple[str, ...]
    needs: str


@dataclasses.dataclass(frozen=True, slots=True)
class Act:
    """A Decision, for people. ``who``: a name. ``mine``: of the person who looks."""

    who: str
    mine: bool
    made: datetime.datetime
    labels: Sequence[str]
    note: str
    withdrawn: datetime.datetime | None
    spread_from: str
    derived: tuple[Derived, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """A facet, with the value in one's own newest Decision. ``asked``: a scheme needs it to derive a grade."""

    facet: Facet
    chosen: str
    asked: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Panel:
    """``acts``: the newest, oldest first; ``older`` are left out. ``alike``: key and first digits of others in the
    group; ``more`` are left out.
    """

    tile: Tile
    acts: tuple[Act, ...]
    older: int
    questions: tuple[Question, ...]
    alike: tuple[tuple[int, str], ...]
    more: int

    @property
    def digest(self) -> str:
        """SHA-256 in hex."""
        return bytes(self.tile.content.sha256).hex()

    @property
    def differ(self) -> bool:
        """Whether two people judged differently."""
        return self.tile.content.review == Review.DISAGREED

    @property
    def waiting(self) -> bool:
        """Whether a second person is waited for."""
        return self.tile.content.review == Review.SECOND

    @property
    def asked(self) -> tuple[Question, ...]:
        """Those that some scheme needs."""
        return tuple(each for each in self.questions if each.asked)

    @property
    def others(self) -> tuple[Question, ...]:
        """Those that none needs at present."""
        return tuple(each for each in self.questions if not each.asked)


def panel(installation: Installation, content: Content, user: User) -> Panel:
    """Of one Content, as this person may see it."""
    rows = decisions_seen_by(content, user.actor)
    known = {each.digest: each for each in versions(installation)} if rows else {}
    names = actor_names(row.operator for row in rows)
    origins = dict(Content.objects.in_bulk([row.spread_from_id for row in rows if row.spread_from_id]))
    acts = tuple(
        Act(
            names[row.operator], row.operator == user.actor, row.made, row.labels, row.note,
            row.withdrawn, prefix_of(origins[row.spread_from_id]) if row.spread_from_id else "",
            tuple(_derived(each, known) for each in row.grades),
        )
        for row in rows
    )  # fmt: skip
    mine = next((act for act in reversed(acts) if act.mine and act.withdrawn is None), None)
    chosen = dict(Labels.parse(mine.labels).answers) if mine else {}
    asked = {facet for each in mine.derived for facet in each.asks} if mine else set()
    questions = [Question(facet, chosen.get(name, ""), name in asked) for name, facet in FACETS.items()]
    head = content.leader_id or content.pk
    group = Content.objects.filter(Q(leader=head) | Q(pk=head)).exclude(pk=content.pk).order_by("pk")
    alike = [(each.pk, prefix_of(each)) for each in group[:_ALIKE]]
    left_out = group[: MOST + 1].count() - len(alike)
    older = older_decisions(content, user.actor, rows)
    return Panel(tiles([content], user.actor)[0], acts, older, tuple(questions), tuple(alike), left_out)


def _derived(stored: Mapping[str, object], known: Mapping[str, Scheme]) -> Derived:
    scheme = known.get(str(stored["digest"]))
    grade = stored.get("grade")
    title = scheme.title if scheme else str(stored["scheme"])
    words = "" if grade is None else str(scheme.titles.get(str(grade), grade) if scheme else grade)
    asks = stored.get("ask")
    return Derived(
        title, words, tuple(map(str, asks)) if isinstance(asks, list) else (), str(stored.get("needs") or "")
    )
