"""What a person typed: collapsed and checked, and refused by the name of the field, in the language of the page."""

import re
import unicodedata

import pytest
from django.utils import translation
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.casework import lines
from amparo.casework.lines import check_line, collapsed, one_line, several_lines
from amparo.evidence.errors import BadInput

# Half of it what is worth a second look: spaces of all kinds, line ends, controls, joiners, overrides, surrogates.
_ODD = st.sampled_from(" \t\n\r\x0b\x1f\x7f\x85\0\x1b\u2028\u200c\u200d\u202e\ufeff\ud800ab\u0928")
_TYPED = st.lists(st.one_of(_ODD, st.characters())).map("".join)


def test_spaces_and_line_ends_become_one_space() -> None:
    assert one_line("  two\r\n words\u2028", "Text", 9) == "two words"
    assert one_line(" ", "Text", 9, least=0) == ""
    assert collapsed("\ttwo  words ") == "two words"


def test_lines_keep_their_ends_and_what_stands_before_them() -> None:
    assert several_lines(" \n One. \r\n\r\n\tTwo\x0b", "Text", 99) == "One.\n\n\tTwo"
    assert several_lines("\n", "Text", 9, least=0) == ""
    assert several_lines("quoted: \u202e", "Text", 9) == "quoted: \u202e"


@pytest.mark.parametrize(
    "text", ["\u0633\u06cc\u200c\u0648\u0633\u0647", "\u0d28\u0d4d\u200d", "\U0001f469\u200d\U0001f467"]
)
def test_scripts_that_need_joiners_can_be_written(text: str) -> None:
    assert one_line(text, "Text", 9) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing is written here"),
        (" \n", "nothing is written here"),
        ("x" * 1001, "write at most 1,000 characters (now: 1,001)"),
        ("a\0b", "character number 2 (U+0000) cannot be stored"),
        ("a\x1bb", "(U+001B)"),
        ("ab\ud800", "character number 3 (U+D800)"),
    ],
)
def test_what_is_missing_too_long_or_no_text_is_refused_by_name(text: str, says: str) -> None:
    for check in (one_line, several_lines):
        with pytest.raises(BadInput, match=rf"^Text: .*{re.escape(says)}") as refused:
            check(text, "Text", 1000)
        assert refused.value.message.isprintable()
        assert refused.value.hint


@pytest.mark.parametrize("text", ["\u202eabc", "R-\u200d1", "\u0928\u200d\u200d", "soft\u00adened"])
def test_one_line_holds_no_character_that_cannot_be_seen(text: str) -> None:
    with pytest.raises(BadInput, match="cannot be stored"):
        one_line(text, "Text", 99)


def test_what_is_too_short_is_told_why_it_is_asked_for() -> None:
    with pytest.raises(BadInput) as refused:
        one_line(" too   short ", "Reason", 500, 10, "A colleague decides by it.")
    assert refused.value.message == "Reason: write at least 10 characters (now: 9)."
    assert refused.value.hint == "A colleague decides by it."
    assert one_line("long enough", "Reason", 500, 10) == "long enough"


def test_a_line_can_be_checked_as_it_stands() -> None:
    check_line("two  words", "Text", 10)
    for text in ("two\nwords", "eleven char", ""):
        with pytest.raises(BadInput):
            check_line(text, "Text", 10)


@settings(max_examples=examples(300))
@given(_TYPED, st.integers(0, 5), st.integers(5, 20))
def test_no_line_holds_a_control_or_more_than_it_may(text: str, least: int, most: int) -> None:
    try:
        line = one_line(text, "Text", most, least)
    except BadInput:
        return
    assert least <= len(line) <= most
    assert not {unicodedata.category(each) for each in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert line.split(" ") == line.split() or not line
    assert one_line(line, "Text", most, least) == line


@settings(max_examples=examples(300))
@given(_TYPED, st.integers(0, 5), st.integers(5, 20))
def test_no_lines_hold_a_control_but_tabs_and_line_ends(text: str, least: int, most: int) -> None:
    try:
        kept = several_lines(text, "Text", most, least)
    except BadInput:
        return
    assert least <= len(kept) <= most
    assert not {unicodedata.category(each) for each in kept if each not in "\t\n"} & {"Cc", "Cs"}
    assert kept == kept.strip()
    assert several_lines(kept, "Text", most, least) == kept


def test_messages_are_whole_sentences_in_the_language_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "gettext", lambda text: f"[{translation.get_language()}] {text}")
    cases: tuple[tuple[str, int, int], ...] = (("", 1, 9), ("ab", 3, 9), ("x" * 1001, 1, 1000), ("a\0", 1, 9))
    for text, least, most in cases:
        with translation.override("es"), pytest.raises(BadInput) as refused:
            one_line(text, "Motivo", most, least)
        assert refused.value.message.startswith("[es] Motivo: ")
        assert refused.value.hint.startswith("[es] ")
        assert "%" not in refused.value.message + refused.value.hint
    with translation.override("es"), pytest.raises(BadInput, match=r"1\.000|1\s000"):
        one_line("x" * 1001, "Motivo", 1000)
