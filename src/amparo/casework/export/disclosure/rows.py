"""CSV for people who open it in a spreadsheet (RFC 4180, UTF-8 with a byte order mark)."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

_ACTING = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_ACTING) else value


def write_rows(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a new file row by row; how many rows it has, without the head."""
    written = 0
    with path.open("x", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(head)
        for row in rows:
            writer.writerow([cell(each) for each in row])
            written += 1
    return written
