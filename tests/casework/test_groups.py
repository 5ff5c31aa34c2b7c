"""Groups: copies of one picture stand together behind the largest, and other pictures do not join them."""

import hashlib
from pathlib import Path

import pytest
from casework.installations import actions, case, make
from casework.pictures import copies, mirrored, picture, verified
from PIL import Image

from amparo.casework.groups import group_rows, make_groups
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, PictureHash
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Copies of picture 1 in other sizes and turned, two of picture 2, one of each of two more, a text."""
    root = tmp_path / "tree"
    copies(root, 1, 3)
    mirrored(root / "mirrored.png", 1).touch()
    picture(1).resize((640, 480)).save(root / "large.png")
    copies(root, 2, 2)
    for seed in (3, 4):
        picture(seed).save(root / f"alone{seed}.png")
    (root / "text.txt").write_text("text")
    return root


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def scanned(tree: Path, installation: Installation) -> Case:
    made = case(installation)
    scan(installation, str(tree), "R-1")
    return made


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_copies_stand_behind_the_largest(tree: Path, installation: Installation, scanned: Case) -> None:
    assert make_groups(installation, "R-1") == 9
    first, second = group_rows("R-1")
    assert (first["representative"], first["path"], first["pictures"]) == (sha256(tree / "large.png"), "large.png", 5)
    of_one = [*tree.glob("copy1-*"), tree / "mirrored.png"]
    assert sorted(first["copies"]) == sorted(map(sha256, of_one))  # type: ignore[call-overload]
    assert (second["representative"], second["pictures"]) == (sha256(tree / "copy2-0.jpg"), 2)
    assert second["copies"] == [sha256(tree / "copy2-1.jpg")]
    assert actions(installation, scanned)[-1] == "groups.made"
    verified(installation, scanned)


def test_new_pictures_join_at_the_next_run(tree: Path, installation: Installation, scanned: Case) -> None:
    make_groups(installation, "R-1")
    picture(2).resize((960, 720)).save(tree / "larger.png")
    picture(3).resize((240, 180)).save(tree / "smaller.png")
    scan(installation, str(tree), "R-1", again=True)
    assert [row["pictures"] for row in group_rows("R-1")] == [5, 2], "as they were made"
    assert make_groups(installation, "R-1") == 11
    found = {row["representative"]: row["pictures"] for row in group_rows("R-1")}
    assert found == {
        sha256(tree / "large.png"): 5,
        sha256(tree / "larger.png"): 3,
        sha256(tree / "alone3.png"): 2,
    }


def test_the_radius_is_the_one_of_the_settings(tree: Path, tmp_path: Path, scanned: Case) -> None:
    exact = make(tmp_path / "home", match_radius=0)
    make_groups(exact, "R-1")
    grouped = sum(int(str(row["pictures"])) for row in group_rows("R-1"))
    assert grouped < 7, "only those whose hashes are the same"


def test_flat_pictures_stay_alone(tmp_path: Path, installation: Installation) -> None:
    root = tmp_path / "flat"
    root.mkdir()
    for number in range(3):
        Image.new("RGB", (100 + number, 100), (200, 200, 200)).save(root / f"{number}.png")
    case(installation)
    scan(installation, str(root), "R-1")
    assert make_groups(installation, "R-1") == 3
    assert list(group_rows("R-1")) == []
    assert PictureHash.objects.exclude(group=None).count() == 3


def test_cases_do_not_mix(tree: Path, installation: Installation, scanned: Case) -> None:
    case(installation, "R-2")
    assert make_groups(installation, "R-2") == 0
    scan(installation, str(tree / "large.png"), "R-2")
    assert make_groups(installation, "R-2") == 1
    assert list(group_rows("R-2")) == []
    assert list(group_rows("R-1")) == [], "not made yet"
    for act in (lambda: make_groups(installation, "R-9"), lambda: list(group_rows("R-9"))):
        with pytest.raises(BadInput, match="R-9"):
            act()
