"""Labels: the neutral vocabulary in which a person judges a Content once. Grades of any scheme are derived from it.

Facets and values are abstract: no act is described here, nor anywhere else. Descriptions are plain English, one
sentence each; they are translated where they are shown.
"""

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping

from amparo.evidence.custody.canonical import canonical
from amparo.evidence.errors import BadInput

OPEN = frozenset({"undetermined", "unknown"})  # looked at and not known; as a premise no more than no answer at all


@dataclasses.dataclass(frozen=True, slots=True)
class Facet:
    """One question: its name, what it asks, and its values with what they say."""

    name: str
    description: str
    values: Mapping[str, str]

    @property
    def definite(self) -> tuple[str, ...]:
        """The values that settle the question."""
        return tuple(value for value in self.values if value not in OPEN)


def _known(name: str, description: str, yes: str, no: str) -> Facet:
    return Facet(name, description, {"yes": yes, "no": no, "unknown": "It is not known."})


_FACETS = (
    Facet(
        "material",
        "What kind of material this is.",
        {
            "abuse-material": "It records or depicts the sexual abuse of a child.",
            "exploitative-not-abuse": "It exploits a child and does not depict abuse.",
            "comparison": "It is kept only to compare other material with it.",
            "not-pertinent": "It has nothing to do with the matter.",
            "undetermined": "It was looked at and the kind is not certain.",
        },
    ),
    Facet(
        "child",
        "Whether a child is shown, and whether that child exists.",
        {
            "real": "A child who exists is shown, also where the material was altered.",
            "not-real": "A child is shown, and all of it was drawn or generated.",
            "none": "No child is shown.",
            "undetermined": "It was looked at and is not certain.",
        },
    ),
    Facet(
        "age",
        "How old the youngest person concerned appears to be.",
        {
            "under-13": "The person appears to be younger than 13 years.",
            "13-to-17": "The person appears to be 13 years or older and younger than 18.",
            "18-or-over": "The person appears to be 18 years or older.",
            "undetermined": "It was looked at and is not certain.",
        },
    ),
    Facet(
        "severity",
        "How grave the abuse is, in three grades without a description.",
        {
            "gravest": "The first of the three grades.",
            "grave": "The second of the three grades.",
            "lesser": "The third of the three grades, which is no statement about the harm to the child.",
            "undetermined": "It was looked at and is not certain.",
        },
    ),
    _known(
        "ai-generated",
        "Whether a generative program made it or a part of it.",
        "A generative program made it or a part of it.",
        "No generative program made any part of it.",
    ),
    _known(
        "manipulated",
        "Whether it was altered after it was made.",
        "It was altered in what it shows.",
        "It was not altered in what it shows.",
    ),
    Facet(
        "self-produced",
        "Whether the child shown made it.",
        {
            "yes-coerced": "The child shown made it, made to do so by somebody.",
            "yes-coercion-unknown": "The child shown made it, and whether somebody made the child do so is not known.",
            "no": "Somebody else made it.",
            "unknown": "It is not known.",
        },
    ),
    _known(
        "livestream-capture",
        "Whether it was recorded from a live transmission.",
        "It was recorded from a live transmission.",
        "It was not recorded from a live transmission.",
    ),
    Facet(
        "medium",
        "What it consists of.",
        {
            "image": "It is a still picture.",
            "video": "It is moving pictures, with or without sound.",
            "text": "It is written words.",
            "audio": "It is sound without pictures.",
        },
    ),
    _known(
        "victim-identified",
        "Whether it is known who the victim is.",
        "An authority knows who the victim is.",
        "No authority is known to know who the victim is.",
    ),
    _known(
        "distributed",
        "Whether it was passed on to others.",
        "It was passed on to others.",
        "It was not passed on to others.",
    ),
)
FACETS: Mapping[str, Facet] = {facet.name: facet for facet in _FACETS}

# Answers that exclude each other: a facet with values, and another facet with values. What follows from two lines is a
# line of its own, so that labels which are accepted can be completed; a test counts it out.
_GRADED = ("gravest", "grave", "lesser")
_BY_CHILD = ("yes-coerced", "yes-coercion-unknown")
CONTRADICTIONS = (
    ("child", ("none",), "age", ("under-13", "13-to-17")),
    ("child", ("none",), "material", ("abuse-material",)),
    ("child", ("none",), "severity", _GRADED),
    ("child", ("none", "not-real"), "self-produced", _BY_CHILD),
    ("material", ("exploitative-not-abuse", "comparison", "not-pertinent"), "severity", _GRADED),
)

_TOKENS = {f"{facet.name}-{value}": (facet.name, value) for facet in _FACETS for value in facet.values}
_HINT = "docs/reference/labels-and-schemes.md lists the labels."


@dataclasses.dataclass(frozen=True, slots=True)
class Labels:
    """The answers of one person about one Content: pairs of facet and value, kept in the order of FACETS.

    A facet left out was not asked; that differs from an open value in the record and in nothing else. Raises BadInput
    on an unknown facet or value, on a facet answered twice, and on answers that exclude each other.
    """

    answers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for facet, value in self.answers:
            check_value(facet, value)
        found = dict(self.answers)
        if len(found) != len(self.answers):
            raise BadInput("A facet is answered twice.", "Give each facet one value.")
        for pair in contradictions(found):
            first, second = (f"{facet}-{found[facet]}" for facet in pair)
            raise BadInput(
                "The labels %(first)s and %(second)s exclude each other.",
                "Change one, or leave it out.",
                {"first": first, "second": second},
            )
        object.__setattr__(self, "answers", tuple((name, found[name]) for name in FACETS if name in found))

    @classmethod
    def of(cls, answers: Mapping[str, str]) -> "Labels":
        """Labels from facet to value."""
        return cls(tuple(answers.items()))

    @classmethod
    def parse(cls, tokens: Iterable[str]) -> "Labels":
        """Labels from tokens such as ``age-under-13``; the same token twice counts once."""
        pairs = {}
        for token in tokens:
            if token not in _TOKENS:
                raise BadInput("%(text)s is not a label.", _HINT, {"text": _shown(token)})
            pairs[token] = _TOKENS[token]
        return cls(tuple(pairs.values()))

    def tokens(self) -> tuple[str, ...]:
        """The labels as ``facet-value``, each of a-z, 0-9 and -, in the order of FACETS."""
        return tuple(f"{facet}-{value}" for facet, value in self.answers)

    def get(self, facet: str) -> str | None:
        """The value recorded, open ones included; None where the facet was not asked."""
        return dict(self.answers).get(facet)

    def definite(self) -> dict[str, str]:
        """The answers that settle something: without open values."""
        return {facet: value for facet, value in self.answers if value not in OPEN}

    def canonical(self) -> bytes:
        """JSON with sorted keys, no spaces, ASCII: ``{"labels":{...},"v":1}``."""
        return canonical({"v": 1, "labels": dict(self.answers)})

    def digest(self) -> str:
        """SHA-256 of the canonical form in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


def check_value(facet: str, value: str) -> None:
    """Raises BadInput unless the vocabulary has this facet and it has this value."""
    if facet not in FACETS:
        raise BadInput(
            "%(text)s is not a facet.",
            "The facets are: %(facets)s",
            {"text": _shown(facet), "facets": ", ".join(FACETS)},
        )
    if value not in FACETS[facet].values:
        raise BadInput(
            "%(text)s is not a value of %(facet)s.",
            "Its values are: %(values)s",
            {"text": _shown(value), "facet": facet, "values": ", ".join(FACETS[facet].values)},
        )


def contradictions(answers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Pairs of facets whose answers exclude each other."""
    for first, ones, second, others in CONTRADICTIONS:
        if answers.get(first) in ones and answers.get(second) in others:
            yield first, second


def excluded_by(facet: str, value: str, answers: Mapping[str, str]) -> str | None:
    """The facet of ``answers`` that excludes this further answer; None where nothing does."""
    for first, second in contradictions({**answers, facet: value}):
        return second if first == facet else first
    return None


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 80 else text[:77] + "...")
