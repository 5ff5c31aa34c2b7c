"""The Analysers of the first visit, over real folders and archives."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from amparo.evidence.item import Entry, Locator, Step
from amparo.evidence.outcome import Failed, Ok, Skipped
from amparo.pipeline.record import DIGESTS, MEDIA_TYPE
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import Task
from amparo.pipeline.view import View
from amparo.sources.analysers import DigestsOf, MediaType, Unpack, Walk
from amparo.sources.containers import Limits
from amparo.sources.reader import SourceReader


def view(root: Path, name: bytes, budget: int | None = None, limits: Limits | None = None) -> View:
    task = Task(1, Visit.FIRST, Locator((Step("folder", name),)), Entry.FILE, None, (0,), budget)
    return View(task, SourceReader(os.fsencode(root), limits))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        for number in range(5):
            made.writestr(f"m{number}", b"x" * 1000)
    return tmp_path


def test_walk_lists_a_directory(planted: Path) -> None:
    outcome = Walk().analyse(view(planted, b"."), None)
    assert isinstance(outcome, Ok)
    assert [child.step.path for child in outcome.children] == sorted(os.listdir(os.fsencode(planted)))


def test_walk_of_a_directory_that_is_gone(tmp_path: Path) -> None:
    assert Walk().analyse(view(tmp_path, b"gone"), None) == Failed("vanished")


def test_walk_of_a_path_too_long_for_the_kernel(tmp_path: Path) -> None:
    outcome = Walk().analyse(view(tmp_path, b"/".join([b"n" * 250] * 20)), None)
    assert outcome == Failed("read-error")


def test_digests_and_type(archive: Path) -> None:
    seen = view(archive, b"a.zip")
    data = (archive / "a.zip").read_bytes()
    read, named = DigestsOf().analyse(seen, None), MediaType().analyse(seen, None)
    assert isinstance(read, Ok)
    assert isinstance(named, Ok)
    assert (read.findings[0].kind, named.findings[0].kind) == (DIGESTS, MEDIA_TYPE)
    assert read.findings[0].facts["sha256"] == hashlib.sha256(data).hexdigest()
    assert read.findings[0].facts["size"] == len(data)
    assert named.findings[0].facts == {"media_type": "application/zip"}


def test_unpack_wants_containers_only(archive: Path) -> None:
    (archive / "text").write_bytes(b"plain text")
    assert Unpack().wants(view(archive, b"a.zip"))
    assert not Unpack().wants(view(archive, b"text"))


def test_members_become_children(archive: Path) -> None:
    outcome = Unpack().analyse(view(archive, b"a.zip"), None)
    assert isinstance(outcome, Ok)
    assert [(child.step, child.size) for child in outcome.children] == [
        (Step("zip", b"m%d" % number, number), 1000) for number in range(5)
    ]
    assert all(child.budget for child in outcome.children)


@pytest.mark.parametrize(
    ("budget", "limits", "reason", "kept"),
    [
        (2600, Limits(), "limit-ratio", 2),
        (None, Limits(entries=3), "limit-entries", 3),
        (None, Limits(depth=0), "limit-depth", 0),
    ],
)
def test_members_before_a_limit_are_kept(
    budget: int | None, limits: Limits, reason: str, kept: int, archive: Path
) -> None:
    outcome = Unpack().analyse(view(archive, b"a.zip", budget, limits), None)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, len(outcome.children)) == (reason, kept)


def test_damage_is_a_finding(archive: Path) -> None:
    data = (archive / "a.zip").read_bytes()
    (archive / "cut.zip").write_bytes(data[:-40])
    outcome = Unpack().analyse(view(archive, b"cut.zip"), None)
    assert isinstance(outcome, Ok)
    assert outcome.findings[0].kind == "archive.damaged"
    assert outcome.findings[0].facts == {"members_listed": len(outcome.children)}


def test_an_encrypted_listing_is_skipped(tmp_path: Path, require_tool: object) -> None:
    import subprocess

    seven = require_tool("7z")  # type: ignore[operator]
    (tmp_path / "f").write_bytes(b"x")
    command = [seven, "a", "-bd", "-psecret", "-mhe=on", tmp_path / "locked.7z", tmp_path / "f"]
    subprocess.run(command, check=True, capture_output=True)
    assert Unpack().analyse(view(tmp_path, b"locked.7z"), None) == Skipped("encrypted")
