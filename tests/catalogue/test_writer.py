"""The writer: large directories in several transactions, the same rows after any crash, old Findings superseded."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from catalogue.sources import WALKING, counted, ledger, new_case, new_source, plan, scan

from amparo.catalogue import counters, writer
from amparo.catalogue.models import Case, Content, Finding, Item, OutboxEvent, Shortfall, Source
from amparo.catalogue.writer import AHEAD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
MANY = 7_000


class Killed(BaseException):
    pass


@contextmanager
def inserts(die_at: int | None = None) -> Iterator[list[int]]:
    """Numbers of Items per INSERT; dies in that one, after the database has done it."""
    seen: list[int] = []
    insert = writer.insert_many

    def watch(table: str, columns: Any, rows: Any, conflict: str = "") -> None:
        insert(table, columns, rows, conflict)
        if table == "catalogue_item":
            seen.append(len(rows))
            if len(seen) == die_at:
                raise Killed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(writer, "insert_many", watch)
        yield seen


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("large")
    for number in range(MANY):
        (root / f"f{number:04}").touch()
    return root


def names(source: Source) -> list[bytes]:
    return sorted(bytes(tail) for tail in Item.objects.filter(source=source).values_list("tail", flat=True))


def test_a_large_directory_goes_in_several_transactions(large: Path) -> None:
    source = new_source(large)
    with inserts() as seen:
        scan(source, WALKING)
    assert seen == [AHEAD, AHEAD, AHEAD, MANY - 3 * AHEAD]
    assert names(source) == sorted([b".", *(b"f%04d" % number for number in range(MANY))])
    told = [
        row.body for row in OutboxEvent.objects.filter(case=source.case) if row.body["action"] == "results.recorded"
    ]
    assert [body["facts"]["items"] for body in told] == [MANY], "the custody event counts all of them"


@pytest.mark.parametrize("die_at", [1, 2, 4])
def test_a_crash_between_them_stores_each_once(die_at: int, large: Path) -> None:
    source = new_source(large)
    with inserts(die_at), pytest.raises(Killed):
        scan(source, WALKING)
    assert Item.objects.filter(source=source).count() == 1 + AHEAD * (die_at - 1)
    assert counters.read(source__case=source.case) == counted(source.case)
    assert Item.objects.get(source=source, parent=None).stages is None
    scan(source, WALKING)
    assert len(names(source)) == len(set(names(source))) == 1 + MANY
    assert counters.read(source__case=source.case) == counted(source.case)
    assert scan(source, WALKING) == 0


def small(root: Path) -> Path:
    (root / "a").write_bytes(b"same")
    (root / "b").write_bytes(b"same")
    (root / "skip").write_bytes(b"declined")
    return root


def test_rework_supersedes_and_keeps(tmp_path: Path) -> None:
    source = new_source(small(tmp_path))
    scan(source, plan(1))
    scan(source, plan(2))
    sizes = Finding.objects.filter(kind="fake.size").order_by("pk")
    assert [(row.facts["tag"], row.current) for row in sizes] == [(1, False), (1, False), (2, True), (2, True)]
    assert Finding.objects.get(kind="fake.content", content__sha256=_same()).current
    assert Shortfall.objects.count() == 1, "the old reason went with the old result"
    scan(source, plan(2, seconds=0.0001))
    contents = Finding.objects.filter(kind="fake.content", content__sha256=_same()).order_by("pk")
    assert [row.current for row in contents] == [False, True]


def _same() -> bytes:
    return bytes(Content.objects.get(size=4).sha256)


def test_the_same_chunk_again_stores_nothing(tmp_path: Path) -> None:
    from amparo.pipeline.engines.inline import InlineEngine
    from amparo.pipeline.stage import Factory

    source = new_source(small(tmp_path))
    held = ledger(source, plan())
    engine = InlineEngine(plan(), Factory("amparo.sources.reader:SourceReader", {"root": bytes(source.root)}))
    while tasks := held.next_tasks():
        engine.submit(tasks)
        for visited in engine.wait(0):
            held.commit(visited)
            before = state(source.case)
            held.commit(visited)
            assert state(source.case) == before


def state(case: Case) -> tuple[object, ...]:
    tables = (Item, Content, Finding, Shortfall, OutboxEvent)
    return (*(table.objects.count() for table in tables), json.dumps(counters.read(source__case=case), sort_keys=True))


def test_a_file_that_changed_gets_its_new_content(tmp_path: Path) -> None:
    source = new_source(small(tmp_path))
    scan(source, WALKING)
    (tmp_path / "a").write_bytes(b"longer now")
    scan(source, plan())
    rows = {bytes(row.tail): row for row in Item.objects.filter(source=source)}
    assert (rows[b"a"].reason, rows[b"a"].content) == ("changed", None)
    assert rows[b"b"].content is not None


def test_one_content_at_many_items(tmp_path: Path) -> None:
    case = new_case()
    one, two = new_source(small(tmp_path), case), new_source(tmp_path, case)
    scan(one, plan())
    scan(two, plan())
    assert Content.objects.filter(case=case).count() == 2
    assert Item.objects.filter(content__sha256=_same()).count() == 4
    assert Finding.objects.filter(kind="fake.content", content__sha256=_same()).count() == 1
