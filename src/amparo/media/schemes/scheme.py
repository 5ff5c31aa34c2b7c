"""A scheme's rules and how a Grade is derived from Labels: surely, or not at all.

A facet without a definite answer makes a condition undecided, not false (strong three-valued logic: Kleene,
"Introduction to Metamathematics", 1952, section 64). A rule applies when all its conditions are surely true and every
rule before it is surely false. So a Grade once derived is never changed by a further answer.
"""

import dataclasses
import datetime
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from amparo.evidence.errors import BadInput
from amparo.evidence.labels import FACETS, Labels, excluded_by

Reason = Literal["facets", "rule", "not-covered"]


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One rule: every facet of ``when`` has one of its values. It gives ``grade`` or, if that is empty, ``ask``.

    ``needs`` is a condition outside the labels that somebody has to see to. An empty ``when`` always holds.
    """

    grade: str
    ask: str
    when: tuple[tuple[str, frozenset[str]], ...]
    needs: str = ""

    def holds(self, answers: Mapping[str, str]) -> bool | None:
        """True or False where that is sure, else None. ``answers`` are definite ones."""
        if self.refuted_by(answers):
            return False
        return True if all(facet in answers for facet, _ in self.when) else None

    def refuted_by(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        """Facets whose answers together make this rule surely false; empty where it may hold."""
        for facet, values in self.when:
            if facet not in answers:
                excluding = [excluded_by(facet, value, answers) for value in sorted(values)]
                if None not in excluding:
                    return tuple(each for each in excluding if each)
            elif answers[facet] not in values:
                return (facet,)
        return ()


@dataclasses.dataclass(frozen=True, slots=True)
class Scheme:
    """One version of a scheme, as its rule file says.

    ``valid_from`` is its first day; ``valid_until`` the first day on which it no longer holds, None if that is when the
    next version begins. ``country`` is an ISO 3166-1 alpha-2 code or ``international``. ``titles`` are the words of
    each grade. ``digest`` is the SHA-256 of the file in hex.
    """

    name: str
    title: str
    country: str
    version: str
    valid_from: datetime.date
    valid_until: datetime.date | None
    source: str
    reviewed_by_lawyer: bool
    titles: Mapping[str, str]
    rules: tuple[Rule, ...]
    digest: str

    def facets(self) -> tuple[str, ...]:
        """The facets its rules look at, in the order of the vocabulary."""
        used = {facet for rule in self.rules for facet, _ in rule.when}
        return tuple(facet for facet in FACETS if facet in used)


@dataclasses.dataclass(frozen=True, slots=True)
class Grade:
    """A derived grade. ``rule`` counts from 1; ``facts`` are the tokens it rests on and give it again on their own.

    ``needs`` is a condition that the labels cannot answer: the grade stands only once somebody has seen to it.
    ``digest`` names the rule file, so that the grade can be derived again when newer versions hold.
    """

    scheme: str
    version: str
    digest: str
    rule: int
    grade: str
    facts: tuple[str, ...]
    needs: str


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """Cannot be derived: a person has to say.

    ``reason`` is ``facets`` (definite answers to ``facets`` settle it; the first is the one to ask first), ``rule``
    (rule number ``rule`` leaves it to a person, ``note`` says why) or ``not-covered`` (no rule speaks of this).
    """

    scheme: str
    version: str
    digest: str
    facets: tuple[str, ...]
    reason: Reason
    rule: int | None = None
    note: str = ""


def derive(labels: Labels, scheme: Scheme, at: datetime.date) -> Grade | Ask:
    """What this version of a scheme says of these labels on that day.

    Raises BadInput where the version did not hold on that day by its own dates.
    """
    if at < scheme.valid_from or (scheme.valid_until is not None and at >= scheme.valid_until):
        raise BadInput(
            f"Version {scheme.version} of {scheme.name} does not hold on {at}.",
            "Take the one in force.",
        )
    of = (scheme.name, scheme.version, scheme.digest)
    answers = labels.definite()
    facts: dict[str, str] = {}
    for number, rule in enumerate(scheme.rules, 1):
        holds = rule.holds(answers)
        if holds is None:
            return Ask(*of, _open(scheme.rules[number - 1 :], answers), "facets")
        if holds and rule.ask:
            return Ask(*of, (), "rule", number, rule.ask)
        if holds:
            facts |= {facet: answers[facet] for facet, _ in rule.when}
            return Grade(*of, number, rule.grade, Labels.of(facts).tokens(), rule.needs)
        facts |= {facet: answers[facet] for facet in rule.refuted_by(answers)}
    return Ask(*of, (), "not-covered")


def _open(rules: tuple[Rule, ...], answers: Mapping[str, str]) -> tuple[str, ...]:
    """The facets without an answer in the rules that may still apply, up to one that applies in any case."""
    found: dict[str, None] = {}
    for rule in rules:
        holds = rule.holds(answers)
        if holds is None:
            found |= {facet: None for facet, _ in rule.when if facet not in answers}
        elif holds:
            break
    return tuple(found)


_NONE: Mapping[str, str] = MappingProxyType({})


def every_answer(facets: tuple[str, ...], answers: Mapping[str, str] = _NONE) -> Iterator[dict[str, str]]:
    """Every way to answer these facets definitely, beyond ``answers``; 9,600 for the whole vocabulary.

    A facet is left out where everything that could be answered is excluded by what was answered before.
    """
    if not facets:
        yield dict(answers)
        return
    fitting = [value for value in FACETS[facets[0]].definite if excluded_by(facets[0], value, answers) is None]
    if not fitting:
        yield from every_answer(facets[1:], answers)
    for value in fitting:
        yield from every_answer(facets[1:], {**answers, facets[0]: value})


def unreachable(scheme: Scheme) -> tuple[int, ...]:
    """The numbers of the rules that can never be the one that applies."""
    left = dict(enumerate(scheme.rules, 1))
    for answers in every_answer(scheme.facets()):
        if not left:
            break
        left.pop(next((number for number, rule in enumerate(scheme.rules, 1) if rule.holds(answers)), 0), None)
    return tuple(left)
