"""Record: what a Ledger stores of one visit. The same reading of outcomes for every Ledger."""

import dataclasses

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child
from amparo.evidence.outcome import Failed, Skipped
from amparo.pipeline.task import KnownContent, KnownPicture, Task, Visited

DIGESTS = "content.digests"
MEDIA_TYPE = "content.media_type"
PICTURE = "content.picture"
REASON = 50  # characters of a reason code that are kept
UNKNOWN_TYPE = "application/octet-stream"
PROJECTED = frozenset({DIGESTS, MEDIA_TYPE, PICTURE})  # kinds that become columns of Content instead of rows of Finding


@dataclasses.dataclass(frozen=True, slots=True)
class Shortfall:
    """A stage that did not end with Ok."""

    stage: int
    failed: bool  # else skipped
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """One visit, ready to store: stage indexes are the Plan's.

    ``content`` is set where the bytes were digested, ``media_type`` where their type was looked at, ``picture`` where
    a picture was hashed.
    """

    task: Task
    content: KnownContent | None
    media_type: str | None
    findings: tuple[tuple[int, Finding], ...]
    children: tuple[tuple[int, Child], ...]
    shortfalls: tuple[Shortfall, ...]
    picture: KnownPicture | None = None


def record(visited: Visited) -> Record:
    """Sort out one visit's outcomes."""
    findings: list[tuple[int, Finding]] = []
    children: list[tuple[int, Child]] = []
    shortfalls = []
    projected: dict[str, Finding] = {}
    for stage, outcome in visited.outcomes:
        if isinstance(outcome, Failed | Skipped):
            shortfalls.append(Shortfall(stage, isinstance(outcome, Failed), outcome.reason[:REASON]))
        if not isinstance(outcome, Skipped):
            children.extend((stage, child) for child in outcome.children)
            for finding in outcome.findings:
                if finding.kind in PROJECTED:
                    projected[finding.kind] = finding
                else:
                    findings.append((stage, finding))
    named = str(projected[MEDIA_TYPE].facts["media_type"]) if MEDIA_TYPE in projected else None
    content = _content(projected[DIGESTS], named or UNKNOWN_TYPE) if DIGESTS in projected else None
    picture = _picture(projected[PICTURE]) if PICTURE in projected else None
    return Record(visited.task, content, named, tuple(findings), tuple(children), tuple(shortfalls), picture)


def _content(finding: Finding, named: str) -> KnownContent:
    digests = finding.facts
    return KnownContent(
        sha256=bytes.fromhex(str(digests["sha256"])),
        sha1=bytes.fromhex(str(digests["sha1"])),
        md5=bytes.fromhex(str(digests["md5"])),
        size=int(str(digests["size"])),
        media_type=named,
    )


def _picture(finding: Finding) -> KnownPicture:
    facts = finding.facts
    squashed = facts["pdq_512"]
    return KnownPicture(
        pdq=bytes.fromhex(str(facts["pdq"])),
        quality=int(str(facts["quality"])),
        pdq_512=None if squashed is None else bytes.fromhex(str(squashed)),
        views=bytes.fromhex(str(facts["views"])),
    )
