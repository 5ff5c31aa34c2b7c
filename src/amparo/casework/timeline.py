"""The times that a Case's evidence states, by year, month, day, hour and minute, and what was stated in a span.

Years and months come from tallies; finer numbers are counted by index, to 10,001 each. Times that count from UTC and
wall clocks of an unknown zone are two series that nothing here adds up.
"""

import dataclasses
from collections.abc import Mapping, Sequence

from django.db.models import Q

from amparo.casework.marked import SIZE, Page, page_of
from amparo.casework.spans import Span
from amparo.catalogue.marks import count_ranges, page, tallies
from amparo.catalogue.models import Case, Source
from amparo.catalogue.models.marks import Field, series_of

_OFFSETS = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Bucket:
    """A part of a span. ``number`` is exact for years and months, else counted to 10,001."""

    span: Span
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One series of a field. ``total``: in all of time. ``here``: in the span, exact as in :class:`Bucket`."""

    local: bool
    total: int
    here: int
    buckets: Sequence[Bucket]


@dataclasses.dataclass(frozen=True, slots=True)
class Timeline:
    """``fields``: those that are stated at all, with their numbers. ``clocks``: Sources that state their clock."""

    field: Field
    fields: Sequence[tuple[Field, int]]
    utc: Line
    local: Line
    clocks: Sequence[Source]


def timeline(case: Case, field: Field | None, span: Span) -> Timeline:
    """Of one field, of the first that is stated where None is given; in at most four queries."""
    numbers = tallies(case, [series_of(each, local) for each in Field for local in (False, True)])
    fields = [(each, sum(sum(numbers[series_of(each, local)].values()) for local in (False, True))) for each in Field]
    stated = [(each, number) for each, number in fields if number]
    chosen = field or (stated[0][0] if stated else Field.MODIFIED)
    months = {local: numbers[series_of(chosen, local)] for local in (False, True)}
    fine = _fine(case, chosen, span, months) if len(span.parts) > 1 else {}
    lines = {local: _line(local, months[local], span, fine) for local in (False, True)}
    clocks = Source.objects.filter(Q(clock_offset__isnull=False) | ~Q(zone=""), case=case).order_by("pk")
    return Timeline(chosen, stated, lines[False], lines[True], list(clocks[:_OFFSETS]))


def stated_in(case: Case, field: Field, local: bool, span: Span, after: tuple[int, int] | None) -> Page:
    """The next Items in the order of their times. A time inside a file counts once, wherever the bytes lie."""
    found = page(case, (series_of(field, local), span.start, span.end), after, SIZE + 1)
    return page_of(case, found, field.of_content)


def years(case: Case, fields: Sequence[Field]) -> Mapping[tuple[Field, bool], Sequence[tuple[int, int]]]:
    """(year, number) of each field and series that is stated at all; in one query."""
    wanted = {series_of(field, local): (field, local) for field in fields for local in (False, True)}
    found = tallies(case, wanted)
    return {name: sorted(_years(found[series]).items()) for series, name in wanted.items() if found.get(series)}


def _fine(
    case: Case, field: Field, span: Span, months: Mapping[bool, Mapping[int, int]]
) -> dict[tuple[bool, Span], int]:
    """Numbers below a month, of series that have something in this month."""
    key = span.parts[0] * 12 + span.parts[1] - 1
    asked = [
        (local, each)
        for local in (False, True)
        if months[local].get(key)
        for each in (*(() if len(span.parts) == 2 else (span,)), *span.below)
    ]
    numbers = count_ranges(case, [(series_of(field, local), each.start, each.end) for local, each in asked])
    return dict(zip(asked, numbers, strict=True))


def _line(local: bool, months: Mapping[int, int], span: Span, fine: Mapping[tuple[bool, Span], int]) -> Line:
    total = sum(months.values())
    match len(span.parts):
        case 0:
            held = sorted(_years(months).items())
            return Line(local, total, total, [Bucket(Span((year,)), number) for year, number in held])
        case 1:
            buckets = [Bucket(each, months.get(_key(each), 0)) for each in span.below]
            return Line(local, total, sum(each.number for each in buckets), buckets)
        case 2:
            here = months.get(_key(span), 0)
        case _:
            here = fine.get((local, span), 0)
    return Line(local, total, here, [Bucket(each, fine.get((local, each), 0)) for each in span.below] if here else [])


def _years(months: Mapping[int, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for key, number in months.items():
        found[key // 12] = found.get(key // 12, 0) + number
    return found


def _key(span: Span) -> int:
    return span.parts[0] * 12 + span.parts[1] - 1
