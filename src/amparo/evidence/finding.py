"""Finding: what an Analyser says about an Item or a Content. A lead with facts, never prose, never a verdict."""

import dataclasses
import math
import re
from collections.abc import Mapping

Fact = str | int | float | bool | None | tuple[str, ...]

_SURROGATE = re.compile("[\ud800-\udfff]")
_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One statement: a dotted kind, flat facts, and a score where the Analyser has one.

    The Analyser, its version and config digest are added by the Ledger, which knows what it ran. Words for people
    are rendered from kind and facts at display.
    """

    kind: str
    facts: Mapping[str, Fact]
    score: float | None = None

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"a kind is dotted lower-case words, not {self.kind!r}")
        for name, fact in self.facts.items():
            if not isinstance(fact, str | int | float | bool | None) and not (
                isinstance(fact, tuple) and all(isinstance(part, str) for part in fact)
            ):
                raise ValueError(f"fact {name!r} of {self.kind} is not flat: {type(fact).__name__}")
            if not all(map(_storable, fact if isinstance(fact, tuple) else (fact,))):
                raise ValueError(f"fact {name!r} of {self.kind} cannot be stored")
        if not _storable(self.score):
            raise ValueError(f"the score of {self.kind} is not a finite number")


def _storable(fact: Fact) -> bool:
    """Whether JSON and both databases can hold it: no NaN or infinity, no NUL, no half of a surrogate pair."""
    if isinstance(fact, float):
        return math.isfinite(fact)
    return not isinstance(fact, str) or ("\0" not in fact and not _SURROGATE.search(fact))
