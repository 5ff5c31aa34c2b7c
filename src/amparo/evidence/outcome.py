"""Outcome: how the work on one subject by one Analyser ended. A value, never an exception."""

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amparo.evidence.finding import Finding
    from amparo.evidence.item import Child


@dataclasses.dataclass(frozen=True, slots=True)
class Ok:
    """Finished. Damage in the evidence is a Finding here, not a failure."""

    findings: tuple["Finding", ...] = ()
    children: tuple["Child", ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Skipped:
    """Declined by rule: ``symlink``, ``special``, ``encrypted``..."""

    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    """We could not finish: a limit, a crash, a read error. Only this gives exit 6.

    ``findings`` and ``children`` hold what was learnt before the end: a damaged archive still lists what it could.
    """

    reason: str
    findings: tuple["Finding", ...] = ()
    children: tuple["Child", ...] = ()


Outcome = Ok | Skipped | Failed
