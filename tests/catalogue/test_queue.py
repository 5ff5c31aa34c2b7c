"""The queue: lanes in order, each due subject once per run, and nothing that is done."""

from pathlib import Path

import pytest
from catalogue.sources import WALKING, ledger, new_case, new_source, plan, scan

from amparo.catalogue.models import Content, Lane
from amparo.catalogue.queue import Queue, lane_of
from amparo.catalogue.stages import StageRegistry
from amparo.evidence.item import Entry
from amparo.pipeline.chunks import LARGE
from amparo.pipeline.stage import Plan, Visit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.mark.parametrize(
    ("entry", "size", "depth", "lane"),
    [
        (Entry.DIRECTORY, None, 0, Lane.WALK),
        (Entry.DIRECTORY, None, 1, Lane.NONE),
        (Entry.FILE, None, 2, Lane.SMALL),
        (Entry.FILE, LARGE, 0, Lane.SMALL),
        (Entry.FILE, LARGE + 1, 0, Lane.LARGE),
        (Entry.SYMLINK, 5, 0, Lane.NONE),
    ],
)
def test_lanes(entry: Entry, size: int | None, depth: int, lane: Lane) -> None:
    assert lane_of(entry, size, depth) is lane


def tree(root: Path) -> Path:
    for folder in range(2):
        (root / f"d{folder}").mkdir()
        for number in range(5):
            (root / f"d{folder}" / f"f{number}").write_bytes(b"%d" % number)
    with open(root / "d0" / "large", "wb") as stream:
        stream.truncate(LARGE + 1)
    return root


def drained(queue: Queue) -> list[tuple[Visit, bytes]]:
    found = []
    while chunk := queue.next_tasks():
        found += [(task.visit, task.locator.path) for task in chunk]
    return found


def test_directories_then_large_files_then_the_rest(tmp_path: Path) -> None:
    source = new_source(tree(tmp_path))
    scan(source, WALKING)
    (tmp_path / "d0" / "later").write_bytes(b"not walked again")
    found = drained(Queue(source, StageRegistry(plan())))
    assert [visit for visit, _ in found] == [Visit.FIRST] * 11
    assert found[0][1] == b"d0/large"
    assert len(set(found)) == 11


def test_contents_come_once_at_their_first_place(tmp_path: Path) -> None:
    case = new_case()
    source = new_source(tree(tmp_path), case)
    first_only = Plan(plan().stages[:5], plan().factories[:5])
    scan(source, first_only)
    registry = StageRegistry(plan())
    found = drained(Queue(source, registry))
    assert sorted(path for _, path in found) == [*(b"d0/f%d" % number for number in range(5)), b"d0/large"]
    assert {visit for visit, _ in found} == {Visit.SECOND}
    Content.objects.filter(case=case).update(stages=registry.with_done(None, (5,)))
    assert drained(Queue(source, registry)) == []


def test_a_second_look_finds_nothing_twice(tmp_path: Path) -> None:
    source = new_source(tree(tmp_path))
    scan(source, WALKING)
    queue = Queue(source, StageRegistry(plan()))
    first = drained(queue)
    queue.wake(items=True, contents=True)
    assert drained(queue) == []
    queue.rewind()
    assert drained(queue) == first


def test_sources_do_not_mix(tmp_path: Path) -> None:
    case = new_case()
    one, two = new_source(tree(tmp_path), case), new_source(tmp_path / "d1", case)
    scan(one, plan())
    assert [path for _, path in drained(Queue(two, StageRegistry(plan())))] == [b"."]
    assert scan(two, plan()) == 1 + 5, "its Contents were done at the other Source"
    assert ledger(two, plan()).next_tasks() == []
