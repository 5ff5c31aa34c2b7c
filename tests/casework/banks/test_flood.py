"""The flood guard: an entry near to far too much is set aside until a person has looked, and nothing is lost."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import actions, bank, case, make
from casework.pictures import copies, kinds, picture, plain_bank, verified

from amparo.casework.banks.flood import Flooded, guard
from amparo.casework.banks.judging import judge
from amparo.casework.banks.listing import bank_rows, entry_rows
from amparo.casework.banks.rematch import rematch
from amparo.casework.installation import Installation
from amparo.casework.matches import case_match_rows
from amparo.casework.report import _gather
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Finding, Source
from amparo.catalogue.verdicts import Verdict

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SEED, LIMIT, COPIES = 7, 3, 6


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    copies(tmp_path / "tree", SEED, COPIES)
    return tmp_path / "tree"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = make(tmp_path / "home", flood_limit=LIMIT)
    plain_bank(made, tmp_path, SEED)
    return made


@pytest.fixture
def flooded(tree: Path, installation: Installation) -> Case:
    made = case(installation)
    scan(installation, str(tree), "R-1")
    return made


def told(verdict: Verdict, installation: Installation) -> tuple[Flooded, ...]:
    judge(installation, "Looks", "1", verdict, "somebody looked")
    (result,) = rematch(installation, "R-1")
    return result.flooded


def verdict(installation: Installation) -> object:
    (row,) = entry_rows(installation, "Looks")
    return row["verdict"]


def leads(installation: Installation, made: Case) -> tuple[int, int, tuple[tuple[str, int], ...]]:
    """Leads and what stands apart, as the report has it; and rows of ``amparo matches``."""
    import datetime

    matches = _gather(installation, made, datetime.datetime.now(datetime.UTC)).matches
    return len(list(case_match_rows("R-1"))), matches.contents, matches.apart


def test_an_entry_near_to_too_much_is_set_aside(tree: Path, installation: Installation) -> None:
    made = case(installation)
    result = scan(installation, str(tree), "R-1")
    assert result.flooded == (Flooded("Looks", 1, COPIES),)
    assert kinds(made) == {"match.near_quarantined": COPIES}
    assert result.progress.matches == 0
    assert leads(installation, made) == (0, 0, (("match.near_quarantined", COPIES),))
    assert len(list(case_match_rows("R-1", everything=True))) == COPIES, "nothing is lost"
    assert verdict(installation) == "quarantined"
    assert bank_rows().__next__()["set_aside"] == 1
    assert Finding.objects.filter(case=made, kind="match.near", current=False).count() == COPIES
    assert "bank.judged" in actions(installation, None)
    verified(installation, None)
    verified(installation, made)
    again = scan(installation, str(tree), "R-1")
    assert (again.visited, again.flooded) == (0, ())


def test_released_it_matches_again_and_the_guard_leaves_it_alone(flooded: Case, installation: Installation) -> None:
    assert told("released", installation) == ()
    assert kinds(flooded) == {"match.near": COPIES}
    assert leads(installation, flooded)[:2] == (COPIES, COPIES)
    assert guard(installation, flooded) == []
    assert verdict(installation) == "released"


def test_denied_it_matches_no_more(flooded: Case, installation: Installation) -> None:
    assert told("denied", installation) == ()
    assert kinds(flooded) == {}
    assert leads(installation, flooded) == (0, 0, ())


def test_a_confirmed_entry_is_never_set_aside(tree: Path, installation: Installation) -> None:
    judge(installation, "Looks", "1", "confirmed", "seen")
    made = case(installation)
    assert scan(installation, str(tree), "R-1").flooded == ()
    assert kinds(made) == {"match.near": COPIES}
    assert all(row["confirmed"] for row in case_match_rows("R-1"))


def test_exact_matches_are_not_touched(tree: Path, tmp_path: Path, installation: Installation) -> None:
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(tree.iterdir())]
    bank(installation, tmp_path, *digests)
    made = case(installation)
    result = scan(installation, str(tree), "R-1")
    assert result.flooded == (Flooded("Looks", 1, COPIES),)
    assert kinds(made) == {"match.bank": COPIES, "match.near_quarantined": COPIES}
    assert result.progress.matches == COPIES


def test_one_file_in_many_places_is_one_picture(tree: Path, installation: Installation) -> None:
    for path in sorted(tree.iterdir())[LIMIT:]:
        path.unlink()
    (only, *_) = sorted(tree.iterdir())
    for number in range(20):
        (tree / f"again{number}.jpg").write_bytes(only.read_bytes())
    made = case(installation)
    assert scan(installation, str(tree), "R-1").flooded == ()
    assert kinds(made) == {"match.near": LIMIT}


def test_entries_beside_it_stay_in_use(tree: Path, tmp_path: Path, installation: Installation) -> None:
    plain_bank(installation, tmp_path, SEED, 8)
    picture(8).save(tree / "other.png")
    made = case(installation)
    assert scan(installation, str(tree), "R-1").flooded == (Flooded("Looks", 1, COPIES),)
    assert kinds(made) == {"match.near": 1, "match.near_quarantined": COPIES}


def test_other_sources_of_the_case_follow_at_the_next_rematch(
    tree: Path, tmp_path: Path, installation: Installation
) -> None:
    first = tmp_path / "first"
    first.mkdir()
    for path in sorted(tree.iterdir())[:LIMIT]:
        path.rename(first / path.name)
    made = case(installation)
    assert scan(installation, str(first), "R-1").flooded == ()
    assert kinds(made) == {"match.near": LIMIT}
    assert scan(installation, str(tree), "R-1").flooded == (Flooded("Looks", 1, COPIES),)
    (result,) = rematch(installation, "R-1")
    assert result.flooded == (), "it is set aside once"
    assert kinds(made) == {"match.near_quarantined": COPIES}
    assert set(Source.objects.values_list("owner", flat=True)) == {""}


def test_rematch_sets_aside_and_marks_in_one_go(tree: Path, tmp_path: Path) -> None:
    installation = make(tmp_path / "home", flood_limit=LIMIT)
    made = case(installation)
    scan(installation, str(tree), "R-1")
    plain_bank(installation, tmp_path, SEED)
    (result,) = rematch(installation, None)
    assert result.row()["set_aside"] == [{"bank": "Looks", "entry": 1, "contents": COPIES}]
    assert kinds(made) == {"match.near_quarantined": COPIES}
