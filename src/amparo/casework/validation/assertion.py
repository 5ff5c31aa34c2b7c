"""Assertion: one numbered statement of what the program does, and the check of it on a prepared scan.

The form follows the test assertions of NIST's Computer Forensics Tool Testing programme. Numbers are never used twice:
an assertion that changes its meaning gets a new one.
"""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from amparo.casework.installation import Installation
from amparo.catalogue.models import Case

Row = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Bench:
    """What was prepared. ``items``: rows of schema ``item`` by path. ``findings``: rows of schema ``finding``.
    ``before``: SHA-256 and modification time in nanoseconds of every file of the evidence before the scan.
    """

    installation: Installation
    case: Case
    evidence: Path
    items: Mapping[str, Row]
    findings: tuple[Row, ...]
    before: Mapping[str, tuple[str, int]]


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What one check expected and saw; equal means that the assertion holds."""

    expected: object
    observed: object

    @property
    def holds(self) -> bool:
        """Whether the program did what the assertion says."""
        return self.expected == self.observed


@dataclasses.dataclass(frozen=True, slots=True)
class Assertion:
    """``says`` in one sentence; ``source``: the document that the expectation comes from."""

    number: str
    says: str
    source: str
    check: Callable[[Bench], Result]
