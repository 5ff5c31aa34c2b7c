"""Filters by times and cameras that evidence states. Times in UTC and wall clocks of no known zone, together."""

import json
import re
from collections.abc import Sequence

from django.db.models import QuerySet

from amparo.casework.browse.narrowing import Narrowing, of_subjects
from amparo.casework.spans import Span, parse
from amparo.catalogue.marks import Pairs, exif_pairs, item_pairs, page
from amparo.catalogue.models import Case, Finding, Item, Mark
from amparo.catalogue.models.marks import Field, Series, series_of
from amparo.catalogue.sql import among
from amparo.media.exif import EXIF

_CAMERA = re.compile("[0-7][0-9a-f]{15}")
_LAST = 2**63 - 1  # what lies before it can be asked for as a range


def camera_value(key: int) -> str:
    """The value of the filter for a camera."""
    return f"{key:016x}"


def camera_of(value: str) -> int | None:
    """The key of a camera; None of what is none."""
    key = int(value, 16) if _CAMERA.fullmatch(value) else _LAST
    return key if key < _LAST else None


def _by_camera(case: Case, value: str, after: int, most: int) -> Sequence[int] | None:
    key = camera_of(value)
    if key is None:
        return []
    found = page(case, (Series.CAMERA, key, key + 1), None, most + 1)
    return None if len(found) > most else of_subjects([], [subject for _, subject in found], after)


def _keep_camera(case: Case, value: str, items: QuerySet[Item]) -> QuerySet[Item]:
    key = camera_of(value)
    if key is None:
        return items.none()
    contents = items.filter(content__isnull=False).values_list("content", flat=True)
    marks = Mark.objects.filter(case=case, series=Series.CAMERA, value=key, subject__in=among(set(contents)))
    return items.filter(content__in=among(list(marks.values_list("subject", flat=True))))


def _dated(field: Field) -> Narrowing:
    series = {series_of(field, local) for local in (False, True)}

    def few(case: Case, value: str, after: int, most: int) -> Sequence[int] | None:
        span = parse(value)
        if not span.parts:
            return []
        found: set[int] = set()
        for each in sorted(series):
            found.update(subject for _, subject in page(case, (each, span.start, span.end), None, most + 1))
            if len(found) > most:
                return None
        return of_subjects([], found, after) if field.of_content else sorted(key for key in found if key > after)

    def kept(case: Case, value: str, items: QuerySet[Item]) -> QuerySet[Item]:
        span = parse(value)
        if not span.parts:
            return items.none()
        if not field.of_content:
            rows = items.values_list("pk", "moments")
            keys = [
                key for key, text in rows if _within(item_pairs((m[0], m[1], m[2]) for m in json.loads(text)), span)
            ]
            return items.filter(pk__in=among(keys))
        contents = set(items.filter(content__isnull=False).values_list("content", flat=True))
        made = Finding.objects.filter(content__in=among(contents), kind=EXIF, current=True)
        stated = {key for key, facts in made.values_list("content", "facts") if _within(exif_pairs(facts), span)}
        return items.filter(content__in=among(stated))

    def _within(pairs: Pairs, span: Span) -> bool:
        return any(each in series and span.start <= value < span.end for each, value in pairs)

    return Narrowing(kept, few)


CAMERA = Narrowing(_keep_camera, _by_camera)
TAKEN = _dated(Field.TAKEN)
MODIFIED = _dated(Field.MODIFIED)
