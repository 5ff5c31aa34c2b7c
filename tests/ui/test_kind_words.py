"""Plain words for media types and kinds of entries: all that Amparo itself states has some, and no two share them."""

import re
from pathlib import Path

import pytest

from amparo.evidence.item import Entry
from amparo.ui.kind_words import _ENTRIES, _WORDS, entry_word, media_word

SOURCE = Path(__file__).parents[2] / "src" / "amparo"
STATED = re.compile(r'"((?:application|text|inode|image|video|audio)/[\w.+-]+\w)"')


def stated() -> set[str]:
    """Media types that stand in the code that tells them by their bytes."""
    files = [each for folder in ("sources", "media", "pipeline") for each in (SOURCE / folder).rglob("*.py")]
    return {found for each in files for found in STATED.findall(each.read_text())}


def test_every_type_that_the_code_names_has_words_of_its_own() -> None:
    found = stated()
    assert len(found) > 60
    words = {each: media_word(each) for each in found | set(_WORDS)}
    assert {each for each, word in words.items() if word == each} == set()
    assert len(set(words.values())) == len(words)


@pytest.mark.parametrize(
    ("media_type", "word"),
    [
        ("image/jpeg", "Picture (JPEG)"),
        ("video/x-msvideo", "Video (AVI)"),
        ("audio/x-unheard-of", "Sound (UNHEARD-OF)"),
        ("application/vnd.sqlite3", "Database (SQLite)"),
        ("application/x-unheard-of", "application/x-unheard-of"),
        ("image", "image"),
        ("", ""),
    ],
)
def test_words_of_types(media_type: str, word: str) -> None:
    assert media_word(media_type) == word


def test_every_kind_of_entry_has_words() -> None:
    assert set(_ENTRIES) == {each.value for each in Entry}
    assert entry_word("directory") == "Folder"
    assert entry_word("new") == "new"
    assert all(media_word(each.media_type) != each.media_type for each in Entry if each.media_type)
