import pytest

from amparo.joboffers.lexicon import Hit, Lexicon, read_lexicon
from amparo.text.words import Words

GARDEN = Lexicon({"tree": ["oak*", "*baum", "*wald*", "apple tree"], "tool": ["spade", "garden spade"]})


@pytest.mark.parametrize("word", ["Oaks", "oak", "Apfelbaum", "BAUM", "Regenwaldes", "Äpple TREE"])
def test_open_ends_match_and_case_and_accents_do_not_count(word: str) -> None:
    assert [hit.concept for hit in GARDEN.hits(Words.of(word))] == ["tree"]


@pytest.mark.parametrize("word", ["soak", "baume", "apple", "tree", "apple. Tree", "apple, big tree"])
def test_a_closed_end_is_closed_and_a_term_of_two_words_needs_both_in_one_sentence(word: str) -> None:
    assert GARDEN.hits(Words.of(word)) == []


def test_hits_give_their_words_and_may_lie_in_one_another() -> None:
    assert GARDEN.hits(Words.of("my garden spade")) == [Hit("tool", 1, 2), Hit("tool", 2, 2)]


def test_a_very_long_word_is_passed_over() -> None:
    assert GARDEN.hits(Words.of("oak" * 10_000)) == []


@pytest.mark.parametrize("term", ["one two three four", "a*", "*b*", "half-board", "*"])
def test_a_term_too_long_or_too_open_is_refused(term: str) -> None:
    with pytest.raises(ValueError):
        read_lexicon(f'[concepts]\nthing = "{term}"'.encode())


def test_terms_are_parted_by_lines_and_bars() -> None:
    assert read_lexicon(b'[concepts]\nthing = """a | b c\ndd*\n"""') == {"thing": ["a", "b c", "dd*"]}
