"""What the first pages say of Cases: numbers from counters, capped counts, and how long the authorities hold.

No number here counts more than 10,001 rows, whatever the size of the Case.
"""

import dataclasses
import datetime
import math
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, OuterRef, Sum

from amparo.catalogue import counters
from amparo.catalogue.models import Authority, Case, Category, Content, Counter, Member, Review, Source
from amparo.catalogue.review import MOST, Queue, queue_sizes
from amparo.catalogue.sql import RowCount

SOON = 14  # days before the end of an authority in which pages warn
_DAY = datetime.timedelta(days=1)
_STATES = ("ok", "skipped", "failed", "pending")


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """Whether some authority of a Case holds now. ``until`` None with ``holds``: no end was recorded.

    ``days``: whole days left, begun ones counted; 0 where it has ended or has no end.
    """

    holds: bool
    until: datetime.datetime | None
    days: int

    @property
    def soon(self) -> bool:
        """Whether it ends within 14 days."""
        return self.holds and self.until is not None and self.days <= SOON


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A Case in somebody's list. ``open``: groups still to judge, counted to 10,001."""

    member: Member
    items: int
    contents: int
    open: int
    standing: Standing


@dataclasses.dataclass(frozen=True, slots=True)
class States:
    """Items by the worst outcome of the work on them."""

    ok: int = 0
    skipped: int = 0
    failed: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.ok + self.skipped + self.failed + self.pending


@dataclasses.dataclass(frozen=True, slots=True)
class SourceLine:
    """A Source with its numbers. Contents count where they were first seen; outcomes are Items' and Contents'."""

    row: Source
    number: int
    items: int
    contents: int
    skipped: int
    failed: int

    @property
    def path(self) -> bytes:
        """Where it was acquired, a raw path."""
        return bytes(self.row.root)


@dataclasses.dataclass(frozen=True, slots=True)
class Judging:
    """Groups of near duplicates by where their judging stands, each counted to 10,001.

    ``done`` has the categories of what is settled only: what waits for a second person tells nobody how the first
    one judged.
    """

    done: Mapping[Category, int]
    second: int
    disagreed: int
    open: int
    flagged: int


@dataclasses.dataclass(frozen=True, slots=True)
class Numbers:
    """Of a whole Case. ``findings``: current ones by kind. ``types``: Items by media type."""

    states: States
    contents: int
    unfinished: int
    listed: int
    distinct: int
    findings: Mapping[str, int]
    types: tuple[tuple[str, int], ...]


def standing(authorities: Iterable[Authority], now: datetime.datetime) -> Standing:
    """Of the authority that holds longest; of the one that ended last where none holds."""
    begun = [each for each in authorities if each.valid_from <= now]
    holding = [each for each in begun if each.until is None or now < each.until]
    if any(each.until is None for each in holding):
        return Standing(True, None, 0)
    until = max((each.until for each in holding or begun if each.until is not None), default=None)
    if until is None or not holding:
        return Standing(False, until, 0)
    return Standing(True, until, math.ceil((until - now) / _DAY))


def case_lines(members: Sequence[Member], now: datetime.datetime) -> Sequence[Line]:
    """The Cases of these memberships, in three queries. The members come with their Case."""
    keys = [each.case_id for each in members]
    numbers: dict[tuple[int, str], int] = {}
    found = Counter.objects.filter(source__case__in=keys, name__in=("entry", "content"))
    for case, name, total in found.values_list("source__case", "name").annotate(total=Sum("value")).order_by():
        numbers[case, name] = int(total)
    waiting = Content.objects.filter(case=OuterRef("pk"), leader=None, review=Review.OPEN).order_by().values("pk")
    opened = dict(Case.objects.filter(pk__in=keys).annotate(n=RowCount(waiting[: MOST + 1])).values_list("pk", "n"))
    authorities: dict[int, list[Authority]] = {key: [] for key in keys}
    for row in Authority.objects.filter(case__in=keys):
        authorities[row.case_id].append(row)
    return [
        Line(
            member=each,
            items=numbers.get((each.case_id, "entry"), 0),
            contents=numbers.get((each.case_id, "content"), 0),
            open=opened[each.case_id],
            standing=standing(authorities[each.case_id], now),
        )
        for each in members
    ]


def numbers_of(case: Case) -> Numbers:
    """From the counters, in one query."""
    found = counters.read(source__case=case)
    types = [(name, n) for name, n in found["type"].items() if not name.startswith("inode/") or "empty" in name]
    return Numbers(
        states=States(**{state: found["item"].get(state, 0) for state in _STATES}),
        contents=sum(found["content"].values()),
        unfinished=found["content"].get("failed", 0),
        listed=found["bytes"].get("listed", 0),
        distinct=found["bytes"].get("distinct", 0),
        findings=dict(found["finding"]),
        types=tuple(sorted(types, key=lambda pair: (-pair[1], pair[0]))),
    )


def judging_of(case: Case) -> Judging:
    """Where judging stands."""
    sizes = queue_sizes(case)
    settled = Content.objects.filter(case=case, leader=None, review=Review.DONE).order_by().values("pk")[: MOST + 1]
    by_category = Content.objects.filter(pk__in=settled).values_list("category").annotate(n=Count("pk")).order_by()
    return Judging(
        done={Category(category): n for category, n in by_category},
        second=sizes[Queue.SECOND],
        disagreed=sizes[Queue.DISAGREED],
        open=sizes[Queue.OPEN],
        flagged=sizes[Queue.FLAGGED],
    )


def source_lines(case: Case, before: int | None, most: int) -> Sequence[SourceLine]:
    """Sources with keys below ``before``, newest first, in three queries. ``number`` counts them in a Case from 1."""
    found = Source.objects.filter(case=case).order_by("-pk")
    rows = list((found if before is None else found.filter(pk__lt=before))[:most])
    earlier = Source.objects.filter(case=case, pk__lt=rows[-1].pk).count() if rows else 0
    numbers: dict[int, dict[tuple[str, str], int]] = {row.pk: {} for row in rows}
    stored = Counter.objects.filter(source__in=rows, name__in=("entry", "item", "content"))
    for source, name, key, value in stored.values_list("source", "name", "key", "value"):
        numbers[source][name, key] = value
    return [
        SourceLine(
            row=row,
            number=earlier + len(rows) - at,
            items=sum(n for (name, _), n in numbers[row.pk].items() if name == "entry"),
            contents=sum(n for (name, _), n in numbers[row.pk].items() if name == "content"),
            skipped=sum(numbers[row.pk].get((name, "skipped"), 0) for name in ("item", "content")),
            failed=sum(numbers[row.pk].get((name, "failed"), 0) for name in ("item", "content")),
        )
        for at, row in enumerate(rows)
    ]
