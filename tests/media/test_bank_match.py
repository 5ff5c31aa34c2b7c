"""The Analyser of exact matches: what it states, and what makes it due again."""

import hashlib
import pickle
from pathlib import Path

import pytest
from media.test_bank_index import BANKS, index

from amparo.evidence.errors import BadInput
from amparo.evidence.item import Entry, Locator, Step
from amparo.evidence.outcome import Ok
from amparo.media.bank_index import Record
from amparo.media.bank_match import BankMatch
from amparo.pipeline.stage import Factory, Visit
from amparo.pipeline.task import KnownContent, Task
from amparo.pipeline.view import View

CONTENT = KnownContent(b"a" * 32, b"b" * 20, b"c" * 16, 1, "image/png")


def view(content: KnownContent | None = CONTENT) -> View:
    task = Task(1, Visit.SECOND, Locator((Step("folder", b"x"),)), Entry.FILE, 1, (0,), content=content)
    return View(task, None)  # type: ignore[arg-type]  # reads no bytes


def analyser(path: Path, *records: Record) -> BankMatch:
    data = index(*records)
    path.write_bytes(data)
    return BankMatch(path=str(path), digest=hashlib.sha256(data).hexdigest())


def test_a_match_states_bank_entry_and_strongest_digest(tmp_path: Path) -> None:
    match = analyser(
        tmp_path / "i",
        Record(b"a" * 32, 0, 5, ("one", "two"), "Owner"),
        Record(b"c" * 16, 0, 6, (), "Owner"),
        Record(b"c" * 16, 1, 7, (), "Otro"),
    )
    outcome = match.analyse(view(), match.setup())
    assert isinstance(outcome, Ok)
    assert [dict(finding.facts) for finding in outcome.findings] == [
        {
            "bank": str(BANKS[0].uuid), "bank_name": "Test bank", "bank_version": 3, "entry": 5,
            "algorithm": "sha256", "collision_prone": False, "labels": ("one", "two"), "owner": "Owner",
        },
        {
            "bank": str(BANKS[1].uuid), "bank_name": "Otro «banco»", "bank_version": 1, "entry": 7,
            "algorithm": "md5", "collision_prone": True, "labels": (), "owner": "Otro",
        },
    ]  # fmt: skip
    assert {finding.kind for finding in outcome.findings} == {"match.bank"}


def test_no_match_is_no_finding(tmp_path: Path) -> None:
    match = analyser(tmp_path / "i", Record(b"z" * 32, 0, 5, (), "Owner"))
    assert match.analyse(view(), match.setup()) == Ok()
    assert match.wants(view())
    assert not match.wants(view(None))


def test_only_the_index_makes_matching_due_again(tmp_path: Path) -> None:
    here, there = (BankMatch(path=name, digest="a" * 64) for name in ("/here", "/there"))
    assert here.config_digest == there.config_digest != BankMatch(path="/here", digest="b" * 64).config_digest
    factory = Factory("amparo.media.bank_match:BankMatch", {"path": "/here", "digest": "a" * 64})
    assert pickle.loads(pickle.dumps(factory))().config_digest == here.config_digest


def test_a_changed_index_does_not_load(tmp_path: Path) -> None:
    match = analyser(tmp_path / "i", Record(b"a" * 32, 0, 5, (), "Owner"))
    data = (tmp_path / "i").read_bytes()
    (tmp_path / "i").write_bytes(data.replace(b"a" * 32, b"d" * 32))
    with pytest.raises(BadInput, match="digest differs"):
        match.setup()
