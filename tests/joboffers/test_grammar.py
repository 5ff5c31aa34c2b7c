import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.joboffers.grammar import Clause, Places, matches, merged
from amparo.joboffers.lexicon import Lexicon
from amparo.text.words import Words

COLOURS = Lexicon({"red": ["red"], "blue": ["blue"], "green": ["green"], "no": ["not"]})


def spans(clause: str, text: str) -> list[str]:
    words = Words.of(text)
    found = matches(Clause.of(clause), Places(words, COLOURS.hits(words)))
    return [text[words.start(first) : words.end(last)] for first, last in found]


def test_needs_stand_in_either_order_within_the_number_of_words() -> None:
    assert spans("red + blue / 3", "a blue thing then red") == ["blue thing then red"]
    assert spans("red + blue / 2", "a blue thing then red") == []
    assert spans("red + blue,green / 2", "red or green") == ["red or green"]


def test_needs_stand_in_one_sentence_unless_more_are_allowed() -> None:
    assert spans("red + blue", "It is red. It is blue.") == []
    assert spans("red + blue ~ 2", "It is red. It is blue.") == ["red. It is blue"]
    assert spans("red + blue ~ 2", "It is red. Nothing. It is blue.") == []


def test_a_negator_counts_among_the_words_and_beside_them_in_the_same_clause_only() -> None:
    clause = "red + blue - no"
    assert spans(clause, "red and not blue") == []
    assert spans(clause, "it is not at all red or blue") == []
    assert spans(clause, "it is not so, red and blue") == ["red and blue"]
    assert spans(clause, "not one of the walls of the house is red or blue") == ["red or blue"]


def test_the_nearest_hit_is_taken() -> None:
    assert spans("red + blue / 4", "red and a blue red") == ["blue red"]


def test_overlapping_spans_are_one() -> None:
    assert merged([(5, 6), (1, 3), (2, 4)]) == [(1, 4), (5, 6)]


@pytest.mark.parametrize("written", ["", "red +", "red / x", "red - ", "+ red"])
def test_what_is_no_clause_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        Clause.of(written)


@settings(max_examples=examples(200))
@given(st.lists(st.sampled_from(["red", "blue", "green", "not", "and", ".", ","]), max_size=40))
def test_every_span_holds_every_need_and_no_negator(pieces: list[str]) -> None:
    for found in spans("red + blue + green - no / 6", " ".join(pieces)):
        assert {"red", "blue", "green"} <= set(found.replace(".", " ").split())
        assert "not" not in found.split()
