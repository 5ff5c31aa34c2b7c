"""Finding: what an Analyser says about an Item or a Content. A lead with facts, never prose, never a verdict."""

import dataclasses
import re
from collections.abc import Mapping

Fact = str | int | float | bool | None | tuple[str, ...]

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
