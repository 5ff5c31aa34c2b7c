"""Counters say what COUNT queries say: after scans, reworks, repeats and transactions that died."""

import os
import zipfile
from pathlib import Path

import pytest
from catalogue.sources import counted, ledger, new_case, new_source, plan, scan
from django.db import transaction

from amparo.catalogue import counters
from amparo.catalogue.counters import Counts
from amparo.catalogue.models import Case
from amparo.catalogue.outbox import Recorder
from amparo.pipeline.engines.inline import InlineEngine
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for folder in range(3):
        (root / f"d{folder}").mkdir(parents=True)
        for number in range(30):
            (root / f"d{folder}" / f"f{number}").write_bytes(b"content %d" % (number % 20))
    (root / "raise").write_bytes(b"fails")
    (root / "skip").write_bytes(b"declined")
    (root / "empty").touch()
    (root / "link").symlink_to("d0")
    os.mkfifo(root / "pipe")
    with zipfile.ZipFile(root / "a.zip", "w") as archive:
        for name in ("m", "../up", "skip"):
            archive.writestr(name, b"member " + name.encode())
    return root


def agrees(case: Case) -> dict[str, dict[str, int]]:
    told = counters.read(source__case=case)
    assert told == counted(case)
    return told


def test_after_a_scan_and_after_reworks(tree: Path) -> None:
    case = new_case()
    source = new_source(tree, case)
    agrees(case)
    scan(source, plan())
    first = agrees(case)
    assert first["entry"] == {"directory": 4, "file": 97, "symlink": 1, "fifo": 1}
    assert first["item"]["failed"] == 1
    assert first["short"]["failed:error"] == 1
    assert first["finding"]["archive.member_name"] == 1
    assert scan(source, plan(2)) == 97
    assert agrees(case) == first
    (tree / "empty").rename(tree / "other")  # the second rework finds it gone
    scan(source, plan(3))
    assert agrees(case)["short"]["failed:vanished"] == 1


def test_over_two_sources_that_share_contents(tree: Path) -> None:
    case = new_case()
    one, two = new_source(tree, case), new_source(tree, case)
    scan(one, plan())
    scan(two, plan())
    scan(one, plan(2, seconds=0.0001))
    told = agrees(case)
    assert told["item"]["with_content"] == 2 * 97
    assert sum(told["content"].values()) < 97


class Killed(BaseException):
    pass


def test_after_transactions_that_died(tree: Path) -> None:
    case = new_case()
    source = new_source(tree, case)
    for survived in range(3):
        run_until_killed(source, survived)
        agrees(case)
    scan(source, plan())
    after = agrees(case)
    other = new_case()
    scan(new_source(tree, other), plan())
    assert after == agrees(other)


def run_until_killed(source: object, commits: int) -> None:
    """Die with everything of a chunk written and nothing of it committed, after so many chunks."""
    held = ledger(source, plan())  # type: ignore[arg-type]

    class Dying(Recorder):
        left = commits

        def record(self, *words: object) -> None:  # type: ignore[override]
            self.left -= 1
            if self.left < 0:
                raise Killed
            super().record(*words)  # type: ignore[arg-type]

    held._recorder = Dying("os:test", source.case)  # type: ignore[attr-defined]
    reader = Factory("amparo.sources.reader:SourceReader", {"root": bytes(source.root)})  # type: ignore[attr-defined]
    with pytest.raises(Killed):
        run(held, InlineEngine(plan(), reader))


def test_changes_add_up_and_zeros_are_not_told(tmp_path: Path) -> None:
    source = new_source(tmp_path)
    before = counters.read(source=source)
    for number in (2, 3, -5, 0):
        counts = Counts()
        counts.finding("a.b", number)
        counts.bytes(2**40 * number)
        with transaction.atomic():
            counters.add(source.pk, counts)
        if number == 3:
            assert counters.read(source=source)["finding"] == {"a.b": 5}
            assert counters.read(source=source)["bytes"] == {"distinct": 5 * 2**40}
    assert counters.read(source=source) == before
