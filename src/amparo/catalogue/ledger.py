"""The Ledger in the database: one Source, one driver, one transaction per chunk."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from amparo.catalogue import lease
from amparo.catalogue.models import Source
from amparo.catalogue.outbox import Recorder
from amparo.catalogue.queue import Queue
from amparo.catalogue.stages import StageRegistry
from amparo.catalogue.writer import Writer
from amparo.pipeline.record import record
from amparo.pipeline.stage import Plan
from amparo.pipeline.task import Task, Visited


class CatalogueLedger:
    """Implements :class:`amparo.pipeline.ports.Ledger` for one Source whose lease this process holds."""

    def __init__(
        self, source: Source, plan: Plan, owner: str, recorder: Recorder, contents: Q | None = None
    ) -> None:  # ``contents``: of which Contents the second visit is done
        self._source = source
        self._owner = owner
        self._recorder = recorder
        self._registry = StageRegistry(plan)
        self._queue = Queue(source, self._registry, contents)
        self._writer = Writer(source, self._registry)
        self._under_way = 0
        self._fresh_look = True
        self.visited = 0

    def next_tasks(self) -> Sequence[Task]:
        """The next chunk of due subjects."""
        tasks = self._queue.next_tasks()
        if not tasks and self._under_way == 0 and not self._fresh_look:
            self._fresh_look = True
            self._queue.rewind()
            tasks = self._queue.next_tasks()
        self._under_way += len(tasks)
        if tasks:
            self._fresh_look = False
        return tasks

    def commit(self, visited: Sequence[Visited]) -> None:
        """Store a chunk: many children come in transactions of their own first, the done marks in the last one."""
        self._under_way -= len(visited)
        self.visited += len(visited)
        records = [record(each) for each in visited]
        self._queue.wake(
            items=any(each.children for each in records), contents=any(each.content is not None for each in records)
        )
        for part in self._writer.ahead(records):
            with transaction.atomic():
                lease.renew(self._source.pk, self._owner)
                self._writer.write_children(part)
        with transaction.atomic():
            lease.renew(self._source.pk, self._owner)
            written = self._writer.write(records)
            if written is not None:
                self._recorder.record("results.recorded", written)
