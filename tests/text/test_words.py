import unicodedata

from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.text.words import Words, normal


@settings(max_examples=examples(200))
@given(st.text(max_size=300))
def test_every_word_is_found_again_at_its_place(text: str) -> None:
    words = Words.of(text)
    for at, word in enumerate(words.words):
        assert normal(text[words.start(at) : words.end(at)]) == word
    assert "".join(words.gap(at) + words.raw(at) for at in range(len(words.words))) == text[: len(text) - _tail(words)]


def _tail(words: Words) -> int:
    return len(words.text) - (words.end(len(words.words) - 1) if words.words else 0)


@settings(max_examples=examples(200))
@given(st.text(max_size=300))
def test_no_letter_mark_or_digit_is_left_between_words(text: str) -> None:
    words = Words.of(text)
    for at in range(len(words.words)):
        assert not any(unicodedata.category(character)[0] in "LMN" for character in words.gap(at))


def test_vowel_signs_of_bengali_stay_in_their_word() -> None:
    assert Words.of("বিদেশে কাজের সুযোগ").words == ["বিদেশে", "কাজের", "সুযোগ"]


def test_accents_of_latin_letters_go_and_marks_of_other_scripts_stay() -> None:
    assert normal("Über") == "uber"
    assert normal("Ação") == normal("ACAO") == "acao"
    assert normal("কি") != normal("কা")
    assert normal("Straße") == "strasse"


def test_sentences_and_clauses_are_counted() -> None:
    words = Words.of("One two, three. Four (five) six\nseven v. 2.5")
    assert words.sentences == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    assert words.clauses[0] == words.clauses[1] != words.clauses[2]
    assert len(set(words.clauses)) == 7
