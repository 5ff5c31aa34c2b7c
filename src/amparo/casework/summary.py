"""What a scan came to: the row of ``amparo scan --json`` and the table people see."""

from amparo.casework.paths import path_fields
from amparo.casework.scan import Scanned
from amparo.catalogue import counters

_TYPES = 12  # media types named before the rest is summed up


def scan_row(scanned: Scanned) -> dict[str, object]:
    """Schema ``scan``."""
    now = scanned.progress
    return {
        "v": 1,
        "case": scanned.case.reference,
        "source": str(scanned.source.uuid),
        **path_fields(bytes(scanned.source.root)),
        "state": _state(scanned),
        "visited": scanned.visited,
        "items": now.total,
        "contents": now.contents,
        "skipped": now.skipped,
        "failed": now.failed,
        "matches": now.matches,
        "bytes": now.bytes,
    }


def summary_rows(scanned: Scanned) -> list[tuple[str, str, int]]:
    """(group, name, number) in the order people read them."""
    numbers = counters.read(source=scanned.source)
    found = [("Items", name, number) for name, number in _largest(numbers["entry"])]
    found += [("Items", "in all", scanned.progress.total)]
    found += [("Contents", "distinct", scanned.progress.contents)]
    types = [pair for pair in _largest(numbers["type"]) if not pair[0].startswith("inode/")]
    found += [("Types", name, number) for name, number in types[:_TYPES]]
    if rest := types[_TYPES:]:
        found.append(("Types", f"{len(rest)} more", sum(number for _, number in rest)))
    found.append(("Leads", "contents in banks", scanned.progress.matches))
    for state in ("skipped", "failed"):
        marked = [(key.split(":", 1)[1], n) for key, n in _largest(numbers["short"]) if key.startswith(f"{state}:")]
        found += [(state.capitalize(), name, number) for name, number in marked]
    return found


def _state(scanned: Scanned) -> str:
    if not scanned.resumed:
        return "new"
    if not scanned.was_finished:
        return "continued"
    return "updated" if scanned.visited else "nothing was due"


def _largest(numbers: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))
