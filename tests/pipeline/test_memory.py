"""The Ledger in memory: each result once, and new configuration makes exactly that work due."""

import dataclasses
import os
from pathlib import Path

from amparo.pipeline.engines.inline import InlineEngine
from amparo.pipeline.memory import MemoryLedger
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory, Plan, Visit
from amparo.sources.folder import root_child

NAMES = ("Walk", "DigestsOf", "MediaType", "Unpack")
BASE = tuple(Factory(f"amparo.sources.analysers:{name}") for name in NAMES)


def plan(tag: int = 1) -> Plan:
    poison = Factory("engines.fake_analysers:Poison", {"tag": tag})
    return Plan.of(*BASE, poison, Factory("engines.fake_analysers:Slow"))


def ledger(tree: Path, held: Plan) -> tuple[MemoryLedger, Factory]:
    (tree / "sub").mkdir()
    for name in ("a", "sub/b", "sub/c"):
        (tree / name).write_bytes(b"same" if name != "a" else b"other")
    root = os.fsencode(tree)
    return MemoryLedger(held, root_child(root)), Factory("amparo.sources.reader:SourceReader", {"root": root})


def test_each_result_is_stored_once(tmp_path: Path) -> None:
    held, reader = ledger(tmp_path, plan())
    run(held, InlineEngine(plan(), reader))
    assert set(held.stored.values()) == {1}
    kinds = [(kind, stage.analyser) for kind, _, stage in held.stored]
    assert kinds.count(("item", "walk")) == 2
    assert kinds.count(("item", "digests")) == 3
    assert kinds.count(("content", "slow")) == 2, "a Content is visited once, however many Items have it"


def test_new_configuration_replaces_its_findings(tmp_path: Path) -> None:
    held, reader = ledger(tmp_path, plan())
    run(held, InlineEngine(plan(), reader))
    held.use(plan(2))
    due = held.next_tasks()
    assert {task.due for task in due} == {(4,)}
    assert len(due) == 3
    held.use(plan(2))
    run(held, InlineEngine(plan(2), reader))
    told = [text for row in held.rows() for text in row[5] if "fake.size" in text]  # type: ignore[attr-defined]
    assert len(told) == 3
    assert all("('tag', 2)" in text for text in told)


def test_repeats_change_nothing(tmp_path: Path) -> None:
    held, reader = ledger(tmp_path, plan())
    engine = InlineEngine(plan(), reader)
    engine.submit(held.next_tasks())
    ((visited,),) = engine.wait(0)
    held.commit([visited, dataclasses.replace(visited)])
    held.commit([visited])
    assert len(held.rows()) == 3
    assert set(held.stored.values()) == {1}
    assert visited.task.visit is Visit.WALK
