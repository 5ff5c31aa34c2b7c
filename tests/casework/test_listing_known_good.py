"""Known good: hidden from lists of Items where a SHA-256 says so, and never by a digest that can be forged."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import case, make
from casework.pictures import plain_bank

from amparo.casework.banks.formats import stated
from amparo.casework.banks.importing import import_bank
from amparo.casework.banks.rematch import rematch
from amparo.casework.installation import Installation
from amparo.casework.listing import item_rows, known_good_items
from amparo.casework.scan import scan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
TEXT = b"a part of an operating system"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "folder").mkdir(parents=True)
    (root / "system.dll").write_bytes(TEXT)
    (root / "folder" / "copy.dll").write_bytes(TEXT)
    (root / "mine.txt").write_text("mine")
    return root


@pytest.fixture
def installation(tmp_path: Path, tree: Path) -> Installation:
    made = make(tmp_path / "home")
    case(made)
    scan(made, str(tree), "R-1")
    return made


def known_good(installation: Installation, folder: Path, *algorithms: str, kind: str = "known-good") -> None:
    for algorithm in algorithms:
        path = folder / f"{algorithm}.txt"
        path.write_text(hashlib.new(algorithm, TEXT).hexdigest() + "\n")
        given = stated("Amparo tests", "none", "2026-01-31", (), algorithm)
        import_bank(installation, str(path), algorithm, "plain", given, kind)
    list(rematch(installation, None))


def paths(known_good: bool) -> set[object]:
    return {row["path"] for row in item_rows("R-1", known_good=known_good)}


def test_a_sha256_hides_every_place(installation: Installation, tmp_path: Path) -> None:
    assert known_good_items("R-1") == 0
    known_good(installation, tmp_path, "sha256")
    assert known_good_items("R-1") == 2
    every = {".", "folder", "folder/copy.dll", "mine.txt", "system.dll"}
    assert paths(True) == every
    assert paths(False) == every - {"folder/copy.dll", "system.dll"}
    assert list(item_rows("R-1", outcome="ok", known_good=False))


@pytest.mark.parametrize("algorithm", ["md5", "sha1"])
def test_a_digest_that_can_be_forged_hides_nothing(algorithm: str, installation: Installation, tmp_path: Path) -> None:
    known_good(installation, tmp_path, algorithm)
    assert known_good_items("R-1") == 0
    assert paths(False) == paths(True)
    (row,) = (row for row in item_rows("R-1", known_good=False) if row["path"] == "system.dll")
    assert row["findings"] == ["match.known_good"]


@pytest.mark.parametrize("kind", ["known", "negative"])
def test_other_banks_hide_nothing(kind: str, installation: Installation, tmp_path: Path) -> None:
    known_good(installation, tmp_path, "sha256", kind=kind)
    assert known_good_items("R-1") == 0


def test_looks_hide_nothing(installation: Installation, tmp_path: Path, tree: Path) -> None:
    from casework.pictures import picture

    picture(1).save(tree / "one.png")
    scan(installation, str(tree), "R-1", again=True)
    plain_bank(installation, tmp_path, 1, kind="known-good")
    list(rematch(installation, None))
    assert known_good_items("R-1") == 0


def test_a_bank_of_another_version_decides_anew(installation: Installation, tmp_path: Path) -> None:
    from amparo.casework.banks.judging import withdraw

    known_good(installation, tmp_path, "sha256")
    withdraw(installation, "sha256", "1", "not right")
    list(rematch(installation, None))
    assert known_good_items("R-1") == 0


def test_those_of_one_source_are_counted(installation: Installation, tmp_path: Path, tree: Path) -> None:
    one = scan(installation, str(tree / "folder"), "R-1").source
    known_good(installation, tmp_path, "sha256")
    assert (known_good_items("R-1"), known_good_items("R-1", str(one.uuid))) == (3, 1)


def test_cases_do_not_mix(installation: Installation, tmp_path: Path) -> None:
    case(installation, "R-2")
    known_good(installation, tmp_path, "sha256")
    assert known_good_items("R-2") == 0
