"""What people in the browser learn of folders they may not name: nothing, not even whether one exists."""

import os
from pathlib import Path

import pytest
from casework.installations import make

from amparo.casework.reach import scope_within_reach
from amparo.config import Settings
from amparo.evidence.errors import BadInput


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    (tmp_path / "roots" / "there").mkdir(parents=True)
    (tmp_path / "hidden" / "there").mkdir(parents=True)
    (tmp_path / "roots" / "out").symlink_to(tmp_path / "hidden" / "there")
    (tmp_path / "roots" / "gone").symlink_to(tmp_path / "hidden" / "absent")
    (tmp_path / "hidden" / "in").symlink_to(tmp_path / "roots" / "there")
    (tmp_path / "other-name").symlink_to(tmp_path / "roots")
    return tmp_path / "roots"


def said(settings: Settings, path: Path | str) -> str:
    with pytest.raises(BadInput) as refused:
        scope_within_reach(settings, [os.fsencode(path)])
    return f"{refused.value}"


def test_below_the_roots_a_folder_is_named_and_one_that_is_not_there_is_told(roots: Path, tmp_path: Path) -> None:
    for root in (roots, tmp_path / "other-name"):
        settings = make(tmp_path / "home", evidence_roots=(root,)).settings
        for path in (root, root / "there", roots / "there"):
            assert scope_within_reach(settings, [os.fsencode(path)]).paths == (os.fsencode(path.resolve()),)
        assert "not a folder" in said(settings, root / "absent")


def test_elsewhere_what_exists_and_what_does_not_are_refused_alike(roots: Path, tmp_path: Path) -> None:
    settings = make(tmp_path / "home", evidence_roots=(roots,)).settings
    hidden = tmp_path / "hidden"
    outside = (
        hidden / "there", hidden / "absent", hidden / "in", roots / "out", roots / "gone", tmp_path, Path("/"),
        f"{hidden}/in/../there", f"{roots}/../roots/there", f"{roots}x",
    )  # fmt: skip
    assert len({said(settings, path) for path in outside}) == 1


def test_amparos_own_folder_is_never_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = make(home).settings
    (home / "secrets").mkdir(parents=True, exist_ok=True)
    (tmp_path / "link").symlink_to(home / "secrets")
    assert len({said(settings, path) for path in (home, home / "secrets", home / "absent", tmp_path / "link")}) == 1
    assert "not a folder" in said(settings, tmp_path / "absent")
