"""Words: the same rule where names are indexed and where they are searched, in every script."""

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.catalogue.search_words import LONGEST, MOST, asked, hold, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DCIM/IMG_1234.JPG", ["dcim", "img", "1234", "jpg"]),
        ("IMG1234", ["img1234", "img", "1234"]),
        ("9f2c41ab77e0", ["9f2c41ab77e0"]),  # of a digest only the whole
        ("Gro\u0308ße", ["grösse"]),  # as macOS writes it
        ("\uff29\uff2d\uff271", ["img1", "img", "1"]),  # full width
        ("海辺の休日.jpg", ["海", "辺", "の", "休", "日", "jpg"]),
        ("صور العائلة", ["صور", "العائلة"]),
        ("हिन्दी", ["हिन्दी"]),  # its vowel signs are marks, no gaps
        ("beach🏖\ufe0f2", ["beach", "🏖", "2"]),
        ("\ufffd\x00\ud800 _-", []),
        ("٢٣abc", ["٢٣abc", "٢٣", "abc"]),
    ],
)
def test_what_a_word_is(name: str, words: list[str]) -> None:
    assert words_of([name]) == words


def test_a_name_is_found_by_its_parts_its_beginning_and_itself() -> None:
    words = words_of(["DCIM/IMG_1234.jpg"])
    for sought in ("1234", "img", "IMG_1234", "img_1234.JPG", "dcim 12", "jpg im", "i"):
        assert hold(words, asked(sought)), sought
    for sought in ("234", "img_124", "im 1234", "", "_", "1234 x"):
        assert not hold(words, asked(sought)), sought


def test_limits() -> None:
    assert words_of(["x" * 1_000]) == ["x" * LONGEST]
    assert hold(words_of(["x" * 1_000]), asked("x" * 500))
    assert len(words_of([" ".join(str(number) for number in range(5_000))])) == MOST
    assert len(asked("a " * 100)) == 16


@given(st.text(), st.text())
@settings(max_examples=examples(200))
def test_every_name_is_found_by_itself_whatever_it_holds(name: str, other: str) -> None:
    words = words_of([other, name])
    assert len(words) == len(set(words))
    assert not any(" " in word or '"' in word or "'" in word or "\\" in word or "." in word for word in words)
    if asked(name):
        assert hold(words, asked(name))
        assert hold(words, asked(name.swapcase())) or name.casefold() != name.swapcase().casefold()
