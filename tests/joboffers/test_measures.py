import math

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from amparo.joboffers.measures import average_precision, bootstrap, recall_at, wilson

MIXED = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, False])


def test_average_precision_by_hand_at_equal_and_at_a_low_prevalence() -> None:
    assert average_precision(*MIXED, 0.5) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert average_precision(*MIXED, 0.1) == pytest.approx(0.5 * 1 + 0.5 * 2 / 11)


@settings(max_examples=examples(200))
@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=60))
def test_at_its_own_prevalence_it_is_that_of_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    scores, deceptive = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    if 0 < deceptive.sum() < len(rows):
        expected = average_precision_score(deceptive, scores)
        assert average_precision(scores, deceptive, float(deceptive.mean())) == pytest.approx(expected)


def test_recall_counts_only_what_lies_above_the_threshold() -> None:
    scores = np.array([5.0, 4.0, 3.0, 3.0, 2.0, 1.0])
    deceptive = np.array([True, False, True, False, True, False])
    assert recall_at(scores, deceptive, 0.0) == pytest.approx(1 / 3)
    assert recall_at(scores, deceptive, 1 / 3) == pytest.approx(1 / 3)  # a tie with a legitimate one is no hit
    assert recall_at(scores, deceptive, 2 / 3) == 1.0
    assert recall_at(scores, deceptive, 1.0) == 1.0


def test_without_both_kinds_there_is_no_figure() -> None:
    assert math.isnan(average_precision(np.array([1.0]), np.array([True]), 0.5))
    assert math.isnan(recall_at(np.array([1.0]), np.array([False]), 0.5))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)]
)
def test_intervals_of_shares(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-4)


def test_copies_of_one_offer_do_not_narrow_the_interval() -> None:
    values = np.random.default_rng(1).normal(size=40)
    alone = bootstrap(lambda drawn: float(values[drawn].mean()), np.arange(40))
    copied, groups = np.repeat(values, 10), np.repeat(np.arange(40), 10)
    assert bootstrap(lambda drawn: float(copied[drawn].mean()), groups) == pytest.approx(alone, abs=1e-9)
