"""Labels: a closed vocabulary, no contradictions, one byte form, and nothing but BadInput."""

import itertools
import json
import pickle
import re

import pytest
from docs.pages import ROOT
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.evidence.labels import CONTRADICTIONS, FACETS, OPEN, Labels, contradictions, excluded_by

TOKENS = [f"{name}-{value}" for name, facet in FACETS.items() for value in facet.values]


def test_tokens_are_labels_of_banks_and_each_means_one_thing() -> None:
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", token) for token in TOKENS)
    assert len(set(TOKENS)) == len(TOKENS)
    assert [Labels.parse((token,)).tokens() for token in TOKENS] == [(token,) for token in TOKENS]


def test_every_facet_and_value_is_described_in_one_sentence() -> None:
    for facet in FACETS.values():
        for text in (facet.description, *facet.values.values()):
            assert re.fullmatch(r"[A-Z][^.]*\.", text), text


def test_the_reference_has_the_whole_vocabulary() -> None:
    page = (ROOT / "docs" / "reference" / "labels-and-schemes.md").read_text()
    for facet in FACETS.values():
        values = ", ".join(f"`{value}`" for value in facet.values)
        assert f"| `{facet.name}` | {facet.description} | {values} |" in page
    for first, ones, second, others in CONTRADICTIONS:
        both = (
            ", ".join(f"`{facet}-{value}`" for value in values) for facet, values in ((first, ones), (second, others))
        )
        assert f"| {' | '.join(both)} |" in page


def test_every_facet_but_the_medium_can_be_left_open() -> None:
    assert [name for name, facet in FACETS.items() if not OPEN & facet.values.keys()] == ["medium"]


def test_order_and_repetition_do_not_matter() -> None:
    labels = Labels.parse(("severity-grave", "age-under-13", "age-under-13"))
    assert labels == Labels.of({"age": "under-13", "severity": "grave"})
    assert labels.tokens() == ("age-under-13", "severity-grave")
    assert hash(labels) == hash(Labels.parse(("age-under-13", "severity-grave")))
    assert pickle.loads(pickle.dumps(labels)) == labels


def test_canonical_form_and_digest_are_fixed() -> None:
    labels = Labels.parse(("severity-grave", "age-under-13"))
    assert labels.canonical() == b'{"labels":{"age":"under-13","severity":"grave"},"v":1}'
    assert labels.digest() == "aa1914cc6345cbfb5106a54b490b48c061be46ce6f8728c6da2e5f909644b03d"


def test_not_asked_and_not_known_are_recorded_apart_and_settle_nothing() -> None:
    asked, not_asked = Labels.of({"age": "undetermined"}), Labels()
    assert (asked.get("age"), not_asked.get("age")) == ("undetermined", None)
    assert asked.digest() != not_asked.digest()
    assert asked.definite() == not_asked.definite() == {}


@pytest.mark.parametrize("token", ["age-12", "age", "", "AGE-under-13", "age:under-13", "vics-category-1", "x" * 999])
def test_unknown_tokens_are_refused(token: str) -> None:
    with pytest.raises(BadInput, match="is not a label"):
        Labels.parse((token,))


@pytest.mark.parametrize(("facet", "value", "says"), [("colour", "red", "not a facet"), ("age", "12", "not a value")])
def test_unknown_facets_and_values_are_refused(facet: str, value: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        Labels.of({facet: value})


def test_a_facet_has_one_value() -> None:
    with pytest.raises(BadInput, match="answered twice"):
        Labels.parse(("age-under-13", "age-13-to-17"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("child-none", "age-under-13"),
        ("child-none", "material-abuse-material"),
        ("child-none", "severity-lesser"),
        ("child-not-real", "self-produced-yes-coerced"),
        ("material-comparison", "severity-gravest"),
    ],
)
def test_contradictions_are_refused_by_name(first: str, second: str) -> None:
    with pytest.raises(BadInput, match=f"{first} and {second} exclude"):
        Labels.parse((second, first))


@pytest.mark.parametrize(
    "tokens",
    [
        ("child-none", "age-18-or-over"),
        ("child-none", "age-undetermined"),
        ("child-real", "ai-generated-yes", "manipulated-yes"),
        ("material-abuse-material", "child-real", "age-18-or-over"),  # the age may be known otherwise
        ("medium-image", "livestream-capture-yes"),
    ],
)
def test_what_only_looks_like_a_contradiction_is_accepted(tokens: tuple[str, ...]) -> None:
    assert set(Labels.parse(tokens).tokens()) == set(tokens)


def test_accepted_labels_can_always_be_completed() -> None:
    """Facets that no contradiction names can take any value, so the others are the whole question.

    What cannot be answered is the severity of what is no abuse of a child, and nothing else.
    """
    names = {name for first, _, second, _ in CONTRADICTIONS for name in (first, second)}
    facets = [facet for facet in FACETS.values() if facet.name in names]
    for values in itertools.product(*((None, *facet.definite) for facet in facets)):
        answers = {facet.name: value for facet, value in zip(facets, values, strict=True) if value}
        if any(contradictions(answers)):
            continue
        for facet in facets:
            if facet.name not in answers and all(excluded_by(facet.name, each, answers) for each in facet.definite):
                assert facet.name == "severity"
                assert answers.get("child") == "none" or answers["material"] != "abuse-material"


@settings(max_examples=examples(50))
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=30), max_size=12))
def test_any_tokens_give_labels_or_bad_input(tokens: list[str]) -> None:
    try:
        labels = Labels.parse(tokens)
    except BadInput as error:
        assert error.message.isprintable()
        assert error.hint
        return
    assert set(labels.tokens()) == set(tokens)
    assert Labels.of(json.loads(labels.canonical())["labels"]) == labels
