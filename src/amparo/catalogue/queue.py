"""Queue: which subjects of a Source are due, handed out once per run in an order that keeps all cores busy.

Lanes in the order of :mod:`amparo.pipeline.chunks`. Each lane is one keyset scan over rows whose set of done stages
lacks something; a page costs time in proportion to the rows it passes, and each row is passed once.
"""

import collections
from collections.abc import Iterable

from django.db.models import Exists, Min, OuterRef, Q

from amparo.catalogue.models import Content, Item, Lane, Source, Stage, StageSet
from amparo.catalogue.stages import StageRegistry
from amparo.evidence.item import Entry, Locator
from amparo.pipeline.chunks import LARGE, take
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import KnownContent, KnownPicture, Task

_PAGE = 2_000
_PICTURE = ("picture__pdq", "picture__quality", "picture__pdq_512", "picture__views")


def lane_of(entry: Entry, size: int | None, depth: int) -> Lane:
    """The lane of a new Item that has bytes or entries to look at."""
    if entry is Entry.DIRECTORY:
        return Lane.WALK if depth == 0 else Lane.NONE
    if entry is Entry.FILE:
        return Lane.LARGE if (size or 0) > LARGE else Lane.SMALL
    return Lane.NONE


def hashed(analyser: str, version: str) -> Q:
    """Contents on which this Analyser is done, in this version."""
    stages = set(Stage.objects.filter(analyser=analyser, version=version).values_list("pk", flat=True))
    members = StageSet.objects.values_list("pk", "members")
    return Q(stages__in=[key for key, text in members if stages & {int(part) for part in text.split(",") if part}])


def _picture(pdq: bytes | None, quality: int, pdq_512: bytes | None, views: bytes) -> KnownPicture | None:
    if pdq is None:
        return None
    return KnownPicture(bytes(pdq), quality, None if pdq_512 is None else bytes(pdq_512), bytes(views))


class Queue:
    """Hands out Tasks of one Source."""

    def __init__(self, source: Source, registry: StageRegistry, contents: Q | None = None) -> None:
        self._source = source
        self._contents = contents or Q()
        self._registry = registry
        self._lanes = (
            _Lane(self, Visit.WALK, Lane.WALK),
            _Lane(self, Visit.FIRST, Lane.LARGE),
            _Lane(self, Visit.FIRST, Lane.SMALL),
            _Lane(self, Visit.SECOND, None),
        )

    def next_tasks(self) -> list[Task]:
        """The next chunk, empty if no lane has any now."""
        for lane in self._lanes:
            if tasks := lane.next_chunk():
                return tasks
        return []

    def wake(self, items: bool, contents: bool) -> None:
        """New Items, or Contents, were committed: lanes of theirs that had run dry may have some again."""
        for lane in self._lanes:
            if contents if lane.visit is Visit.SECOND else items:
                lane.dry = False

    def rewind(self) -> None:
        """Look again from the start, once nothing is under way: finds Contents that an older row now shares."""
        self.wake(items=True, contents=True)
        for lane in self._lanes:
            lane.cursor = 0

    def item_tasks(self, visit: Visit, lane: Lane, cursor: int) -> list[Task]:
        """A page of directories or files of a lane after ``cursor`` that lack a stage of this visit."""
        rows = Item.objects.filter(source=self._source, lane=lane, pk__gt=cursor).filter(self._lacking(visit))
        columns = ("pk", "locator", "entry", "size", "budget", "stages_id")
        return [
            Task(
                key=key,
                visit=visit,
                locator=Locator.decode(bytes(locator)),
                entry=Entry(entry),
                size=size,
                due=self._registry.due(visit, stages),
                budget=budget,
            )
            for key, locator, entry, size, budget, stages in rows.order_by("pk").values_list(*columns)[:_PAGE]
        ]

    def content_tasks(self, cursor: int) -> list[Task]:
        """A page of Contents of this Source after ``cursor``, each at the first Item it lies at."""
        here = Item.objects.filter(source=self._source, content=OuterRef("pk"))
        rows = Content.objects.filter(Exists(here), self._contents, case=self._source.case_id, pk__gt=cursor)
        columns = ("pk", "sha256", "sha1", "md5", "size", "media_type", "stages_id", *_PICTURE)
        found = list(rows.filter(self._lacking(Visit.SECOND)).order_by("pk").values_list(*columns)[:_PAGE])
        keys = [row[0] for row in found]
        places = Item.objects.filter(source=self._source, content__in=keys).values("content").annotate(first=Min("pk"))
        firsts = dict(places.values_list("content", "first"))
        locators = dict(Item.objects.filter(pk__in=firsts.values()).values_list("pk", "locator"))
        return [
            Task(
                key=key,
                visit=Visit.SECOND,
                locator=Locator.decode(bytes(locators[firsts[key]])),
                entry=Entry.FILE,
                size=size,
                due=self._registry.due(Visit.SECOND, stages),
                content=KnownContent(bytes(sha256), bytes(sha1), bytes(md5), size, named, _picture(*picture)),
            )
            for key, sha256, sha1, md5, size, named, stages, *picture in found
        ]

    def _lacking(self, visit: Visit) -> Q:
        if not self._registry.plan.indexes(visit):
            return Q(pk__in=[])
        return ~Q(stages__in=self._registry.satisfied(visit))  # holds for rows without a set, too


class _Lane:
    """One keyset scan with the rows it has read ahead."""

    def __init__(self, queue: Queue, visit: Visit, lane: Lane | None) -> None:
        self._queue = queue
        self.visit = visit
        self._lane = lane
        self._ahead: collections.deque[Task] = collections.deque()
        self.cursor = 0
        self.dry = False

    def next_chunk(self) -> list[Task]:
        if not self._ahead and not self.dry:
            self._ahead.extend(self._page())
            if self._ahead:
                self.cursor = self._ahead[-1].key
            else:
                self.dry = True
        return take(self._ahead)

    def _page(self) -> Iterable[Task]:
        if self._lane is None:
            return self._queue.content_tasks(self.cursor)
        return self._queue.item_tasks(self.visit, self._lane, self.cursor)
