"""The Analyser of exact matches: what it states, and what makes it due again."""

import pickle
from pathlib import Path

import pytest
from media.segments import DATED, Shelf

from amparo.evidence.errors import BadInput
from amparo.evidence.item import Entry, Locator, Step
from amparo.evidence.outcome import Ok
from amparo.exchange.known import KnownEntry
from amparo.media.bank_match import BankMatch
from amparo.media.known_banks import BankState, Kind, manifest
from amparo.pipeline.stage import Factory, Visit
from amparo.pipeline.task import KnownContent, Task
from amparo.pipeline.view import View

CONTENT = KnownContent(b"a" * 32, b"b" * 20, b"c" * 16, 1, "image/png")


def view(content: KnownContent | None = CONTENT) -> View:
    task = Task(1, Visit.SECOND, Locator((Step("folder", b"x"),)), Entry.FILE, 1, (0,), content=content)
    return View(task, None)  # type: ignore[arg-type]  # reads no bytes


def bank(folder: Path, name: str, kind: Kind, *digests: tuple[str, bytes]) -> BankState:
    shelf = Shelf(folder / name)
    entries = [
        KnownEntry(f"{algorithm}:{digest.hex()}", {algorithm: digest}, ("two", "one"), "Owner", "Terms", DATED, "Line")
        for algorithm, digest in digests
    ]
    shelf.edition(entries, 1, 1)
    return shelf.state(name, 3, kind, confirmed=(1,))


def analyser(folder: Path, *states: BankState, digest: str = "a" * 64) -> BankMatch:
    (folder / "manifest").write_bytes(manifest(states))
    return BankMatch(path=str(folder / "manifest"), digest=digest)


def test_a_match_states_bank_entry_and_strongest_digest(tmp_path: Path) -> None:
    one = bank(tmp_path, "Test bank", "known", ("sha256", b"a" * 32), ("md5", b"c" * 16))
    two = bank(tmp_path, "Otro «banco»", "known", ("sha256", b"z" * 32), ("md5", b"c" * 16))
    match = analyser(tmp_path, one, two)
    outcome = match.analyse(view(), match.setup())
    assert isinstance(outcome, Ok)
    assert [dict(finding.facts) for finding in outcome.findings] == [
        {
            "bank": str(one.uuid), "bank_name": "Test bank", "bank_version": 3, "entry": 1, "algorithm": "sha256",
            "collision_prone": False, "labels": ("one", "two"), "owner": "Owner", "terms": "Terms",
            "dated": "2026-01-31", "confirmed": True,
        },
        {
            "bank": str(two.uuid), "bank_name": "Otro «banco»", "bank_version": 3, "entry": 2, "algorithm": "md5",
            "collision_prone": True, "labels": ("one", "two"), "owner": "Owner", "terms": "Terms",
            "dated": "2026-01-31", "confirmed": False,
        },
    ]  # fmt: skip
    assert {finding.kind for finding in outcome.findings} == {"match.bank"}


@pytest.mark.parametrize(
    ("kind", "said"), [("known", "match.bank"), ("known-good", "match.known_good"), ("negative", "match.negative")]
)
def test_the_kind_of_the_bank_is_the_kind_of_the_finding(kind: Kind, said: str, tmp_path: Path) -> None:
    match = analyser(tmp_path, bank(tmp_path, "B", kind, ("sha1", b"b" * 20)))
    outcome = match.analyse(view(), match.setup())
    assert isinstance(outcome, Ok)
    assert [finding.kind for finding in outcome.findings] == [said]


def test_no_match_is_no_finding(tmp_path: Path) -> None:
    match = analyser(tmp_path, bank(tmp_path, "B", "known", ("sha256", b"z" * 32)))
    assert match.analyse(view(), match.setup()) == Ok()
    none = analyser(tmp_path)
    assert none.analyse(view(), none.setup()) == Ok()
    assert match.wants(view())
    assert not match.wants(view(None))


def test_only_the_versions_make_matching_due_again(tmp_path: Path) -> None:
    here, there = (BankMatch(path=name, digest="a" * 64) for name in ("/here", "/there"))
    assert here.config_digest == there.config_digest != BankMatch(path="/here", digest="b" * 64).config_digest
    factory = Factory("amparo.media.bank_match:BankMatch", {"path": "/here", "digest": "a" * 64})
    assert pickle.loads(pickle.dumps(factory))().config_digest == here.config_digest


def test_banks_that_are_gone_do_not_load(tmp_path: Path) -> None:
    state = bank(tmp_path, "B", "known", ("sha256", b"a" * 32))
    match = analyser(tmp_path, state)
    state.segments[0][0].unlink()
    with pytest.raises(BadInput, match="cannot be opened"):
        match.setup()
    (tmp_path / "manifest").unlink()
    with pytest.raises(BadInput, match="cannot be read"):
        match.setup()
