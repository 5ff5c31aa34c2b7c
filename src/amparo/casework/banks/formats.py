"""Formats of lists of known content: the entry points ``amparo.bank_formats``, and what each has to be told."""

import datetime
import importlib.metadata
import inspect
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, ClassVar, Protocol

from amparo.config import Settings
from amparo.evidence.errors import BadInput
from amparo.exchange.known import KnownEntry

GROUP = "amparo.bank_formats"
_OPTIONS = {"owner": "--owner", "terms": "--terms", "dated": "--date", "labels": "--label", "algorithm": "--algorithm"}


class BankFormat(Protocol):
    """A format of known content. Its parameters, of those in :class:`Stated`, are what a person has to state."""

    API: ClassVar[int]
    name: ClassVar[str]

    def read(self, stream: BinaryIO) -> Iterator[KnownEntry]:
        """Every entry of the file. Raises BadInput naming the place."""


def stated(
    owner: str | None, terms: str | None, dated: str | None, labels: tuple[str, ...], algorithm: str | None
) -> dict[str, Any]:
    """What a person stated of a list beside its file. Raises BadInput."""
    given: dict[str, Any] = {"owner": owner, "terms": terms, "labels": labels or None, "algorithm": algorithm}
    try:
        given["dated"] = None if dated is None else datetime.date.fromisoformat(dated)
    except ValueError as error:
        raise BadInput(f"{dated!r} is not a date.", "Write it like 2026-01-31.") from error
    return {name: value for name, value in given.items() if value is not None}


def make_format(settings: Settings, name: str, given: Mapping[str, Any]) -> BankFormat:
    """The reader of a format. Raises BadInput for an unknown one, and where it is told too little or too much."""
    points = {
        point.name: point
        for point in importlib.metadata.entry_points(group=GROUP)
        if point.value.startswith("amparo.") or point.name in settings.plugins
    }
    if name not in points:
        raise BadInput(f"Unknown bank format {name!r}.", f"Installed: {', '.join(sorted(points))}")
    made = points[name].load()
    takes = inspect.signature(made).parameters
    for option in given:
        if option not in takes:
            raise BadInput(f"A list of format {name} states that itself.", f"Leave {_OPTIONS[option]} out.")
    for option, parameter in takes.items():
        if option in _OPTIONS and parameter.default is parameter.empty and option not in given:
            raise BadInput(f"A list of format {name} does not state everything.", f"Give {_OPTIONS[option]}.")
    reader: BankFormat = made(**given)
    return reader
