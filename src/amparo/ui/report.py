"""The report of a scan: plain values in, one self-contained HTML page out: no script, no picture, no address."""

import dataclasses
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from amparo.evidence.custody.verify import Anchored
from amparo.ui.report_figures import media_types_chart, states_chart
from amparo.ui.standalone import standalone

PATHS_SHOWN = 5
FAILED_SHOWN = 20
TYPES_SHOWN = 15


@dataclasses.dataclass(frozen=True, slots=True)
class Authority:
    """A legal basis as recorded. No ``paths`` means any path; ``until`` is exclusive."""

    text: str
    valid_from: datetime.datetime
    until: datetime.datetime | None = None
    paths: tuple[bytes, ...] = ()
    kind: str = ""
    instrument: str = ""
    issuer: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """What was scanned. ``finished`` is None while work on it is left."""

    uuid: uuid.UUID
    path: bytes
    opener: str
    acquired: datetime.datetime
    finished: datetime.datetime | None
    items: int
    contents: int


@dataclasses.dataclass(frozen=True, slots=True)
class States:
    """Subjects by the worst outcome of the work on them."""

    ok: int = 0
    skipped: int = 0
    failed: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.ok + self.skipped + self.failed + self.pending


@dataclasses.dataclass(frozen=True, slots=True)
class Totals:
    """Numbers over all Sources of the Case. ``entries`` is Items by kind of entry."""

    entries: tuple[tuple[str, int], ...]
    items: States
    items_with_content: int
    contents: int
    bytes_listed: int
    bytes_distinct: int


@dataclasses.dataclass(frozen=True, slots=True)
class Bank:
    """A known list that was compared with."""

    name: str
    version: int
    entries: int


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """A Content that a Bank knows: ``kind`` and ``facts`` of the Finding; ``paths`` are the first of its places."""

    sha256: bytes
    media_type: str
    size: int
    kind: str
    facts: Mapping[str, Any]
    places: int
    paths: tuple[bytes, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Matches:
    """``contents`` and ``places`` count all, each once; ``shown`` may be only the first of them.

    ``apart``: how many there are of each other kind of match, which are no leads.
    """

    contents: int = 0
    places: int = 0
    shown: tuple[Match, ...] = ()
    total: int = 0  # rows there are; a Content on two lists is two
    apart: tuple[tuple[str, int], ...] = ()

    @property
    def more(self) -> int:
        """Rows that are not shown."""
        return max(0, self.total - len(self.shown))


@dataclasses.dataclass(frozen=True, slots=True)
class Shortfall:
    """How many subjects were skipped, or failed, for a reason."""

    reason: str
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class FailedItem:
    """One Item that could not be finished: where, at which analyser, why."""

    path: bytes
    stage: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Damage:
    """Current Findings of a kind that tells of damage."""

    kind: str
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Analyser:
    """What ran."""

    name: str
    version: str
    config_digest: str


@dataclasses.dataclass(frozen=True, slots=True)
class Custody:
    """The log as it stood when the report was made. ``head`` is ``N:HASH``; ``problem`` says why it did not check out.

    ``command`` verifies it again, held against ``head`` and ``key`` (a fingerprint).
    """

    entries: int
    head: str
    key: str
    anchored: Anchored
    command: str
    problem: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """A scan of a Case. Times carry their zone; the page shows UTC."""

    reference: str
    uuid: uuid.UUID
    operator: str
    made: datetime.datetime
    version: str
    authorities: tuple[Authority, ...]
    sources: tuple[Source, ...]
    totals: Totals
    media_types: tuple[tuple[str, int], ...]
    banks: tuple[Bank, ...]
    matches: Matches
    skipped: tuple[Shortfall, ...]
    failed: tuple[Shortfall, ...]
    failed_items: tuple[FailedItem, ...]
    damage: tuple[Damage, ...]
    analysers: tuple[Analyser, ...]
    custody: Custody


def render(report: Report, language: str) -> str:
    """The page in ``language``, or in English where that is not translated."""
    context: dict[str, object] = {
        "report": report,
        "states": states_chart(report.totals.items),
        "types": media_types_chart(report.media_types, TYPES_SHOWN),
        "failed_items": report.failed_items[:FAILED_SHOWN],
        "failed_more": max(0, report.totals.items.failed - min(len(report.failed_items), FAILED_SHOWN)),
        "paths_shown": f":{PATHS_SHOWN}",
        "limits": {"paths": PATHS_SHOWN, "failed": FAILED_SHOWN, "types": TYPES_SHOWN},
        "command": report.custody.command.split(" "),  # a line may break between words, not inside an option
        "anchored": report.custody.anchored.name,
    }
    return standalone("ui/report.html", context, language)
