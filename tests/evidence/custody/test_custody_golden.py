"""The golden logs: each defect is found and named, and the generator gives the committed bytes."""

import importlib.util
import json
from pathlib import Path

import pytest

from amparo.evidence.custody import Anchor, verify
from amparo.evidence.errors import VerificationFailed

GOLDEN = Path(__file__).parents[2] / "golden" / "custody"
ANCHORS = json.loads((GOLDEN / "anchors.json").read_text())
HEAD, KEY = Anchor.parse(ANCHORS["head"]), ANCHORS["key"]

BAD = [
    ("flipped-byte", None, None, "Entry 3 was changed"),
    ("removed-entry", None, None, "Entry 4 is missing: the seal on line 5 covers entry 4"),
    ("swapped-entries", None, None, "Entry 3 stands behind later ones: entry 4 follows entry 2"),
    ("truncated-tail", HEAD, None, "Entry 5 is missing: the log ends before the given head, entry 6"),
    ("rewritten-with-other-key", None, KEY, "Entry 2: the seal on line 3 is by another key"),
    ("rewritten-with-other-key", HEAD, None, "Entry 6 is not the one of the given head"),
]
GOOD = [
    ("good", None, None, "consistent, not anchored"),
    ("good", HEAD, None, "consistent, anchored by head at entry 6"),
    ("good", None, KEY, "consistent, anchored by key"),
    ("good", HEAD, KEY, "consistent, anchored by head and key at entry 6"),
    ("good-payload-erased", HEAD, KEY, "consistent, anchored by head and key at entry 6"),
    ("truncated-tail", None, None, "consistent, not anchored"),
    ("truncated-tail", None, KEY, "consistent, anchored by key: without --head, entries removed"),
    ("torn-last-line", HEAD, KEY, "consistent, anchored by head and key"),
    ("rewritten-with-other-key", None, None, "consistent, not anchored"),
]


@pytest.mark.parametrize(("name", "head", "key", "message"), BAD)
def test_a_defect_is_named_with_its_entry(name: str, head: Anchor | None, key: str | None, message: str) -> None:
    with pytest.raises(VerificationFailed) as caught:
        verify(GOLDEN / name / "custody.jsonl", head=head, key=key)
    assert caught.value.message.startswith(message)
    assert caught.value.hint


@pytest.mark.parametrize(("name", "head", "key", "sentence"), GOOD)
def test_a_sound_log_says_what_it_rests_on(name: str, head: Anchor | None, key: str | None, sentence: str) -> None:
    result = verify(GOLDEN / name / "custody.jsonl", head=head, key=key)
    assert result.sentence().startswith(sentence)


def test_the_good_log_has_nothing_to_note() -> None:
    result = verify(GOLDEN / "good" / "custody.jsonl")
    assert (result.entries, result.seals, result.keys, result.notes) == (6, 3, (KEY,), ())
    assert result.head == HEAD


def test_an_erased_payload_is_noted() -> None:
    result = verify(GOLDEN / "good-payload-erased" / "custody.jsonl")
    assert result.notes == ("payload of entry 2 erased on 2026-01-01 00:07:00 UTC under retention rule 1",)
    assert [erased.under for erased in result.erased] == ["retention rule 1"]


def test_a_torn_last_line_is_a_note() -> None:
    (note,) = verify(GOLDEN / "torn-last-line" / "custody.jsonl").notes
    assert note.startswith("line 10 is torn")


def test_every_golden_log_is_run() -> None:
    folders = {path.parent.name for path in GOLDEN.glob("*/custody.jsonl")}
    assert folders == {name for name, *_ in BAD} | {name for name, *_ in GOOD}


def test_the_generator_gives_the_committed_bytes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("golden_custody_make", GOLDEN / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.make(tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.json*")}
    committed = {path.relative_to(GOLDEN): path.read_bytes() for path in GOLDEN.rglob("*.json*")}
    assert made == committed
