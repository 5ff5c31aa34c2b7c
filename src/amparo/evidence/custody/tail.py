"""The end of a custody log, or entries before a number, read from behind: what a page shows of a log of any length.

Nothing is verified here; that is the work of ``verify``. A page of entries costs the page, plus a search by halves for
where it begins: about 20 reads of 64 KiB in a log of 1 GiB.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from amparo.evidence.custody import files
from amparo.evidence.custody.canonical import MAX_LINE, Malformed
from amparo.evidence.custody.entry import CustodyEntry, Seal, read_line
from amparo.evidence.errors import VerificationFailed

_BLOCK = 1 << 16
_HINT = "Run: amparo custody verify"


def entries_before(path: Path, before: int | None, most: int) -> tuple[CustodyEntry, ...]:
    """At most ``most`` entries with numbers below ``before`` (None: from the end), newest first; () without a log.

    Raises VerificationFailed for a line that is no entry and no seal, BadInput if the file cannot be read.
    """
    found: list[CustodyEntry] = []
    for record in _records(path, before):
        if len(found) >= most:
            break
        if isinstance(record, CustodyEntry):
            found.append(record)
    return tuple(found)


def last_seal(path: Path) -> Seal | None:
    """The newest seal of a log, None if it has none. Raises like :func:`entries_before`."""
    return next((record for record in _records(path, None) if isinstance(record, Seal)), None)


def newest_entries(path: Path) -> Iterator[CustodyEntry]:
    """All entries from the newest on, for whoever looks for one. Raises like :func:`entries_before`."""
    return (record for record in _records(path, None) if isinstance(record, CustodyEntry))


def _records(path: Path, before: int | None) -> Iterator[CustodyEntry | Seal]:
    if not path.exists():
        return
    with files.storage_errors("the custody log"), path.open("rb") as file:
        size = file.seek(0, 2)
        end = size if before is None else _start_of(file, size, before)
        for line in _lines_from_behind(file, end):
            yield _read(line)


def _start_of(file: BinaryIO, size: int, number: int) -> int:
    """Where the first line lies whose number is ``number`` or more: numbers never fall from line to line."""
    low, high = 0, size  # low is the start of a line with a lesser number, or of the file
    while high - low > _BLOCK:
        file.seek((low + high) // 2)
        file.readline(MAX_LINE + 1)
        start = file.tell()
        line = file.readline(MAX_LINE + 1)
        if start < high and line.endswith(b"\n") and _read(line).n < number:
            low = start
        else:
            high = (low + high) // 2
    file.seek(low)
    while (line := file.readline(MAX_LINE + 1)).endswith(b"\n"):
        if _read(line).n >= number:
            return file.tell() - len(line)
    return file.tell() - len(line)


def _lines_from_behind(file: BinaryIO, end: int) -> Iterator[bytes]:
    """Whole lines before ``end``, last first. What follows the last newline was torn off and is passed over."""
    rest, whole = b"", False
    while end:
        start = max(0, end - _BLOCK)
        file.seek(start)
        pieces = (file.read(end - start) + rest).split(b"\n")
        for piece in reversed(pieces[1:]):
            if whole:
                yield piece
            whole = True
        rest, end = pieces[0], start
        if len(rest) > MAX_LINE:
            raise VerificationFailed("A line of the custody log is longer than 1 MiB.", _HINT)
    if whole:
        yield rest


def _read(line: bytes) -> CustodyEntry | Seal:
    try:
        return read_line(line)
    except Malformed as error:
        raise VerificationFailed(f"A line of the custody log {error}.", _HINT) from error
