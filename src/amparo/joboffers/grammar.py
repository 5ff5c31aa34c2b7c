"""The grammar of signs: which concepts must stand together to be a sign.

A clause is written ``passport + keep - copy,no``: both concepts on the left within a number of words of one sentence,
and none of those after a minus among or beside them. ``/ 20`` changes the number of words; ``a,b`` means either;
``~ 2`` lets the words stand in as many neighbouring sentences.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from amparo.joboffers.lexicon import Hit
from amparo.text.words import Words

_WITHIN = 14
_BESIDE = 4
_PART = re.compile(r"\s*([+\-/~])\s*")


@dataclass(frozen=True, slots=True)
class Clause:
    """``needs``: one concept of each set must stand within ``within`` words over ``sentences`` sentences.

    ``never``: none of these may stand near.
    """

    needs: tuple[frozenset[str], ...]
    never: frozenset[str]
    within: int = _WITHIN
    sentences: int = 1

    @classmethod
    def of(cls, written: str) -> "Clause":
        """Raises ValueError for what is no clause."""
        parts = _PART.split("+" + written)
        needs: list[frozenset[str]] = []
        never: set[str] = set()
        within, sentences = _WITHIN, 1
        for sign, value in zip(parts[1::2], parts[2::2], strict=True):
            if not value:
                raise ValueError(f"{written!r}: nothing after {sign!r}")
            if sign == "+":
                needs.append(frozenset(one.strip() for one in value.split(",")))
            elif sign == "-":
                never.update(one.strip() for one in value.split(","))
            elif sign == "/":
                within = int(value)
            else:
                sentences = int(value)
        return cls(tuple(needs), frozenset(never), within, sentences)

    def concepts(self) -> frozenset[str]:
        """Every concept it names."""
        return self.never.union(*self.needs)


class Places:
    """The hits of one text by concept, ready for clauses."""

    def __init__(self, text: Words, hits: Iterable[Hit]) -> None:
        self.text = text
        self.by_concept: dict[str, list[Hit]] = {}
        for hit in hits:
            self.by_concept.setdefault(hit.concept, []).append(hit)
        for found in self.by_concept.values():
            found.sort(key=lambda hit: hit.first)

    def __contains__(self, concept: str) -> bool:
        return concept in self.by_concept

    def of(self, concepts: frozenset[str]) -> list[Hit]:
        """Hits of any of these concepts."""
        return [hit for concept in concepts for hit in self.by_concept.get(concept, ())]

    def near(self, concepts: frozenset[str], first: int, last: int) -> bool:
        """Whether one of the concepts stands among the words, or a few words beside them in the same clause."""
        clauses = self.text.clauses
        for hit in self.of(concepts):
            if hit.last >= first and hit.first <= last:
                return True
            if hit.last < first and first - hit.last <= _BESIDE and clauses[hit.last] == clauses[first]:
                return True
            if hit.first > last and hit.first - last <= _BESIDE and clauses[hit.first] == clauses[last]:
                return True
        return False


def matches(clause: Clause, places: Places) -> list[tuple[int, int]]:
    """Spans (first and last word, inclusive) where the clause holds; overlapping ones are one.

    Around each hit of the rarest concept the nearest hit of the others is taken: hits x concepts, no search.
    """
    groups = [places.of(need) for need in clause.needs]
    if not all(groups):
        return []
    groups.sort(key=len)
    sentences = places.text.sentences
    spans: list[tuple[int, int]] = []
    for anchor in groups[0]:
        first, last = anchor.first, anchor.last
        for group in groups[1:]:
            nearest = None
            distance = clause.within + 1
            for hit in group:
                if abs(sentences[hit.first] - sentences[anchor.first]) >= clause.sentences:
                    continue
                away = max(hit.first - anchor.last, anchor.first - hit.last)
                if 0 < away < distance:
                    nearest, distance = hit, away
            if nearest is None:
                break
            first, last = min(first, nearest.first), max(last, nearest.last)
        else:
            if last - first <= clause.within and not (clause.never and places.near(clause.never, first, last)):
                spans.append((first, last))
    return merged(spans)


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping spans as one, in order."""
    out: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(last, out[-1][1]))
        else:
            out.append((first, last))
    return out
