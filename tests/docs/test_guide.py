"""The guide says what there is: a chapter per role, pictures that exist, and words in bold that a page really shows."""

import importlib.util
import re
from pathlib import Path

import pytest
from docs.pages import ROOT
from PIL import Image

from amparo.accounts.permissions import Role

GUIDE = ROOT / "docs" / "guide"
PICTURES = ROOT / "docs" / "images" / "guide"
CHAPTERS = [GUIDE / "first-page.md", *(GUIDE / "roles" / f"{role}.md" for role in Role)]
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


@pytest.fixture(scope="module")
def shown() -> set[str]:
    """Every English text of the workbench."""
    spec = importlib.util.spec_from_file_location("amparo_messages_script", ROOT / "scripts" / "messages.py")
    assert spec is not None and spec.loader is not None
    messages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(messages)
    return {text for each in messages.texts() for text in (each.id if isinstance(each.id, tuple) else (each.id,))}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_role_has_a_short_chapter(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    assert f"({path.relative_to(GUIDE)})" in (GUIDE / "README.md").read_text(encoding="utf-8")
    assert _PICTURE.search(text)
    if path.parent.name == "roles":
        heads = re.findall(r"^## (.+)$", text, re.M)
        assert heads[:2] == ["What you see", "A day's work"]
        assert heads[2].startswith("What you cannot")
        assert heads[3] == "When something looks wrong"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_words_in_bold_stand_on_a_page(path: Path, shown: set[str]) -> None:
    bold = {" ".join(each.split()) for each in re.findall(r"\*\*(.+?)\*\*", path.read_text(encoding="utf-8"), re.S)}
    assert bold
    assert bold - shown == set()


def test_every_picture_is_shown_once_with_words_for_it() -> None:
    used = []
    for path in GUIDE.rglob("*.md"):
        for words, target in _PICTURE.findall(path.read_text(encoding="utf-8")):
            file = (path.parent / target).resolve()
            assert file.exists(), f"{path.name}: {target}"
            assert len(words) > 30 or file.parent != PICTURES, f"{path.name}: {target} has no alt text"
            used.append(file)
    there = sorted(PICTURES.glob("*.png"))
    assert sorted(file for file in used if file.parent == PICTURES) == there


def test_pictures_are_small_and_of_one_width() -> None:
    files = sorted(PICTURES.glob("*.png"))
    assert sum(file.stat().st_size for file in files) < 2_500_000
    for file in files:
        assert file.stat().st_size < 120_000, file.name
        with Image.open(file) as picture:
            assert (picture.width, picture.mode) == (1280, "P"), file.name
