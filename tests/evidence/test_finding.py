"""A Finding is a dotted kind with flat facts that both databases can hold."""

import json
from typing import Any

import pytest

from amparo.evidence.finding import Finding


@pytest.mark.parametrize("kind", ["match", "Match.bank", "a..b", ".a", "a.b.", "a b.c", "a.1b", ""])
def test_kinds_are_dotted_lower_case(kind: str) -> None:
    with pytest.raises(ValueError, match="dotted"):
        Finding(kind, {})


@pytest.mark.parametrize("fact", [b"bytes", ["list"], {"a": 1}, ("a", 1), object()])
def test_facts_are_flat(fact: Any) -> None:
    with pytest.raises(ValueError, match="not flat"):
        Finding("a.b", {"fact": fact})


@pytest.mark.parametrize("fact", [float("nan"), float("-inf"), "a\0b", "\udcff", ("fine", "\0")])
def test_facts_that_a_database_would_refuse_never_reach_it(fact: Any) -> None:
    with pytest.raises(ValueError, match="cannot be stored"):
        Finding("a.b", {"fact": fact})


def test_scores_are_finite() -> None:
    assert Finding("a.b", {}, 0.5).score == 0.5
    with pytest.raises(ValueError, match="score"):
        Finding("a.b", {}, float("inf"))


def test_every_flat_fact_is_taken() -> None:
    facts = {"s": "é\U0001f600\x01", "i": 2**70, "f": 1.5, "b": True, "n": None, "t": ("a", "b")}
    finding = Finding("media.picture_2", facts)
    assert json.loads(json.dumps(dict(finding.facts)))["t"] == ["a", "b"]
