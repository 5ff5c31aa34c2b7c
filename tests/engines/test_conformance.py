"""Every engine with every Ledger: the same rows as inline in memory, whatever dies."""

import datetime
import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from amparo.catalogue import lease, models
from amparo.catalogue.ledger import CatalogueLedger
from amparo.catalogue.outbox import Recorder
from amparo.catalogue.roots import create_source
from amparo.evidence.item import Locator
from amparo.pipeline import chunks
from amparo.pipeline.engines.inline import InlineEngine
from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.limits import MIB, Limits
from amparo.pipeline.memory import MemoryLedger
from amparo.pipeline.ports import Engine, Ledger
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory, Plan
from amparo.pipeline.task import Visited
from amparo.sources.folder import root_child

STORED = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
LIMITS = Limits(seconds=2.0, memory=600 * MIB)
BASE = (
    Factory("amparo.sources.analysers:Walk"),
    Factory("amparo.sources.analysers:DigestsOf"),
    Factory("amparo.sources.analysers:MediaType"),
    Factory("amparo.sources.analysers:Unpack"),
)


def plan(size: int = 1, seconds: float = 0.0) -> Plan:
    slow = Factory("engines.fake_analysers:Slow", {"seconds": seconds})
    return Plan.of(*BASE, Factory("engines.fake_analysers:Poison", {"tag": size}), slow)


class Stored:
    """A stored Ledger with what a test asks of it."""

    def __init__(self, plan: Plan, root: bytes) -> None:
        now = datetime.datetime.now(datetime.UTC)
        self.case = models.Case.objects.create(reference=str(uuid.uuid4()), created=now)
        authority = models.Authority.objects.create(case=self.case, text="test", valid_from=now)
        recorder = Recorder("os:test", self.case, authority.uuid)
        self.source = create_source(self.case, authority.uuid, "folder", root, root_child(root), recorder)
        self._owner = lease.take(self.source)
        self._recorder = recorder
        self.commits = 0
        self.use(plan)

    def use(self, plan: Plan) -> None:
        self._ledger = CatalogueLedger(self.source, plan, self._owner, self._recorder)

    def next_tasks(self) -> Any:
        return self._ledger.next_tasks()

    def commit(self, visited: Any) -> None:
        self._ledger.commit(visited)

    def rows(self) -> list[tuple[object, ...]]:
        rows = []
        for item in models.Item.objects.select_related("content"):
            content = item.content
            findings = models.Finding.objects.filter(current=True)
            mine = list(findings.filter(item=item, stage__visit="first"))
            mine += list(findings.filter(content=content)) if content else []
            given = [str(f) for f in findings.filter(item=item, stage__visit="walk")]
            falls = list(models.Shortfall.objects.filter(item=item).select_related("stage"))
            falls += list(models.Shortfall.objects.filter(content=content)) if content else []
            if not falls and item.reason:
                given.append(item.reason)
            rows.append(
                (
                    Locator.decode(bytes(item.locator)).path,
                    item.entry,
                    content.size if content else item.size,
                    bytes(content.sha256) if content else None,
                    content.media_type if content else None,
                    tuple(sorted(str((f.kind, sorted(f.facts.items()))) for f in mine)),
                    tuple(sorted(f"{f.stage.analyser}:{f.reason}" for f in falls)),
                    len(given),
                )
            )
        return sorted(rows, key=str)


class InMemory(MemoryLedger):
    """The in-memory Ledger under the same face."""

    def __init__(self, plan: Plan, root: bytes) -> None:
        super().__init__(plan, root_child(root))

    def rows(self) -> list[tuple[object, ...]]:
        # what came with the entry is told apart by number only: a stored Ledger keeps it in columns
        return sorted(((*row[:-1], _given(row[-1])) for row in super().rows()), key=str)


def _given(given: Any) -> int:
    return len(given)


@pytest.fixture
def tree(tmp_path: Path) -> bytes:
    root = tmp_path / "tree"
    for folder in range(3):
        (root / f"d{folder}").mkdir(parents=True)
        for number in range(60):
            (root / f"d{folder}" / f"f{number:03}").write_bytes(b"content %d" % (number % 40))
    (root / "link").symlink_to("d0")
    os.mkfifo(root / "pipe")
    return os.fsencode(root)


@pytest.fixture(params=["memory", pytest.param("stored", marks=STORED)])
def ledger(request: pytest.FixtureRequest, tree: bytes) -> Any:
    return Stored if request.param == "stored" else InMemory


@pytest.fixture(params=["inline", "pool"])
def engine(request: pytest.FixtureRequest, tree: bytes) -> Iterator[Callable[[Plan], Engine]]:
    made: list[Engine] = []

    def make(plan: Plan) -> Engine:
        reader = Factory("amparo.sources.reader:SourceReader", {"root": tree})
        one: Engine
        one = InlineEngine(plan, reader) if request.param == "inline" else PoolEngine(plan, reader, LIMITS, 2)
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


def expected(root: bytes, plan: Plan) -> list[tuple[object, ...]]:
    ledger = InMemory(plan, root)
    reader = Factory("amparo.sources.reader:SourceReader", {"root": root})
    run(ledger, InlineEngine(plan, reader))
    return ledger.rows()


def test_same_rows_as_inline(ledger: Any, engine: Any, tree: bytes) -> None:
    held = ledger(plan(), tree)
    run(held, engine(held_plan := plan()))
    rows = held.rows()
    assert rows == expected(tree, held_plan)
    assert len(rows) == 1 + 3 + 180 + 2


def test_nothing_is_due_twice(ledger: Any, engine: Any, tree: bytes) -> None:
    held = ledger(plan(), tree)
    run(held, engine(plan()))
    held.use(plan())
    assert held.next_tasks() == []


def test_new_config_makes_exactly_that_work_due(ledger: Any, engine: Any, tree: bytes) -> None:
    held = ledger(plan(1), tree)
    run(held, engine(plan(1)))
    newer = plan(2)
    held.use(newer)
    seen = []

    class Spy:
        def __init__(self, inner: Engine) -> None:
            self.inner = inner

        def submit(self, tasks: Any) -> None:
            seen.extend(tasks)
            self.inner.submit(tasks)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

    run(held, Spy(engine(newer)))
    assert len(seen) == 180
    assert {task.due for task in seen} == {(4,)}
    assert held.rows() == expected(tree, newer)


def test_duplicate_delivery_changes_nothing(ledger: Any, engine: Any, tree: bytes) -> None:
    held = ledger(plan(), tree)

    class Twice:
        def next_tasks(self) -> Any:
            return held.next_tasks()

        def commit(self, visited: Any) -> None:
            held.commit(visited)
            held.commit(visited)

    run(Twice(), engine(plan()))
    assert held.rows() == expected(tree, plan())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("segfault", "crash-sigsegv"),
        ("hang", "limit-time"),
        ("memory", "limit-memory"),
        ("exit", "crash"),
        ("raise", "error"),
    ],
)
def test_poison_is_settled_and_costs_nobody_else(ledger: Any, tree: bytes, name: str, reason: str) -> None:
    Path(os.fsdecode(tree), "d1", name).write_bytes(b"poison")
    held = ledger(plan(), tree)
    pool = PoolEngine(plan(), Factory("amparo.sources.reader:SourceReader", {"root": tree}), LIMITS, 2)
    try:
        run(held, pool)
    finally:
        pool.close()
    rows = {row[0]: row for row in held.rows()}
    poisoned = rows[b"d1/" + name.encode()]
    assert poisoned[6] == (f"poison:{reason}",)
    assert poisoned[3] is not None, "the digests of a poison file are kept"
    others = [row for path, row in rows.items() if path != b"d1/" + name.encode()]
    assert all(row[6] == () for row in others)
    assert len(others) == 186


def test_killed_worker_costs_nothing(ledger: Any, tree: bytes) -> None:
    slow = plan(seconds=0.02)
    held = ledger(slow, tree)
    pool = PoolEngine(slow, Factory("amparo.sources.reader:SourceReader", {"root": tree}), LIMITS, 2)
    killed = []

    def beat() -> None:
        alive = [worker.process for worker in pool._workers if worker.process.is_alive()]
        if len(killed) < 3 and alive:
            os.kill(alive[0].pid or 0, signal.SIGKILL)
            killed.append(alive[0].pid)

    try:
        run(held, pool, beat)
    finally:
        pool.close()
    assert len(killed) == 3
    assert held.rows() == expected(tree, slow)


def test_skipped_is_not_failed(ledger: Any, engine: Any, tree: bytes) -> None:
    Path(os.fsdecode(tree), "d1", "skip").write_bytes(b"locked")
    held = ledger(plan(), tree)
    run(held, engine(plan()))
    assert {row[0]: row for row in held.rows()}[b"d1/skip"][6] == ("poison:encrypted",)


def test_chunk_of_one(tree: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_TASKS", 1)
    held = MemoryLedger(plan(), root_child(tree))
    reader = Factory("amparo.sources.reader:SourceReader", {"root": tree})
    pool = PoolEngine(plan(), reader, LIMITS, 2)
    try:
        run(held, pool)
    finally:
        pool.close()
    assert len(held.rows()) == 186


def test_closed_engine_leaves_no_process(tree: bytes) -> None:
    reader = Factory("amparo.sources.reader:SourceReader", {"root": tree})
    pool = PoolEngine(plan(seconds=5.0), reader, LIMITS, 2)
    held = MemoryLedger(plan(seconds=5.0), root_child(tree))
    pool.submit(held.next_tasks())
    pids = [worker.process.pid for worker in pool._workers]
    pool.close()
    time.sleep(0.1)
    assert all(not Path(f"/proc/{pid}").exists() for pid in pids)


def test_protocols() -> None:
    """Static: mypy holds the classes against the ports."""
    ledgers: list[type[Ledger]] = [MemoryLedger, CatalogueLedger]
    engines: list[type[Engine]] = [InlineEngine, PoolEngine]
    assert ledgers and engines
    assert Visited
