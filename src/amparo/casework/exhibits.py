"""Exhibits: the things seized, what was acquired from them, and the chain of hands they went through.

A hand-over is written once. What does not fit the chain is said plainly and never refused: the paper that it is copied
from may have the gap, too.
"""

import dataclasses
import datetime
import enum
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.utils.translation import gettext

from amparo.casework.installation import Installation
from amparo.casework.lines import collapsed, one_line
from amparo.catalogue.models import Case, Exhibit, HandOver, Source
from amparo.evidence.custody import Head
from amparo.evidence.errors import BadInput

MOST_HAND_OVERS = 1_000  # of one exhibit
MOST_SOURCES = 200  # offered for choice
_OLDEST = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_LATEST = datetime.datetime(2199, 12, 31, tzinfo=datetime.UTC)


class Doubt(enum.StrEnum):
    """What does not fit in a chain of hands."""

    GAP = "gap"  # the giver is not who had it
    BACKWARDS = "backwards"  # earlier than the hand-over written before
    BEFORE_SEIZURE = "before-seizure"
    AHEAD = "ahead"  # later than when it was written
    SEAL = "seal"  # another seal than before


@dataclasses.dataclass(frozen=True, slots=True)
class Described:
    """What a person states of an Exhibit. ``seized_at`` is UTC."""

    number: str
    description: str
    seal: str = ""
    seized_from: str = ""
    seized_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Handed:
    """What a person states of a hand-over. ``at`` is UTC; ``seal`` empty: not stated."""

    at: datetime.datetime
    given_by: str
    taken_by: str
    purpose: str
    place: str = ""
    seal: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """A hand-over and what does not fit. ``held_by`` and ``sealed`` are as they were before it, empty if unknown."""

    row: HandOver
    doubts: tuple[Doubt, ...]
    held_by: str
    sealed: str


@dataclasses.dataclass(frozen=True, slots=True)
class Chain:
    """All hand-overs of an Exhibit as they were written. ``held_by`` empty: none yet. ``seal``: the last one stated."""

    links: tuple[Link, ...]
    held_by: str
    seal: str

    @property
    def doubtful(self) -> bool:
        """Whether something does not fit; a seal that changed counts."""
        return any(link.doubts for link in self.links)


@dataclasses.dataclass(frozen=True, slots=True)
class Offered:
    """A Source of the Case with its number, counted from 1."""

    row: Source
    number: int

    @property
    def path(self) -> bytes:
        """Where it was acquired, a raw path."""
        return bytes(self.row.root)


def add_exhibit(installation: Installation, case: Case, given: Described, sources: Collection[int]) -> Exhibit:
    """Record an Exhibit. ``sources``: keys of Sources of this Case. Raises BadInput."""
    row = Exhibit(case=case)
    _store(installation, row, given, sources)
    return row


def change_exhibit(installation: Installation, exhibit: Exhibit, given: Described, sources: Collection[int]) -> None:
    """Correct an Exhibit; how it was described before stays in the payload of earlier entries. Raises BadInput."""
    _store(installation, exhibit, given, sources)


def hand_over(installation: Installation, exhibit: Exhibit, given: Handed) -> HandOver:
    """Record that an Exhibit went into another hand. Raises BadInput for fields that cannot be stored."""
    recorder = installation.recorder(exhibit.case)
    stated = {
        "given_by": one_line(given.given_by, gettext("Given by"), 200),
        "taken_by": one_line(given.taken_by, gettext("Taken by"), 200),
        "purpose": one_line(given.purpose, gettext("Purpose"), 300),
        "place": one_line(given.place, gettext("Place"), 300, least=0),
        "seal": one_line(given.seal, gettext("Seal as it was handed over"), 100, least=0),
    }
    at = _moment(given.at)
    with transaction.atomic():
        Exhibit.objects.select_for_update().get(pk=exhibit.pk)
        if HandOver.objects.filter(exhibit=exhibit).count() >= MOST_HAND_OVERS:
            raise BadInput(
                "An exhibit has at most %(most)s hand-overs.",
                "Continue it as another exhibit.",
                {"most": MOST_HAND_OVERS},
            )
        now = datetime.datetime.now(datetime.UTC)
        row = HandOver.objects.create(exhibit=exhibit, at=at, made=now, made_by=recorder.operator, **stated)
        facts: dict[str, str | int | None] = {"exhibit": exhibit.pk, "hand_over": row.pk}
        recorder.record("exhibit.handed_over", facts, {"at": at.isoformat(), **stated})
    installation.sealer.seal(exhibit.case)
    return row


def chain_of(exhibit: Exhibit) -> Chain:
    """The hand-overs in the order of their writing. Prefetched rows are used."""
    links: list[Link] = []
    held_by, seal, last = "", exhibit.seal, exhibit.seized_at
    for row in sorted(exhibit.hand_overs.all(), key=lambda each: each.pk):
        doubts = []
        if links and _same(row.given_by) != _same(held_by):
            doubts.append(Doubt.GAP)
        if last is not None and row.at < last:
            doubts.append(Doubt.BACKWARDS if links else Doubt.BEFORE_SEIZURE)
        if row.at > row.made:
            doubts.append(Doubt.AHEAD)
        if seal and row.seal and _same(row.seal) != _same(seal):
            doubts.append(Doubt.SEAL)
        links.append(Link(row, tuple(doubts), held_by, seal))
        held_by, seal, last = row.taken_by, row.seal or seal, row.at
    return Chain(tuple(links), held_by, seal)


def exhibits_page(case: Case, before: int | None, most: int) -> Sequence[tuple[Exhibit, Chain, int]]:
    """Exhibits with keys below ``before``, newest first, each with its chain and how many Sources came from it."""
    found = Exhibit.objects.filter(case=case).annotate(number_of_sources=Count("sources"))
    found = found.prefetch_related(Prefetch("hand_overs", HandOver.objects.order_by("pk"))).order_by("-pk")
    rows = (found if before is None else found.filter(pk__lt=before))[:most]
    return [(row, chain_of(row), row.number_of_sources) for row in rows]


def exhibits_of(sources: Iterable[int]) -> Mapping[int, Sequence[Exhibit]]:
    """The Exhibits that each of these Sources was acquired from, by number, in one query."""
    found: dict[int, list[Exhibit]] = {}
    pairs = Exhibit.sources.through.objects.filter(source__in=list(sources)).select_related("exhibit")
    for pair in pairs.order_by("exhibit__number"):
        found.setdefault(pair.source_id, []).append(pair.exhibit)
    return found


def offered(case: Case, exhibit: Exhibit | None) -> Sequence[Offered]:
    """The newest Sources of a Case, and those chosen for this Exhibit already; newest first."""
    newest = Source.objects.filter(case=case).order_by("-pk").values_list("pk", flat=True)[:MOST_SOURCES]
    keys = set(newest)
    if exhibit is not None:
        keys.update(exhibit.sources.values_list("pk", flat=True))
    return _numbered(Source.objects.filter(case=case, pk__in=keys))


def sources_of(exhibit: Exhibit) -> Sequence[Offered]:
    """The Sources that were acquired from an Exhibit, newest first."""
    return _numbered(Source.objects.filter(case=exhibit.case_id, exhibits=exhibit))


def head_of(installation: Installation, case: Case) -> Head | None:
    """The sealed head of the custody log, so that a printed page can be laid beside it."""
    installation.sealer.seal(case)
    return installation.sealer.head(case)


def _numbered(rows: QuerySet[Source]) -> Sequence[Offered]:
    up_to = Source.objects.filter(case=OuterRef("case"), pk__lte=OuterRef("pk")).order_by().values("case")
    counted = rows.annotate(number=Subquery(up_to.annotate(n=Count("pk")).values("n"))).order_by("-pk")
    return [Offered(row, row.number) for row in counted]


def _store(installation: Installation, row: Exhibit, given: Described, sources: Collection[int]) -> None:
    recorder = installation.recorder(row.case)
    row.number = one_line(given.number, gettext("Number"), 100)
    row.description = one_line(given.description, gettext("Description"), 1_000)
    row.seal = one_line(given.seal, gettext("Seal"), 100, least=0)
    row.seized_from = one_line(given.seized_from, gettext("From whom or where"), 300, least=0)
    row.seized_at = None if given.seized_at is None else _moment(given.seized_at)
    stated = {
        "number": row.number,
        "description": row.description,
        "seal": row.seal,
        "seized_from": row.seized_from,
        "seized_at": "" if row.seized_at is None else row.seized_at.isoformat(),
    }
    new = row.pk is None
    if new:
        row.made, row.made_by = datetime.datetime.now(datetime.UTC), recorder.operator
    try:
        with transaction.atomic():
            chosen = list(Source.objects.filter(case=row.case, pk__in=sources).order_by("pk"))
            if len(chosen) != len(set(sources)):
                raise BadInput("A source is not in this case.", "Load the page again and choose from its list.")
            row.save()
            row.sources.set(chosen)
            facts: dict[str, str | int | None] = {"exhibit": row.pk, "sources": len(chosen)}
            stated["sources"] = " ".join(str(each.uuid) for each in chosen)
            if new:
                recorder.record("exhibit.added", facts, stated)
            else:
                recorder.record("exhibit.changed", facts, stated)
    except IntegrityError as error:
        raise BadInput(
            "This case has an exhibit of this number.", "Give another number, or change it there."
        ) from error
    installation.sealer.seal(row.case)


def _moment(at: datetime.datetime) -> datetime.datetime:
    if not _OLDEST <= at <= _LATEST:
        raise BadInput("This time is too far away.", "Check the year.")
    return at.astimezone(datetime.UTC)


def _same(name: str) -> str:
    return collapsed(name.casefold())
