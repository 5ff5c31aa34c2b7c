"""Rematch: a new Bank is compared with what is catalogued, and the evidence is not needed for it."""

import contextlib
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from casework.installations import actions, bank, case, make
from casework.pictures import copies, kinds, picture, plain_bank, verified

from amparo.casework import plan
from amparo.casework.banks.judging import judge
from amparo.casework.banks.rematch import rematch
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue import lease, models
from amparo.catalogue.models import Case, Content, Finding, OutboxEvent, Shortfall, Source
from amparo.evidence.errors import BadInput
from amparo.media.picture_hash import PictureHash

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
TEXT = b"a text that a list names"
SHA256 = hashlib.sha256(TEXT).hexdigest()
CONTENTS = 4  # a text, two pictures, a damaged one


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "text.txt").write_bytes(TEXT)
    (root / "again.txt").write_bytes(TEXT)
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    picture(1).save(root / "other.png")
    copies(root, 2, 1)
    return root


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def scanned(installation: Installation, tree: Path, reference: str = "R-1") -> Case:
    made = case(installation, reference)
    scan(installation, str(tree), reference)
    return made


def done(installation: Installation, reference: str | None = None) -> list[tuple[str, int, int]]:
    return [(each.case.reference, each.compared, each.unhashed) for each in rematch(installation, reference)]


def others(made: Case) -> list[tuple[int, bool]]:
    """Findings that no Bank has a part in."""
    found = Finding.objects.filter(case=made).exclude(stage__analyser__in=plan.MATCHING)
    return list(found.order_by("pk").values_list("pk", "current"))


def test_new_banks_are_matched_after_the_evidence_is_gone(
    tree: Path, tmp_path: Path, installation: Installation
) -> None:
    made = scanned(installation, tree)
    before = others(made)
    assert before
    shutil.rmtree(tree)
    bank(installation, tmp_path, SHA256)
    plain_bank(installation, tmp_path, 2)
    seen: list[int] = []
    (result,) = rematch(installation, "R-1", seen.append)
    assert (result.compared, result.unhashed, result.flooded) == (CONTENTS, 0, ())
    assert max(seen) == CONTENTS
    assert kinds(made) == {"match.bank": 1, "match.near": 1}
    near = Finding.objects.get(case=made, kind="match.near", current=True)
    assert near.facts["bank_name"] == "Looks"
    assert near.content == Content.objects.get(case=made, pk=near.content_id, media_type="image/jpeg")
    assert others(made) == before
    assert not Shortfall.objects.filter(content__case=made).exclude(stage__analyser="picture").exists()
    assert actions(installation, made)[-1] == "matching.renewed"
    verified(installation, made)
    assert OutboxEvent.objects.count() == 0
    assert done(installation) == [("R-1", 0, 0)]


def test_a_newer_version_supersedes_what_the_older_one_found(
    tree: Path, tmp_path: Path, installation: Installation
) -> None:
    bank(installation, tmp_path, SHA256)
    made = scanned(installation, tree)
    old = Finding.objects.get(case=made, kind="match.bank")
    bank(installation, tmp_path, SHA256, "0" * 64)
    assert done(installation) == [("R-1", CONTENTS, 0)]
    old.refresh_from_db()
    new = Finding.objects.get(case=made, kind="match.bank", current=True)
    assert (old.current, old.facts["bank_version"], new.facts["bank_version"]) == (False, 1, 2)
    assert Source.objects.get(case=made).counters.get(name="finding", key="match.bank").value == 1


def test_a_denied_entry_matches_no_more(tree: Path, tmp_path: Path, installation: Installation) -> None:
    plain_bank(installation, tmp_path, 2)
    made = scanned(installation, tree)
    assert kinds(made) == {"match.near": 1}
    judge(installation, "Looks", "1", "denied", "another picture")
    assert kinds(made) == {"match.near": 1}, "until it is compared again"
    assert done(installation) == [("R-1", CONTENTS, 0)]
    assert kinds(made) == {}


def test_what_was_never_hashed_waits_for_a_scan(
    tree: Path, tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:  # a release that knew no hashes of pictures
        earlier.setattr(plan, "ORDER", tuple(name for name in plan.ORDER if name not in ("picture_hash", "near_match")))
        made = scanned(installation, tree)
    plain_bank(installation, tmp_path, 2)
    assert done(installation) == [("R-1", 0, CONTENTS)]
    assert kinds(made) == {}
    scan(installation, str(tree), "R-1")
    assert kinds(made) == {"match.near": 1}
    assert done(installation) == [("R-1", 0, 0)]


def test_a_file_that_came_since_then_is_not_looked_for(tree: Path, tmp_path: Path, installation: Installation) -> None:
    made = scanned(installation, tree)
    copies(tree, 2, 2)
    plain_bank(installation, tmp_path, 2)
    assert done(installation) == [("R-1", CONTENTS, 0)]
    assert kinds(made) == {"match.near": 1}


def test_all_cases_or_one(tree: Path, tmp_path: Path, installation: Installation) -> None:
    for reference in ("R-1", "R-2"):
        scanned(installation, tree, reference)
    case(installation, "EMPTY")
    bank(installation, tmp_path, SHA256)
    assert done(installation, "R-2") == [("R-2", CONTENTS, 0)]
    assert done(installation) == [("R-1", CONTENTS, 0), ("R-2", 0, 0), ("EMPTY", 0, 0)]
    with pytest.raises(BadInput, match="R-9"):
        done(installation, "R-9")


@contextlib.contextmanager
def living() -> Iterator[int]:
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def test_a_source_that_a_living_process_works_on_is_left_alone(
    tree: Path, tmp_path: Path, installation: Installation
) -> None:
    made = scanned(installation, tree)
    bank(installation, tmp_path, SHA256)
    mine = lease.this_process()
    with living() as pid:
        theirs = f"{mine.split(':')[0]}:{pid}:{lease._started(pid)}"
        Source.objects.update(owner=theirs)
        with pytest.raises(BadInput, match="Another process") as refused:
            done(installation)
        assert refused.value.hint
        assert Source.objects.get().owner == theirs
        assert kinds(made) == {}
    assert done(installation) == [("R-1", CONTENTS, 0)], "it has died"
    assert Source.objects.get().owner == ""


def test_a_source_is_free_again_when_matching_fails(
    tree: Path, tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scanned(installation, tree)
    bank(installation, tmp_path, SHA256)

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("amparo.casework.banks.rematch.run", fails)
        with pytest.raises(KeyboardInterrupt):
            done(installation)
    assert Source.objects.get().owner == ""
    assert kinds(made) == {}
    assert done(installation) == [("R-1", CONTENTS, 0)]


def test_only_matching_is_asked_of_a_worker(
    tree: Path, tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(installation, tree)
    plans: list[tuple[str, ...]] = []
    make_engine: Callable[..., object] = rematch.__globals__["PoolEngine"]

    def watched(made: plan.Plan, *rest: object) -> object:
        plans.append(tuple(stage.analyser for stage in made.stages))
        return make_engine(made, *rest)

    monkeypatch.setattr("amparo.casework.banks.rematch.PoolEngine", watched)
    assert done(installation) == [("R-1", 0, 0)], "no Bank is new"
    assert plans == [plan.MATCHING]


def test_unhashed_are_those_whose_marks_lack_the_hash(tree: Path, tmp_path: Path, installation: Installation) -> None:
    made = scanned(installation, tree)
    left = Content.objects.filter(case=made, media_type="image/png").get()
    assert left.stages is not None
    members = [int(part) for part in left.stages.members.split(",")]
    gone = [stage for stage in members if stage not in _stages(PictureHash.name)]
    left.stages = models.StageSet.objects.create(members=",".join(map(str, gone)))
    left.save()
    bank(installation, tmp_path, left.sha256.hex())
    assert done(installation) == [("R-1", CONTENTS - 1, 1)]
    assert kinds(made) == {}
    scan(installation, str(tree), "R-1")
    assert kinds(made) == {"match.bank": 1}


def _stages(analyser: str) -> set[int]:
    return set(models.Stage.objects.filter(analyser=analyser).values_list("pk", flat=True))


def test_a_content_in_two_sources_is_compared_once(tree: Path, tmp_path: Path, installation: Installation) -> None:
    made = scanned(installation, tree)
    scan(installation, str(tree), "R-1", again=True)
    bank(installation, tmp_path, SHA256)
    assert done(installation) == [("R-1", CONTENTS, 0)]
    assert kinds(made) == {"match.bank": 1}
    assert actions(installation, made).count("matching.renewed") == 2, "one for each source"


def test_what_waits_for_its_first_scan_is_not_hashed(tree: Path, tmp_path: Path, installation: Installation) -> None:
    made = scanned(installation, tree)
    Content.objects.filter(case=made, media_type="text/plain").update(stages=None)
    bank(installation, tmp_path, SHA256)
    assert done(installation) == [("R-1", CONTENTS - 1, 1)]


def test_a_picture_beyond_a_limit_is_found_when_the_limit_is_lifted(tree: Path, tmp_path: Path) -> None:
    plain_bank(make(tmp_path / "home"), tmp_path, 2)
    made = scanned(make(tmp_path / "home", limit_pixels=100), tree)
    assert kinds(made) == {}
    scan(make(tmp_path / "home"), str(tree), "R-1")
    assert kinds(made) == {"match.near": 1}


def test_a_picture_whose_hash_failed_is_found_when_it_is_tried_again(
    tree: Path, tmp_path: Path, installation: Installation
) -> None:
    plain_bank(installation, tmp_path, 2)
    made = scanned(installation, tree)
    match = Finding.objects.get(case=made, kind="match.near")
    content = match.content
    match.delete()
    models.PictureHash.objects.filter(content=content).delete()
    stage = models.Stage.objects.get(analyser=PictureHash.name)
    Shortfall.objects.create(content=content, stage=stage, failed=True, reason="limit-time")
    scan(installation, str(tree), "R-1", retry_failed=True)
    assert models.PictureHash.objects.filter(content=content).exists()
    assert kinds(made) == {"match.near": 1}
