"""Stage: one Analyser at one version with one configuration, the unit the Ledger remembers as done."""

import dataclasses
import enum
import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any, cast


class Visit(enum.StrEnum):
    """When an Analyser runs and what its subject is."""

    WALK = "walk"  # a directory: its entries become Items
    FIRST = "first"  # a file at one place: digests, media type, members
    SECOND = "second"  # a Content, once, however many Items have it


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """Identity of work: change any part and exactly this work becomes due again.

    ``follows`` is no part of it: the Analyser whose result this one uses, and with whose work it is due again.
    """

    analyser: str
    version: str
    config_digest: str
    visit: Visit
    follows: str = dataclasses.field(default="", compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Factory:
    """How a worker process makes something: ``module:name`` called with keyword arguments that pickle."""

    target: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __call__(self) -> Any:
        """Import the target and call it."""
        module, _, name = self.target.partition(":")
        maker = cast(Callable[..., Any], getattr(importlib.import_module(module), name))
        return maker(**self.arguments)


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """The stages of a run in their order, and how a worker makes the Analyser of each.

    Within a visit the order matters: media type before unpacking. Tasks name stages by their index here.
    """

    stages: tuple[Stage, ...]
    factories: tuple[Factory, ...]

    @classmethod
    def of(cls, *factories: Factory) -> "Plan":
        """Plan of the Analysers these factories make; each is made once here to learn its identity."""
        stages = []
        for factory in factories:
            analyser = factory()
            identity = analyser.name, analyser.version, analyser.config_digest, analyser.visit
            stages.append(Stage(*identity, analyser.follows))
        if len({(stage.analyser, stage.visit) for stage in stages}) != len(stages):
            raise ValueError("two Analysers of one plan share a name")
        return cls(tuple(stages), factories)

    def due(self, visit: Visit, done: Callable[[int], bool]) -> tuple[int, ...]:
        """Indexes of this visit's stages that are not ``done``, and of those that follow one of them."""
        due: list[int] = []
        for index in self.indexes(visit):
            follows = any(self.stages[each].analyser == self.stages[index].follows for each in due)
            if follows or not done(index):
                due.append(index)
        return tuple(due)

    def indexes(self, visit: Visit) -> tuple[int, ...]:
        """Indexes of the stages that run in this visit."""
        return tuple(i for i, stage in enumerate(self.stages) if stage.visit is visit)


def canonical_json(value: object) -> bytes:
    """Sorted keys, no spaces, ASCII: the bytes that digests of configurations and rows are taken over."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
