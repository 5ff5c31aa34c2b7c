"""File records of a 7z header: names, times, attributes, and which of them have bytes."""

import dataclasses
import itertools
from collections.abc import Sequence

from amparo.pipeline.ports import Unreadable
from amparo.sources.containers.limits import Limits
from amparo.sources.containers.seven_cursor import Cursor
from amparo.sources.containers.seven_header import (
    ANTI,
    ATIME,
    ATTRIBUTES,
    CTIME,
    EMPTY_FILE,
    EMPTY_STREAM,
    END,
    MTIME,
    NAME,
)  # fmt: skip

_TIMES = {CTIME: "btime", ATIME: "atime", MTIME: "mtime"}


@dataclasses.dataclass(slots=True)
class SevenEntry:
    """One file record; ``name`` is UTF-8 of the stored UTF-16 (lone surrogates kept), times are FILETIME."""

    name: bytes = b""
    has_stream: bool = True
    empty_file: bool = False
    anti: bool = False
    attributes: int = 0
    times: dict[str, int] = dataclasses.field(default_factory=dict)


def read_files(cursor: Cursor, limits: Limits) -> list[SevenEntry]:
    """The file records in their order."""
    count = cursor.count(1)
    if count > limits.entries:
        raise Unreadable("limit-entries")
    entries = [SevenEntry() for _ in range(count)]
    while (kind := cursor.byte()) != END:
        part = Cursor(cursor.take(cursor.number()))
        if kind == EMPTY_STREAM:
            for entry, empty in zip(entries, part.bits(count), strict=True):
                entry.has_stream = not empty
        elif kind in (EMPTY_FILE, ANTI):
            field = "empty_file" if kind == EMPTY_FILE else "anti"
            empties = [entry for entry in entries if not entry.has_stream]
            for entry, flag in zip(empties, part.bits(len(empties)), strict=True):
                setattr(entry, field, flag)
        elif kind == NAME:
            _names(part, entries)
        elif kind in _TIMES or kind == ATTRIBUTES:
            defined = part.defined(count)
            part.expect(0)
            for entry in itertools.compress(entries, defined):
                if kind == ATTRIBUTES:
                    entry.attributes = int.from_bytes(part.take(4), "little")
                else:
                    entry.times[_TIMES[kind]] = int.from_bytes(part.take(8), "little")
    return entries


def _names(part: Cursor, entries: Sequence[SevenEntry]) -> None:
    part.expect(0)
    data, at = part.data, part.at
    for entry in entries:
        end = at
        while (end := data.find(b"\0\0", end)) >= 0 and (end - at) % 2:
            end += 1
        if end < 0:
            raise Unreadable("damaged")
        entry.name = data[at:end].decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")
        at = end + 2
