"""Decisions: kept as they were made, for one Content or its group, with the grades of their day."""

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from casework.installations import actions, case, make
from casework.pictures import copies, picture, verified

from amparo.casework import schemas
from amparo.casework.decisions import decide, decision_row, decision_rows, scheme_rows
from amparo.casework.groups import make_groups
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue import outbox
from amparo.catalogue.models import Case, Content, Decision, OutboxEvent
from amparo.catalogue.outbox import chain_path
from amparo.evidence.errors import BadInput
from amparo.evidence.labels import Labels
from amparo.media.schemes.shipped import every_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
RULES = """scheme = "house"
title = "House rules"
country = "international"
version = "{version}"
valid_from = {day}
source = "Written for this test"
reviewed_by_lawyer = false
[titles]
yes = "Yes"
no = "No"
[[rule]]
grade = "{grade}"
when = {{ material = ["comparison"] }}
[[rule]]
grade = "{other}"
"""
LABELS = ["material-comparison"]
COPIES = 3


def rule_file(path: Path, version: str, day: str, grade: str) -> Path:
    other = {"yes": "no", "no": "yes"}[grade]
    path.write_text(RULES.format(version=version, day=day, grade=grade, other=other))
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    copies(tmp_path / "tree", 1, COPIES)
    picture(2).save(tmp_path / "tree" / "other.png")
    return tmp_path / "tree"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home", schemes=(rule_file(tmp_path / "1.toml", "1", "2026-01-01", "yes"),))


@pytest.fixture
def scanned(tree: Path, installation: Installation) -> Case:
    made = case(installation)
    scan(installation, str(tree), "R-1")
    make_groups(installation, "R-1")
    return made


@pytest.fixture
def digest(tree: Path, scanned: Case) -> str:
    return hashlib.sha256((tree / "copy1-1.jpg").read_bytes()).hexdigest()


def of_house(row: Any) -> dict[str, object]:
    (grade,) = (each for each in row["grades"] if each["scheme"] == "house")
    return dict(grade)


def test_one_content_or_its_whole_group(installation: Installation, scanned: Case, digest: str) -> None:
    (one,) = decide(installation, "R-1", digest, LABELS, "looked at it")
    assert (one.spread_from, one.note, one.operator) == (None, "looked at it", "os:test")
    made = decide(installation, "R-1", digest, LABELS, spread=True)
    assert len({row.content_id for row in made}) == COPIES
    spread = [row for row in made if row.spread_from is not None]
    assert len(spread) == COPIES - 1
    assert {row.spread_from_id for row in spread} == {one.content_id}
    assert actions(installation, scanned).count("decision.made") == 1 + COPIES
    verified(installation, scanned)
    log = chain_path(installation.settings.home, scanned.uuid).read_text()
    assert "looked at it" not in log, "a note can be erased"
    assert "material-comparison" not in log


def test_a_group_is_decided_as_one(
    installation: Installation, scanned: Case, digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = 0
    record = outbox.Recorder.record

    def failing(self: outbox.Recorder, action: str, *rest: Any) -> None:
        nonlocal recorded
        recorded += action == "decision.made"
        if recorded == COPIES:
            raise KeyboardInterrupt
        record(self, action, *rest)

    monkeypatch.setattr(outbox.Recorder, "record", failing)
    with pytest.raises(KeyboardInterrupt):
        decide(installation, "R-1", digest, LABELS, spread=True)
    assert (Decision.objects.count(), OutboxEvent.objects.count()) == (0, 0)


def test_the_newest_counts_and_none_is_lost(installation: Installation, scanned: Case, digest: str) -> None:
    decide(installation, "R-1", digest, ["age-undetermined"])
    decide(installation, "R-1", digest, LABELS, spread=True)
    (first, *_) = rows = list(decision_rows("R-1", everything=True))
    assert (first["labels"], first["current"]) == (["age-undetermined"], False)
    assert [row["current"] for row in rows] == [False] + [True] * COPIES
    current = list(decision_rows("R-1"))
    assert [row["labels"] for row in current] == [LABELS] * COPIES
    assert {row["spread_from"] for row in current} == {None, digest}
    validator = jsonschema.Draft202012Validator(json.loads(schemas.read("decision")))
    for row in rows:
        validator.validate(row)


def test_rows_keep_the_grades_of_their_day(
    installation: Installation, tmp_path: Path, scanned: Case, digest: str
) -> None:
    (old,) = decide(installation, "R-1", digest, LABELS)
    before = decision_row(old, True)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    newer = rule_file(tmp_path / "2.toml", "2", today, "no")
    later = make(tmp_path / "home", schemes=(tmp_path / "1.toml", newer))
    (new,) = decide(later, "R-1", digest, LABELS)
    told = {grade["version"]: grade for grade in (of_house(decision_row(row, True)) for row in (old, new))}
    assert {version: grade["grade"] for version, grade in told.items()} == {"1": "yes", "2": "no"}
    for version, path in (("1", tmp_path / "1.toml"), ("2", newer)):
        assert told[version]["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()
    stored = next(decision_rows("R-1", everything=True))
    assert stored == {**before, "current": False}
    (tmp_path / "1.toml").unlink()
    rule_file(newer, "3", "2026-02-01", "yes")
    assert next(decision_rows("R-1", everything=True)) == stored


def test_what_cannot_be_derived_is_asked(installation: Installation, scanned: Case, digest: str) -> None:
    decide(installation, "R-1", digest, ["age-undetermined"])
    (row,) = decision_rows("R-1")
    grade = of_house(row)
    assert (grade["grade"], grade["ask"], grade["reason"]) == (None, ["material"], "facets")


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["nonsense"], "nonsense"),
        (["age-under-13", "age-13-to-17"], "twice"),
        (["child-none", "age-under-13"], "exclude"),
        (["age-under-13\x1b[2J"], "is not a label"),
    ],
)
def test_labels_that_are_no_good(labels: list[str], words: str, installation: Installation, scanned: Case) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        decide(installation, "R-1", "0" * 64, labels)
    assert refused.value.message.isprintable()
    assert refused.value.hint


@pytest.mark.parametrize("sha256", ["0" * 64, "0" * 63, "0" * 65, "x", "", "é" * 64])
def test_contents_that_are_not_there(sha256: str, installation: Installation, scanned: Case) -> None:
    with pytest.raises(BadInput, match="SHA-256") as refused:
        decide(installation, "R-1", sha256, LABELS)
    assert refused.value.hint
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("digits", [12, 16, 63, 64])
def test_a_content_is_found_by_the_first_digits(
    digits: int, installation: Installation, scanned: Case, digest: str
) -> None:
    (made,) = decide(installation, "R-1", digest[:digits].upper(), LABELS)
    assert bytes(made.content.sha256).hex() == digest
    decide(installation, "R-1", digest[:16] + "…", LABELS)


def test_too_few_digits_or_digits_of_two_contents_decide_nothing(
    installation: Installation, scanned: Case, digest: str
) -> None:
    with pytest.raises(BadInput, match="is not a SHA-256"):
        decide(installation, "R-1", digest[:11], LABELS)
    twin = bytes.fromhex(digest[:20] + ("0" if digest[20] != "0" else "1") * 44)
    Content.objects.create(case=scanned, sha256=twin, sha1=bytes(20), md5=bytes(16), size=1)
    with pytest.raises(BadInput, match="More than one"):
        decide(installation, "R-1", digest[:20], LABELS)
    assert Decision.objects.count() == 0
    decide(installation, "R-1", digest[:21], LABELS)


def test_a_content_of_another_case_is_not_there(installation: Installation, digest: str) -> None:
    case(installation, "R-2")
    with pytest.raises(BadInput, match="no content"):
        decide(installation, "R-2", digest, LABELS)


@pytest.mark.parametrize("note", ["two\nlines", "x" * 501, "\x1b[2J", "\u202e"])
def test_notes_that_are_no_good(note: str, installation: Installation, digest: str) -> None:
    with pytest.raises(BadInput, match=r"^Note: "):
        decide(installation, "R-1", digest, LABELS, note)
    assert Decision.objects.count() == 0


def test_schemes_say_what_is_in_force(installation: Installation, tmp_path: Path) -> None:
    rows = list(scheme_rows(installation))
    validator = jsonschema.Draft202012Validator(json.loads(schemas.read("scheme")))
    for row in rows:
        validator.validate(row)
    assert len(rows) == len(every_version()) + 1
    future = rule_file(tmp_path / "9.toml", "9", "2999-01-01", "no")
    later = make(tmp_path / "home", schemes=(tmp_path / "1.toml", future))
    mine = {row["version"]: row["in_force"] for row in scheme_rows(later) if row["scheme"] == "house"}
    assert mine == {"1": True, "9": False}


def test_rule_files_that_are_no_good(installation: Installation, tmp_path: Path, digest: str) -> None:
    twice = make(tmp_path / "home", schemes=(tmp_path / "1.toml", tmp_path / "1.toml"))
    gone = make(tmp_path / "home", schemes=(tmp_path / "none.toml",))
    for broken, words in ((twice, "house"), (gone, "cannot be read")):
        for act in (lambda: list(scheme_rows(broken)), lambda: decide(broken, "R-1", digest, LABELS)):  # noqa: B023
            with pytest.raises(BadInput, match=words):
                act()
    assert Decision.objects.count() == 0


def test_labels_stand_in_the_order_of_the_vocabulary(installation: Installation, digest: str) -> None:
    given = ["medium-image", "material-comparison", "medium-image"]
    (row,) = decide(installation, "R-1", digest, given)
    assert row.labels == list(Labels.parse(given).tokens()) == ["material-comparison", "medium-image"]
