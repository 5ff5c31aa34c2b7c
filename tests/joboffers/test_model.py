import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.joboffers.model import BUCKETS, TextModel, buckets, fitted_frequency
from amparo.text.words import Words

GARDEN = Words.of("The old garden needs a gate")


def model(**weights: float) -> TextModel:
    made = np.zeros(BUCKETS, dtype=np.float32)
    for word, weight in weights.items():
        made[buckets(Words.of(word))[0]] = weight
    return TextModel(made, np.ones(BUCKETS, dtype=np.float32), -0.5, "test")


def test_words_and_pairs_have_buckets_and_order_matters() -> None:
    assert len(buckets(GARDEN)) == 11
    assert set(buckets(Words.of("gate garden"))) != set(buckets(Words.of("garden gate")))


def test_who_somebody_is_never_counts() -> None:
    assert buckets(Words.of("A Filipino woman")).tolist()[1:] == [0, 0, 0, 0]
    assert not fitted_frequency([np.zeros(3, dtype=np.int64)] * 9)[0]


def test_what_fewer_than_three_groups_hold_never_counts() -> None:
    frequency = fitted_frequency([np.array([5, 6]), np.array([5]), np.array([5, 6, 6])])
    assert frequency[5] > 0
    assert frequency[6] == frequency[7] == 0


def test_the_score_is_the_weighted_share_of_the_words() -> None:
    assert model(garden=2.0).score(GARDEN) == pytest.approx(2 / 11**0.5 - 0.5)
    assert model().score(Words.of("...")) == 0.0


def test_reasons_are_places_of_the_loudest_words() -> None:
    found = model(garden=2.0, gate=1.0, old=-3.0).reasons(GARDEN)
    assert [(GARDEN.text[first:last], part) for first, last, part in found] == [("garden", 2.0), ("gate", 1.0)]


def test_a_file_is_read_as_it_was_written_and_another_refused() -> None:
    made = model(garden=2.0)
    again = TextModel.of_bytes(made.to_bytes())
    assert again.score(GARDEN) == made.score(GARDEN)
    assert again.to_bytes() == made.to_bytes()
    with pytest.raises(ValueError):
        TextModel.of_bytes(b'{"v": 2}\n')


@settings(max_examples=examples(100))
@given(st.text(max_size=200))
def test_any_text_has_a_finite_score(text: str) -> None:
    assert np.isfinite(model(garden=2.0).score(Words.of(text)))
