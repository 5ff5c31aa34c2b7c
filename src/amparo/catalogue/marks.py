"""Marks: written with what they come from, in its transaction; read by range. Takes time linear in what is written."""

import collections
import datetime
import functools
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Sum

from amparo.catalogue.grid import DEEPEST, code
from amparo.catalogue.models import Case, Mark, Tally
from amparo.catalogue.models.marks import Field, Series, series_of
from amparo.catalogue.review import MOST
from amparo.catalogue.sql import among, count_each, delete_many, insert_many, lowest_each
from amparo.evidence.moment import Basis

DEGREE = 100 ** (DEEPEST - 1)  # codes in a cell of one degree
_DAY = 86_400 * 10**9
_EARLIEST, _LATEST = -(2**63), 2**63 - 1  # what both databases hold: the years 1677 to 2262
_NAMES = {  # the last part of the field of a Moment
    "modified": Field.MODIFIED, "mtime": Field.MODIFIED, "created": Field.CREATED, "btime": Field.CREATED,
    "accessed": Field.ACCESSED, "atime": Field.ACCESSED, "changed": Field.ENTRY_CHANGED, "ctime": Field.ENTRY_CHANGED,
}  # fmt: skip
_FACTS = {"taken": Field.TAKEN, "digitised": Field.DIGITISED, "modified": Field.EDITED, "gps_time": Field.POSITIONED}
_COLUMNS = (("case_id", "bigint"), ("series", "smallint"), ("value", "bigint"), ("subject", "bigint"))
_TALLY = (("source_id", "bigint"), ("series", "smallint"), ("key", "bigint"), ("value", "bigint"))

Stated = Iterable[tuple[str, int, str]]  # field, ns and basis of Moments
Pairs = set[tuple[int, int]]  # (series, value)


class Marks:
    """Changes that one transaction makes to the Marks of a Case and the tallies of one of its Sources."""

    def __init__(self, case: int) -> None:
        self._case = case
        self._new: list[tuple[int, int, int, int]] = []
        self._gone: list[tuple[int, int, int, int]] = []
        self._tallies: collections.Counter[tuple[int, int]] = collections.Counter()

    def item(self, key: int, moments: Stated) -> None:
        """A new Item with its Moments."""
        self._put(key, item_pairs(moments))

    def exif(self, content: int, facts: Mapping[str, Any]) -> None:
        """A new Finding ``picture.exif`` of a Content."""
        self._put(content, exif_pairs(facts))

    def exif_gone(self, content: int, facts: Mapping[str, Any]) -> None:
        """Such a Finding is no longer current."""
        for series, value in exif_pairs(facts):
            self._gone.append((self._case, series, value, content))
            self._count(series, value, -1)

    def item_gone(self, key: int, moments: Stated) -> None:
        """An Item was erased with its Moments."""
        for series, value in item_pairs(moments):
            self._gone.append((self._case, series, value, key))
            self._count(series, value, -1)

    def save(self, source: int) -> None:
        """Delete, insert and count, in this order."""
        delete_many(Mark._meta.db_table, _COLUMNS, self._gone)
        insert_many(Mark._meta.db_table, _COLUMNS, self._new, "DO NOTHING")  # a plug-in may state the same again
        rows = [(source, series, key, number) for (series, key), number in sorted(self._tallies.items()) if number]
        table = Tally._meta.db_table
        insert_many(
            table, _TALLY, rows, f"(source_id, series, key) DO UPDATE SET value = {table}.value + excluded.value"
        )
        self._forget({key for _, series, key, number in rows if series == Series.CAMERA and number < 0})

    def _forget(self, cameras: Collection[int]) -> None:
        """A key says which camera it was to who has one to compare, so it goes with the last picture."""
        if cameras:
            held = Tally.objects.filter(source__case=self._case, series=Series.CAMERA)
            sums = held.filter(key__in=among(cameras)).values_list("key").annotate(total=Sum("value"))
            gone = [key for key, total in sums.filter(total__lte=0)]
            held.filter(key__in=among(gone)).delete()

    def _put(self, subject: int, pairs: Pairs) -> None:
        for series, value in pairs:
            self._new.append((self._case, series, value, subject))
            self._count(series, value, 1)

    def _count(self, series: int, value: int, number: int) -> None:
        self._tallies[series, tally_key(series, value)] += number


def item_pairs(moments: Stated) -> Pairs:
    """What the Moments of an Item come to; times beyond the years 1677 to 2262 to nothing."""
    return {
        (series_of(_NAMES[name], basis == Basis.LOCAL_UNKNOWN), ns)
        for field, ns, basis in moments
        if (name := field.rpartition(".")[2]) in _NAMES and _EARLIEST <= ns <= _LATEST
    }


def exif_pairs(facts: Mapping[str, Any]) -> Pairs:
    """What the facts of ``picture.exif`` come to."""
    pairs: Pairs = set()
    for name, field in _FACTS.items():
        ns = facts.get(f"{name}_ns")
        if isinstance(ns, int) and _EARLIEST <= ns <= _LATEST:
            pairs.add((series_of(field, facts.get(f"{name}_basis") == Basis.LOCAL_UNKNOWN), ns))
    latitude, longitude = _degrees(facts.get("gps_latitude"), 90), _degrees(facts.get("gps_longitude"), 180)
    if latitude is not None and longitude is not None:
        pairs.add((Series.PLACE, code(latitude, longitude)))
    if (camera := camera_key(facts)) is not None:
        pairs.add((Series.CAMERA, camera))
    return pairs


def _degrees(stated: object, most: int) -> float | None:
    return float(stated) if isinstance(stated, int | float) and -most <= stated <= most else None


def camera_key(facts: Mapping[str, Any]) -> int | None:
    """63 bits of a digest over maker, model and serial number; None where no model is stated."""
    if not facts.get("model"):
        return None
    text = "\0".join(str(facts.get(name) or "") for name in ("make", "model", "serial"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def tally_key(series: int, value: int) -> int:
    """Under what a Mark is counted."""
    if series == Series.CAMERA:
        return value
    return value // DEGREE if series == Series.PLACE else _month(value // _DAY)


@functools.lru_cache(maxsize=4096)
def _month(day: int) -> int:
    """Months since the year 0 of a day since 1970."""
    when = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    return when.year * 12 + when.month - 1


def tallies(case: Case, series: Iterable[int]) -> dict[int, dict[int, int]]:
    """Numbers by series and key, summed over the Sources of a Case; in one query."""
    found: dict[int, dict[int, int]] = collections.defaultdict(dict)
    sums = Tally.objects.filter(source__case=case, series__in=list(series)).values_list("series", "key")
    for number, key, total in sums.annotate(total=Sum("value")).order_by("series", "key"):
        if total > 0:
            found[number][key] = int(total)
    return found


def most_tallied(case: Case, series: int, most: int) -> Sequence[tuple[int, int]]:
    """The keys of a series with the largest numbers: (key, number), largest first; in one query.

    None of them where there are more than MOST: evidence chooses how many there are.
    """
    rows = list(Tally.objects.filter(source__case=case, series=series).values_list("key", "value")[: MOST + 1])
    if len(rows) > MOST:
        return []
    sums: collections.Counter[int] = collections.Counter()
    for key, number in rows:
        sums[key] += number
    largest = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return [(key, number) for key, number in largest if number > 0]


def first_subjects(case: Case, series: int, values: Collection[int]) -> Mapping[int, int]:
    """The lowest subject of each of these values that has one; in one query, by index."""
    asked = [(case.pk, series, value) for value in values]
    found = lowest_each(Mark._meta.db_table, "subject", "case_id = %s AND series = %s AND value = %s", asked)
    return {value: subject for value, subject in zip(values, found, strict=True) if subject is not None}


def count_ranges(case: Case, ranges: Sequence[tuple[int, int, int]]) -> list[int]:
    """How many Marks each (series, from, before) holds, each counted to MOST + 1 by index; in one query."""
    asked = [(case.pk, *each) for each in ranges]
    conditions = "case_id = %s AND series = %s AND value >= %s AND value < %s"
    return count_each(Mark._meta.db_table, conditions, asked, MOST + 1)


def page(case: Case, span: tuple[int, int, int], after: tuple[int, int] | None, size: int) -> Sequence[tuple[int, int]]:
    """The next (value, subject) in (series, from, before), in order; two index ranges, never an offset."""
    series, start, end = span
    marks = Mark.objects.filter(case=case, series=series, value__lt=end)
    if after is None or after[0] < start:
        return list(_pairs(marks.filter(value__gte=start), size))
    same = list(_pairs(marks.filter(value=after[0], subject__gt=after[1]), size))
    return same + list(_pairs(marks.filter(value__gt=after[0]), size - len(same)))


def _pairs(marks: Any, size: int) -> Iterable[tuple[int, int]]:
    found: Iterable[tuple[int, int]] = marks.order_by("value", "subject").values_list("value", "subject")[:size]
    return found
