"""What lies near an Item: in time, in its folder, and by its camera. A bounded number of queries, all by index."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from amparo.casework.marked import SIZE, Marked, Page, items_of, page_of, path_of
from amparo.casework.spans import Span, minute_of
from amparo.catalogue.marks import camera_key, count_ranges, exif_pairs, item_pairs, page
from amparo.catalogue.models import Case, Finding, Item
from amparo.catalogue.models.marks import Field, Series
from amparo.catalogue.review import MOST
from amparo.media.exif import EXIF

SHOWN = 20  # of each kind
_FIELDS = (Field.TAKEN, Field.MODIFIED, Field.CREATED)  # the first by which there are others


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """At most SHOWN others; ``number`` counts all of them, to 10,001."""

    rows: Sequence[Marked]
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Minute:
    """Others of one minute by one field of times. ``span`` is the minute; ``local``: of a clock of unknown zone."""

    field: Field
    local: bool
    span: Span
    group: Group


@dataclasses.dataclass(frozen=True, slots=True)
class Camera:
    """Other pictures that state the same camera. ``serial`` is empty where none is stated: the model may be common."""

    words: str
    serial: str
    group: Group


@dataclasses.dataclass(frozen=True, slots=True)
class Related:
    """None where an Item states nothing of the kind, or is alone with it."""

    minute: Minute | None
    folder: Group | None
    camera: Camera | None


def related(item: Item) -> Related:
    """Of an Item with its Case."""
    facts = _exif(item)
    return Related(_minute(item, facts), _folder(item), _camera(item, facts))


def folder_page(item: Item, after: int | None) -> Page:
    """All others of its folder or container in the order of their names; ``after``: the key of one of them."""
    if item.parent_id is None:
        return Page([], None)
    others = Item.objects.filter(case=item.case, parent=item.parent_id).select_related("content", "source")
    last = None if after is None else others.filter(pk=after).first()
    following = others if last is None else others.filter(tail__gt=bytes(last.tail))
    rows = [_marked(row) for row in following.exclude(pk=item.pk).order_by("tail")[: SIZE + 1]]
    return Page(rows[:SIZE], (0, rows[SIZE - 1].subject) if len(rows) > SIZE else None)


def camera_page(item: Item, after: int | None) -> tuple[Camera | None, Page]:
    """All pictures that state the same camera, this one with them; ``after``: the key of a Content."""
    camera, facts = _camera(item, _exif(item)), _exif(item)
    key = camera_key(facts)
    if camera is None or key is None:
        return None, Page([], None)
    place = None if after is None else (key, after)
    return camera, page_of(item.case, page(item.case, (Series.CAMERA, key, key + 1), place, SIZE + 1), contents=True)


def camera_words(facts: Mapping[str, Any]) -> str:
    """Maker and model that the facts of ``picture.exif`` state."""
    return " ".join(str(facts[name]) for name in ("make", "model") if facts.get(name))


def _exif(item: Item) -> Mapping[str, Any]:
    made = Finding.objects.filter(content=item.content_id, kind=EXIF, current=True) if item.content_id else None
    return {} if made is None else made.order_by("pk").values_list("facts", flat=True).first() or {}


def _minute(item: Item, facts: Mapping[str, Any]) -> Minute | None:
    moments = ((field, ns, basis) for field, ns, basis, *_ in json.loads(item.moments))
    pairs = sorted(exif_pairs(facts) | item_pairs(moments))
    stated = {divmod(series, 10): value for series, value in pairs}
    for field in _FIELDS:
        for local in (0, 1):
            value = stated.get((field, local))
            span = None if value is None else minute_of(value)
            if span is not None:
                own = item.content_id if field.of_content else item.pk
                found = _group(item.case, 10 * field + local, (span.start, span.end), own or 0, field.of_content)
                if found.number:
                    return Minute(field, bool(local), span, found)
    return None


def _folder(item: Item) -> Group | None:
    """The nearest by name, before and after."""
    if item.parent_id is None:
        return None
    here = Item.objects.filter(case=item.case, parent=item.parent_id).select_related("content", "source")
    tail = bytes(item.tail)
    before = list(here.filter(tail__lt=tail).order_by("-tail")[:SHOWN])[::-1]
    after = list(here.filter(tail__gt=tail).order_by("tail")[:SHOWN])
    rest = max(0, SHOWN // 2 - len(after))
    before = before[-(SHOWN // 2 + rest) :]
    rows = [_marked(row) for row in (*before, *after[: SHOWN - len(before)])]
    number = here.order_by().values("pk")[: MOST + 2].count() - 1
    return Group(rows, number) if rows else None


def _camera(item: Item, facts: Mapping[str, Any]) -> Camera | None:
    key = camera_key(facts)
    if key is None or item.content_id is None:
        return None
    found = _group(item.case, Series.CAMERA, (key, key + 1), item.content_id, True)
    return Camera(camera_words(facts), str(facts.get("serial") or ""), found) if found.number else None


def _group(case: Case, series: int, span: tuple[int, int], own: int, contents: bool) -> Group:
    """Without the subject itself, which the range holds."""
    pairs = page(case, (series, *span), None, SHOWN + 1)
    kept = [pair for pair in pairs if pair[1] != own][:SHOWN]
    found = items_of(case, (subject for _, subject in kept), contents)
    rows = [Marked(value, subject, *found[subject]) for value, subject in kept if subject in found]
    if len(pairs) <= SHOWN:
        return Group(rows, len(kept))
    counted = count_ranges(case, [(series, *span)])[0]
    return Group(rows, counted if counted > MOST else counted - 1)


def _marked(item: Item) -> Marked:
    return Marked(0, item.pk, item, path_of(item))
