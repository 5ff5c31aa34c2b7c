"""Erasure of one Content: its row goes with all that was said of it; its Items keep their numbers and nothing else.

What was unpacked from it is erased with it, save Contents that lie elsewhere, too: those lose these places only. A
Content keeps a last Item until it goes itself, and goes before the Items it was unpacked from: so after a crash the
same walk finds what is left.
"""

import collections
import dataclasses
import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from amparo.catalogue import models, search
from amparo.catalogue.counters import Before, Counts, add
from amparo.catalogue.erasure import Chunks, Counted
from amparo.catalogue.marks import Marks
from amparo.catalogue.models import Content, Finding, Item, Job, Lane, PictureHash, Source, State
from amparo.catalogue.models.items import NORMAL_RANK
from amparo.catalogue.sql import update_many
from amparo.evidence.item import Locator, Step
from amparo.media.exif import EXIF

ERASED = "erased"  # the reason of an Item
_SLICE = 500
_COLUMNS = (
    ("tail", "bytea"), ("locator", "bytea"), ("lane", "smallint"), ("size", "bigint"), ("budget", "bigint"),
    ("moments", "text"), ("media_type", "text"), ("content_id", "bigint"), ("stages_id", "bigint"),
    ("state", "smallint"), ("reason", "text"), ("rank", "smallint"),
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Covered:
    """Keys. ``items``: the places of a Content and of all that was unpacked there, what contains before what it holds.

    ``contents``: what lies nowhere else, the Content itself last.
    """

    items: tuple[int, ...]
    contents: tuple[int, ...]


def covered(content: Content) -> Covered:
    """What the erasure of a Content takes. Memory: about 100 bytes for each of its Items."""
    found = dict.fromkeys(Item.objects.filter(content=content).order_by("pk").values_list("pk", flat=True))
    held: dict[int, None] = {}
    level = list(found)
    while level:
        below = [
            row
            for part in _parts(level)
            for row in Item.objects.filter(parent__in=part).order_by("pk").values_list("pk", "content_id")
        ]
        level = [key for key, _ in below if key not in found]
        found.update(dict.fromkeys(level))
        held.update({key: None for _, key in below if key not in (None, content.pk)})
    elsewhere = {
        key
        for part in _parts(list(held))
        for at, key in Item.objects.filter(content__in=part).values_list("pk", "content_id")
        if at not in found
    }
    return Covered(tuple(found), (*(key for key in held if key not in elsewhere), content.pk))


def erase_content(chunks: Chunks, content: Content) -> None:
    """Erase it, and what :func:`covered` says."""
    found = covered(content)
    for key in found.contents[:-1]:
        _content(chunks, Content.objects.get(pk=key))
    for part in _parts(found.items[::-1]):
        left = Item.objects.filter(pk__in=part).exclude(content=content.pk).exclude(reason=ERASED)
        chunks.listed(sorted(left.values_list("pk", flat=True), reverse=True), _items)
    _content(chunks, content)


def roots_of(items: Sequence[int]) -> list[Source]:
    """The Sources that are nothing but one of these Items: their path is its name."""
    return [
        source
        for part in _parts(items)
        for source in Source.objects.filter(items__in=Item.objects.filter(pk__in=part, parent=None))
    ]


def _content(chunks: Chunks, content: Content) -> None:
    places = list(Item.objects.filter(content=content).order_by("-pk").values_list("pk", "source_id"))
    source = places[-1][1]
    found = list(Finding.objects.filter(content=content).values_list("pk", flat=True))
    chunks.listed(found, lambda counted, keys: _findings(counted, content.case_id, source, keys))
    for rows in (
        models.Shortfall.objects.filter(content=content),
        models.Decision.objects.filter(content=content),
        models.Reveal.objects.filter(content=content),
        models.ImageryRelease.objects.filter(content=content),
        models.SearchBacklog.objects.filter(content=content),
    ):
        keys = list(rows.values_list("pk", flat=True))
        chunks.listed(keys, lambda counted, keys, model=rows.model: counted.delete(model, keys))  # type: ignore[misc]
    spread = list(models.Decision.objects.filter(spread_from=content).values_list("pk", flat=True))
    chunks.listed(spread, lambda _, keys: _no_origin(keys))
    _hand_on(chunks, content)
    chunks.listed([key for key, _ in places[:-1]], _items)
    with chunks.one() as counted:
        _items(counted, [places[-1][0]])
        if PictureHash.objects.filter(pk=content.pk).exists():
            counted.delete(PictureHash, [content.pk])
        models.Erasure.objects.filter(content=content).update(content=None)
        counts = Counts()
        counts.content(State(content.state), -1, content.reason)
        counts.bytes(-content.size)
        add(source, counts)
        counted.delete(Content, [content.pk])


def _hand_on(chunks: Chunks, content: Content) -> None:
    """Another of its near duplicates stands for the group from now on: always the one with the lowest key."""
    led = list(Content.objects.filter(leader=content).order_by("pk").values_list("pk", flat=True))
    grouped = PictureHash.objects.filter(group=content).exclude(content=content)
    alike = list(grouped.order_by("pk").values_list("pk", flat=True))
    if led:
        chunks.listed(led[1:], lambda _, keys: _lead(keys, led[0]))
        with chunks.one():
            _lead(led[:1], None)
    if alike:
        chunks.listed(alike[::-1], lambda _, keys: _group(keys, alike[0]))


def _items(counted: Counted, keys: Sequence[int]) -> None:
    """Leave number, Source, parent, kind of entry and origin of these Items."""
    rows = list(Item.objects.filter(pk__in=keys).exclude(reason=ERASED).order_by("pk"))
    by_source: dict[int, list[Item]] = collections.defaultdict(list)
    for row in rows:
        by_source[row.source_id].append(row)
    for source, here in sorted(by_source.items()):
        counts, marks = Counts(), Marks(here[0].case_id)
        for row in here:
            before = Before(*(getattr(row, name) for name in Before._fields))
            counts.change(before, None, "", State.SKIPPED, ERASED, None)
            marks.item_gone(row.pk, [(field, ns, basis) for field, ns, basis, *_ in json.loads(row.moments)])
        add(source, counts)
        marks.save(source)
        mine = [row.pk for row in here]
        _findings(counted, here[0].case_id, source, _keys(Finding.objects.filter(item__in=mine)))
        counted.delete(models.Shortfall, _keys(models.Shortfall.objects.filter(item__in=mine)))
        counted.delete(models.Note, _keys(models.Note.objects.filter(item__in=mine)))
        for row in here:
            if row.parent_id is None:
                _rename(row, _name(counted, row))
    new = []
    for row in rows:
        name = _name(counted, row)
        steps = Locator((Step(Locator.decode(bytes(row.locator)).steps[0].opener, name),))
        new.append(
            (name, steps.encode(), Lane.NONE, None, None, "[]", "", None, None, State.SKIPPED, ERASED,
             NORMAL_RANK, row.pk)
        )  # fmt: skip
    update_many(Item._meta.db_table, _COLUMNS, new)
    search.forget([row.pk for row in rows])
    counted.add("item", len(new))


def _findings(counted: Counted, case: int, source: int, keys: Sequence[int]) -> None:
    counts, marks = Counts(), Marks(case)
    for kind, facts, content in Finding.objects.filter(pk__in=keys, current=True).values_list(
        "kind", "facts", "content_id"
    ):
        counts.finding(kind, -1)
        if kind == EXIF and content is not None:
            marks.exif_gone(content, facts)
    add(source, counts)
    marks.save(source)
    counted.delete(Finding, keys)


def _rename(root: Item, name: bytes) -> None:
    """A Source that is one file bears its name, and so does the Job that scanned it."""
    source = root.source
    path = bytes(source.root).hex()
    for job in Job.objects.filter(case=root.case_id, kind="scan"):
        if job.arguments.get("path") == path:
            job.arguments["path"] = (b"/" + name).hex()
            job.save(update_fields=["arguments"])
    source.root = b"/" + name
    source.save(update_fields=["root"])


def _name(counted: Counted, row: Item) -> bytes:
    """What is shown as the path: which erasure it was, and the Item's number."""
    return b"erased/%d/%d" % (counted.erasure.pk, row.pk)


def _no_origin(keys: Sequence[int]) -> None:
    models.Decision.objects.filter(pk__in=keys).update(spread_from=None)


def _lead(keys: Sequence[int], leader: int | None) -> None:
    Content.objects.filter(pk__in=keys).update(leader=leader)


def _group(keys: Sequence[int], group: int) -> None:
    PictureHash.objects.filter(pk__in=keys).update(group=group)


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[at : at + _SLICE] for at in range(0, len(keys), _SLICE))
