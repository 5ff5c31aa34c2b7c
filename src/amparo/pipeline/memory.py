"""A Ledger in memory: for tests, and the reference that stored Ledgers must agree with."""

import collections
import dataclasses
from collections.abc import Sequence
from typing import cast

from amparo.evidence.item import Child, Entry, Locator
from amparo.pipeline.chunks import is_large, take
from amparo.pipeline.record import Record, Shortfall, record
from amparo.pipeline.stage import Plan, Stage, Visit
from amparo.pipeline.task import KnownContent, Task, Visited


@dataclasses.dataclass(slots=True)
class _Subject:
    """An Item, or a Content with the place it was first seen at."""

    locator: Locator
    entry: Entry
    size: int | None
    budget: int | None = None
    content: KnownContent | None = None
    done: set[Stage] = dataclasses.field(default_factory=set)
    findings: dict[str, list[object]] = dataclasses.field(default_factory=dict)  # by analyser
    shortfalls: dict[str, Shortfall] = dataclasses.field(default_factory=dict)
    given: list[object] = dataclasses.field(default_factory=list)  # findings and outcome that came with the entry


class MemoryLedger:
    """Holds everything in dictionaries; ``stored`` counts how often results were stored by subject and stage."""

    def __init__(self, plan: Plan, root: Child) -> None:
        self.plan = plan
        self.stored: dict[tuple[str, int, Stage], int] = {}
        self._queues: tuple[collections.deque[Task], ...] = tuple(collections.deque() for _ in range(4))
        self._items: dict[int, _Subject] = {}
        self._keys: dict[Locator, int] = {}
        self._contents: dict[int, _Subject] = {}
        self._content_keys: dict[bytes, int] = {}
        self._add(Locator((root.step,)), root)

    def use(self, plan: Plan) -> None:
        """Go on with another plan, as after an upgrade or a new Bank."""
        self.plan = plan
        for queue in self._queues:
            queue.clear()
        for key, subject in self._items.items():
            self._enqueue(Visit.WALK, key, subject)
            self._enqueue(Visit.FIRST, key, subject)
        for key, subject in self._contents.items():
            self._enqueue(Visit.SECOND, key, subject)

    def next_tasks(self) -> Sequence[Task]:
        """The next chunk, in the order of :mod:`amparo.pipeline.chunks`."""
        return next((chunk for queue in self._queues if (chunk := take(queue))), [])

    def commit(self, visited: Sequence[Visited]) -> None:
        """Store what was not stored before."""
        for each in map(record, visited):
            second = each.task.visit is Visit.SECOND
            subject = (self._contents if second else self._items)[each.task.key]
            stages = [self.plan.stages[index] for index in each.task.due]
            if not set(stages) <= subject.done:
                self._store(each, subject, stages)

    def rows(self) -> list[tuple[object, ...]]:
        """Everything stored, sorted, without keys: (path, entry, size, sha256, type, findings, shortfalls)."""
        rows: list[tuple[object, ...]] = []
        for subject in self._items.values():
            content = subject.content
            second = self._contents[self._content_keys[content.sha256]] if content else None
            rows.append(
                (
                    subject.locator.path,
                    subject.entry.value,
                    content.size if content else subject.size,
                    content.sha256 if content else None,
                    content.media_type if content else None,
                    tuple(sorted(str(f) for s in (subject, second) if s for fs in s.findings.values() for f in fs)),
                    tuple(sorted(f"{a}:{f.reason}" for s in (subject, second) if s for a, f in s.shortfalls.items())),
                    tuple(str(each) for each in subject.given),
                )
            )
        return sorted(rows, key=str)

    def contents(self) -> list[KnownContent]:
        """The distinct Contents, in the order in which they were met."""
        return [subject.content for subject in self._contents.values() if subject.content is not None]

    def findings(self) -> list[tuple[str, dict[str, object]]]:
        """Kind and facts of everything that was found, by subject and analyser."""
        subjects = (*self._items.values(), *self._contents.values())
        told = [each for subject in subjects for some in subject.findings.values() for each in some]
        return [(kind, dict(facts)) for kind, facts in cast(list[tuple[str, list[tuple[str, object]]]], told)]

    def failures(self) -> list[str]:
        """The reasons of stages that failed."""
        subjects = (*self._items.values(), *self._contents.values())
        return sorted({fall.reason for subject in subjects for fall in subject.shortfalls.values() if fall.failed})

    def _store(self, each: Record, subject: _Subject, stages: Sequence[Stage]) -> None:
        for stage in stages:
            subject.done.add(stage)
            subject.findings.pop(stage.analyser, None)
            subject.shortfalls.pop(stage.analyser, None)
            kind = "content" if each.task.visit is Visit.SECOND else "item"
            self.stored[kind, each.task.key, stage] = self.stored.get((kind, each.task.key, stage), 0) + 1
        for index, finding in each.findings:
            told = (finding.kind, sorted(finding.facts.items()))
            subject.findings.setdefault(self.plan.stages[index].analyser, []).append(told)
        for fall in each.shortfalls:
            subject.shortfalls[self.plan.stages[fall.stage].analyser] = fall
        if each.picture is not None and subject.content is not None:
            subject.content = dataclasses.replace(subject.content, picture=each.picture)
        if each.content is not None:
            subject.content = each.content
            if each.content.sha256 not in self._content_keys:
                key = self._content_keys[each.content.sha256] = len(self._content_keys) + 1
                twin = _Subject(subject.locator, subject.entry, each.content.size, content=each.content)
                self._contents[key] = twin
                self._enqueue(Visit.SECOND, key, twin)
        for _, child in each.children:
            nested = child.step.record is not None
            self._add(subject.locator.child(child.step) if nested else Locator((child.step,)), child)

    def _add(self, locator: Locator, child: Child) -> None:
        if locator in self._keys:
            return
        key = self._keys[locator] = len(self._keys) + 1
        given: list[object] = [*child.findings, *([child.outcome] if child.outcome else [])]
        subject = self._items[key] = _Subject(locator, child.entry, child.size, child.budget, given=given)
        self._enqueue(Visit.WALK, key, subject)
        self._enqueue(Visit.FIRST, key, subject)

    def _enqueue(self, visit: Visit, key: int, subject: _Subject) -> None:
        due = self._due(visit, subject)
        if not due:
            return
        content = subject.content if visit is Visit.SECOND else None
        task = Task(key, visit, subject.locator, subject.entry, subject.size, due, subject.budget, content)
        lane = {Visit.WALK: 0, Visit.FIRST: 1 if is_large(task) else 2, Visit.SECOND: 3}[visit]
        self._queues[lane].append(task)

    def _due(self, visit: Visit, subject: _Subject) -> tuple[int, ...]:
        if visit is not Visit.SECOND and (
            any(not hasattr(each, "kind") for each in subject.given)
            or subject.entry is not (Entry.DIRECTORY if visit is Visit.WALK else Entry.FILE)
            or (visit is Visit.WALK and subject.locator.depth > 0)
        ):
            return ()
        return self.plan.due(visit, lambda index: self.plan.stages[index] in subject.done)
