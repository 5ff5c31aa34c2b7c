"""Scan: resumable, exact about what became due, and stopped when the Authority ends."""

import dataclasses
import datetime
import hashlib
from pathlib import Path
from typing import Any

import pytest
from casework.installations import actions, bank, case, make

from amparo.casework import scan as module
from amparo.casework.banks.store import open_banks
from amparo.casework.plan import MATCHING, ORDER
from amparo.casework.scan import scan
from amparo.catalogue import lease
from amparo.catalogue.models import Authority, Finding, Source
from amparo.evidence.authority import Scope
from amparo.evidence.errors import BadInput, NotAuthorised
from amparo.pipeline.stage import Visit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    for number in range(20):
        (root / f"f{number}").write_bytes(b"text %d" % (number % 10))
    return root


def spied(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every task given to the engine."""
    seen: list[Any] = []
    submit = module.PoolEngine.submit

    def watched(self: Any, tasks: Any) -> None:
        seen.extend(tasks)
        submit(self, tasks)

    monkeypatch.setattr(module.PoolEngine, "submit", watched)
    return seen


def test_a_new_bank_makes_only_matching_due(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = make(tmp_path / "home")
    row = case(installation)
    first = scan(installation, str(tree), "R-1")
    assert (first.resumed, first.visited, first.progress.total, first.progress.contents) == (False, 31, 21, 10)
    again = scan(installation, str(tree), "R-1")
    assert (again.resumed, again.was_finished, again.visited) == (True, True, 0)
    bank(installation, tmp_path, hashlib.sha256(b"text 3").hexdigest())
    seen = spied(monkeypatch)
    matched = scan(installation, str(tree), "R-1")
    assert (matched.visited, matched.progress.matches, matched.source) == (10, 1, first.source)
    assert {(task.visit, task.due) for task in seen} == {(Visit.SECOND, tuple(map(ORDER.index, MATCHING)))}
    assert actions(installation, row).count("scan.finished") == 3


def test_again_makes_a_new_source(tree: Path, tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    case(installation)
    one, two = (scan(installation, str(tree), "R-1", again=again) for again in (False, True))
    assert one.source != two.source
    assert (two.resumed, two.visited) == (False, 21), "its Contents are known already"
    assert scan(installation, str(tree), "R-1").source == two.source


def test_a_link_to_the_folder_is_the_same_source(tree: Path, tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    case(installation)
    (tmp_path / "link").symlink_to("tree")
    assert scan(installation, str(tree), "R-1").source == scan(installation, str(tmp_path / "link"), "R-1").source


def test_an_authority_that_ends_meanwhile_stops_the_scan_resumably(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = make(tmp_path / "home")
    now = datetime.datetime.now(datetime.UTC)
    row = case(installation, until=now + datetime.timedelta(hours=1))
    monkeypatch.setattr(module, "_SEAL_EVERY", 0.0)
    opened = module.open_source

    def opens_just_before(path: Any, authorities: Any, at: Any, openers: Any) -> Any:
        made, authority = opened(path, authorities, at, openers)
        soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(milliseconds=1)
        return made, dataclasses.replace(authority, until=soon)

    monkeypatch.setattr(module, "open_source", opens_just_before)
    with pytest.raises(NotAuthorised, match="ended") as refused:
        scan(installation, str(tree), "R-1")
    assert refused.value.exit_code == 5
    assert actions(installation, row)[-1] == "scan.stopped"
    source = Source.objects.get()
    assert (source.finished, source.owner) == (None, "")
    monkeypatch.undo()
    Authority.objects.update(until=None)
    done = scan(installation, str(tree), "R-1")
    assert (done.source, done.resumed, done.was_finished, done.progress.total) == (source, True, False, 21)
    assert Finding.objects.filter(current=False).count() == 0


def test_refusals_leave_no_source(tree: Path, tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    (tmp_path / "other").mkdir()
    case(installation, scope=Scope((str(tmp_path / "other").encode(),)))
    with pytest.raises(NotAuthorised):
        scan(installation, str(tree), "R-1")
    with pytest.raises(BadInput, match="No such"):
        scan(installation, str(tree / "missing"), "R-1")
    with pytest.raises(BadInput, match="No case"):
        scan(installation, str(tree), "R-2")
    assert Source.objects.count() == 0


def test_a_long_file_keeps_the_lease(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = make(tmp_path / "home")
    case(installation)
    monkeypatch.setattr(module, "_SEAL_EVERY", 0.0)
    renewed: list[int] = []
    renew = lease.renew

    def watched(source: int, owner: str) -> None:
        renewed.append(source)
        renew(source, owner)

    monkeypatch.setattr(module.lease, "renew", watched)
    done = scan(installation, str(tree), "R-1")
    chunks = sum(action == "results.recorded" for action in actions(installation, done.case))
    assert len(renewed) > chunks, "not only with results"


def test_interrupted_and_continued(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = make(tmp_path / "home")
    row = case(installation)
    monkeypatch.setattr(module, "_SHOW_EVERY", 0.0)

    def stop(progress: module.Progress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(installation, str(tree), "R-1", show=stop)
    assert actions(installation, row)[-1] == "scan.stopped"
    done = scan(installation, str(tree), "R-1")
    assert (done.resumed, done.was_finished, done.progress.done) == (True, False, 21)


def test_plain_copies_of_banks_stay_while_a_scan_runs(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Bank that changes meanwhile is swept only afterwards: workers may open its files late."""
    installation = make(tmp_path / "home")
    case(installation)
    bank(installation, tmp_path, hashlib.sha256(b"text 3").hexdigest())
    monkeypatch.setattr(module, "_SHOW_EVERY", 0.0)
    store = open_banks(installation.settings)
    (before,) = (state.segments for state in store.states())
    changed: list[bool] = []

    def change(progress: module.Progress) -> None:
        if not changed:
            bank(installation, tmp_path, hashlib.sha256(b"text 4").hexdigest())
            changed.append(all(path.is_file() for path, _ in before))

    scan(installation, str(tree), "R-1", show=change)
    assert changed == [True]
    assert Finding.objects.filter(kind="match.bank").count() == 1, "the Bank of when it began"
    with store.files.changing():
        store.sweep()
    assert not any(path.is_file() for path, _ in before), "the two segments were merged"
    assert scan(installation, str(tree), "R-1").progress.matches == 2
