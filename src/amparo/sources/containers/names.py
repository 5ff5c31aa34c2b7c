"""Member names: kept exactly as stored, and marked where extracting them would write elsewhere."""

import re

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Entry, Step
from amparo.evidence.moment import Moment
from amparo.evidence.outcome import Failed, Skipped
from amparo.sources.containers.limits import Limits

_SEPARATORS = re.compile(rb"[/\\]")
_DRIVE = re.compile(rb"[A-Za-z]:")
_LINKS = {Entry.SYMLINK: "symlink", Entry.HARDLINK: "hardlink"}
_BYTES = frozenset({Entry.FILE, Entry.DIRECTORY, Entry.UNKNOWN})


def name_findings(name: bytes) -> tuple[Finding, ...]:
    """One ``archive.member_name`` per problem: ``parent-reference``, ``absolute``, ``nul``, ``drive``."""
    problems = []
    if b".." in name and b".." in _SEPARATORS.split(name):
        problems.append("parent-reference")
    if name[:1] in (b"/", b"\\"):
        problems.append("absolute")
    if b"\0" in name:
        problems.append("nul")
    if _DRIVE.match(name):
        problems.append("drive")
    return tuple(Finding("archive.member_name", {"problem": problem}) for problem in problems)


def member(
    opener: str,
    record: int,
    name: bytes,
    entry: Entry,
    size: int | None,
    moments: tuple[Moment, ...],
    outcome: Skipped | Failed | None,
    limits: Limits,
) -> Child:
    """The Child for one member. Links and devices are Skipped; a name over the limit is cut and Failed."""
    if entry in _LINKS:
        outcome = Skipped(_LINKS[entry])
    elif entry not in _BYTES:
        outcome = Skipped("special")
    if len(name) > limits.name_bytes:
        name, outcome = name[: limits.name_bytes], Failed("limit-size")
    return Child(Step(opener, name, record), entry, size, moments, outcome=outcome, findings=name_findings(name))
