"""Matches: words for whatever a match may state, and where it lies."""

import hashlib
import itertools
import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from casework.installations import bank, case, make
from casework.pictures import copies, plain_bank

from amparo.casework import schemas
from amparo.casework.banks.looking import match_rows
from amparo.casework.installation import Installation
from amparo.casework.matches import case_match_rows
from amparo.casework.scan import scan
from amparo.catalogue.models import Case
from amparo.evidence.errors import BadInput
from amparo.media import bank_match, near_match
from amparo.media.bank_segment import EXACT
from amparo.media.known_banks import KINDS, Kind
from amparo.media.pdq import INVERTED, TRANSFORMS
from amparo.media.picture_hash import VARIANTS
from amparo.ui.matches import TITLES, explain

database = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ENTRY: dict[str, Any] = {
    "bank": "8c5e7e5e-5b8e-4b0e-9c55-8f1f5b2f1a11",
    "bank_name": "Known",
    "bank_version": 3,
    "entry": 7,
    "labels": ["test"],
    "owner": "Amparo tests",
    "terms": "none",
    "dated": "2026-01-31",
    "confirmed": False,
}
WAYS = (*TRANSFORMS, INVERTED)
NEAR = {"algorithm": "pdq", "distance": 9, "radius": 31, "entries": 1, "quality": 100}
WHOLE, PART = ["0.0", "0.0", "100.0", "100.0"], ["10.0", "20.5", "55.0", "100.0"]


def test_every_kind_of_match_has_a_title() -> None:
    assert set(TITLES) == {*bank_match.KINDS, *near_match.KINDS}
    assert set(near_match.LEADS) <= set(TITLES)
    assert get_args(Kind) == KINDS


@pytest.mark.parametrize("kind", near_match.KINDS)
@pytest.mark.parametrize("transform", WAYS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_near_matches_are_explained(kind: str, transform: str, variant: str) -> None:
    said = set()
    for part, entries, distance in itertools.product((WHOLE, PART), (1, 2, 9), (0, 31)):
        facts = {"variant": variant, "transform": transform, "part": part, "entries": entries, "distance": distance}
        words = explain(kind, {**ENTRY, **NEAR, **facts})
        assert f"{256 - distance} of 256" in words.compared
        assert ("55.0" in words.compared) is (part is PART)
        assert ("512" in words.compared) is (variant == "pdq_512")
        assert ("more entr" in words.compared) is (entries > 1)
        assert len(words.false_if) == len(set(words.false_if)) >= 2
        assert "%(" not in words.compared + "".join(words.false_if)
        assert not words.weak
        said.add(words.compared)
    assert len(said) == 12


def test_what_was_done_to_the_picture_is_said_apart() -> None:
    facts = {**ENTRY, **NEAR, "variant": "pdq", "part": WHOLE}
    assert len({explain("match.near", {**facts, "transform": each}).compared for each in WAYS}) == len(WAYS)


@pytest.mark.parametrize("kind", bank_match.KINDS)
@pytest.mark.parametrize("algorithm", EXACT)
def test_exact_matches_are_explained(kind: str, algorithm: str) -> None:
    words = explain(kind, {**ENTRY, "algorithm": algorithm, "collision_prone": algorithm != "sha256"})
    assert words.weak is (algorithm != "sha256")
    assert {"sha256": "SHA-256", "sha1": "SHA-1", "md5": "MD5"}[algorithm] in words.compared
    assert any("as MD5 and SHA-1 allow" in each for each in words.false_if) is words.weak


def test_a_confirmed_entry_is_said_to_be() -> None:
    facts = {**ENTRY, "algorithm": "sha256"}
    plain, confirmed = (explain("match.bank", {**facts, "confirmed": each}).false_if[-1] for each in (False, True))
    assert "Amparo tests" in plain
    assert "2026-01-31" in plain
    assert "people here" in confirmed


def test_matches_of_the_first_release_are_explained() -> None:
    facts = {key: ENTRY[key] for key in ("bank", "bank_name", "bank_version", "entry", "labels", "owner")}
    assert explain("match.bank", {**facts, "algorithm": "md5"}).false_if


def test_words_are_translated() -> None:
    from django.utils.translation import override

    facts = {**ENTRY, **NEAR, "variant": "pdq", "part": WHOLE, "transform": "mirrored"}
    english = explain("match.near", facts)
    with override("es"):
        spanish = explain("match.near", facts)
    for one, other in zip(
        (english.title, english.compared, *english.false_if),
        (spanish.title, spanish.compared, *spanish.false_if),
        strict=True,
    ):
        assert one != other


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    copies(tmp_path / "tree", 1, 2)
    copies(tmp_path / "tree", 2, 1)
    (tmp_path / "tree" / "text.txt").write_text("text")
    (tmp_path / "tree" / "again.txt").write_text("text")
    return tmp_path / "tree"


@pytest.fixture
def installation(tmp_path: Path, tree: Path, db: None) -> Installation:
    """Banks of every kind: an exact one, one by looks, a negative one that knows picture 2, a known-good one."""
    made = make(tmp_path / "home")
    bank(made, tmp_path, hashlib.sha256(b"text").hexdigest())
    plain_bank(made, tmp_path, 1, 2)
    plain_bank(made, tmp_path, 2, name="Harmless", kind="negative")
    return made


@pytest.fixture
def scanned(installation: Installation, tree: Path) -> Case:
    made = case(installation)
    scan(installation, str(tree), "R-1")
    return made


class TestListing:
    pytestmark = database

    def test_leads_come_by_kind_and_the_rest_when_asked_for(self, scanned: Case) -> None:
        leads = list(case_match_rows("R-1"))
        assert [row["kind"] for row in leads] == ["match.bank", "match.near", "match.near"]
        every = list(case_match_rows("R-1", everything=True))
        assert [row["kind"] for row in every] == [*(row["kind"] for row in leads), "match.near_negated"]
        assert (leads[0]["items"], leads[0]["path"]) == (2, "again.txt")
        validator = jsonschema.Draft202012Validator(json.loads(schemas.read("case_match")))
        for row in every:
            validator.validate(row)

    def test_those_of_one_bank(self, scanned: Case) -> None:
        assert [row["kind"] for row in case_match_rows("R-1", bank="Known")] == ["match.bank"]
        assert {row["bank_name"] for row in case_match_rows("R-1", everything=True, bank="Looks")} == {"Looks"}
        with pytest.raises(BadInput, match="Other"):
            list(case_match_rows("R-1", bank="Other"))
        with pytest.raises(BadInput, match="R-9"):
            list(case_match_rows("R-9"))

    def test_pages_follow_each_other(self, scanned: Case, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = list(case_match_rows("R-1", everything=True))
        monkeypatch.setattr("amparo.casework.matches._PAGE", 1)
        assert list(case_match_rows("R-1", everything=True)) == whole

    def test_look_ups_follow_their_schema(self, installation: Installation, tree: Path) -> None:
        validator = jsonschema.Draft202012Validator(json.loads(schemas.read("match")))
        found = []
        for path in sorted(tree.iterdir()):
            for row in match_rows(installation, str(path)):
                validator.validate(row)
                found.append(row["kind"])
        assert sorted(set(map(str, found))) == ["match.bank", "match.near", "match.near_negated"]
