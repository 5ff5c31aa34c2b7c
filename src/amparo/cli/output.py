"""How results are printed: JSON Lines for programs, a table for people. Progress and errors go to stderr."""

import itertools
import json
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

JSON = typer.Option(False, "--json", help="Print JSON Lines; see: amparo schema")
# Controls, and what turns text around: words from evidence must not act on the terminal.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
CASE = typer.Option(..., "--case", "-c", help="Reference of the case.")


TABLE_ROWS = 200  # what a person reads in a terminal; programs take --json
_NOTHING = "-"
_GAP = 2  # spaces between columns
_CUT = 18  # characters that a column of paths or sentences must hold
_HASH = re.compile("[0-9a-f]{32,}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[0-9.]*(Z|\+00:00)")


def rows(
    found: Iterable[Mapping[str, object]], as_json: bool, columns: Sequence[str], empty: str, whole: bool = False
) -> int:
    """Print rows as they come; returns how many.

    For people, a table of ``columns``, the most important first: columns in which no row says anything are left out,
    and where the terminal is too narrow for all words, the last ones. Digests and times are shortened. With ``whole``
    nothing is shortened or left out: where it would not fit, each row is printed as lines of name and value.
    """
    if as_json:
        number = 0
        for row in found:
            line = json.dumps(row, ensure_ascii=False)
            sys.stdout.write((_escaped(line) if sys.stdout.isatty() else line) + "\n")
            number += 1
        return number
    return _table(list(itertools.islice(found, TABLE_ROWS + 1)), columns, empty, whole)


def _table(found: Sequence[Mapping[str, object]], columns: Sequence[str], empty: str, whole: bool) -> int:
    from rich.console import Console

    console = Console()
    if not found:
        console.print(empty, style="dim", markup=False)
        return 0
    shown = [{column: _cell(row.get(column), whole) for column in columns} for row in found[:TABLE_ROWS]]
    said = [column for column in columns if any(cells[column] != _NOTHING for cells in shown)] or list(columns)
    widths = {column: max(_needed(column, "_"), *(_needed(cells[column]) for cells in shown)) for column in said}
    numbers = {column for column in said if all(isinstance(row.get(column), int | None) for row in found)}
    left_out: list[str] = []
    while not whole and len(widths) > 1 and _width(widths) > console.width:
        left_out.insert(0, widths.popitem()[0].replace("_", " "))
    if whole and _width(widths) > console.width:
        _blocks(console, shown, said)
    else:
        _grid(console, shown, _spread(widths, shown, console.width), numbers)
    if left_out:
        names = ", ".join(left_out)
        console.print(f"Not shown here: {names}. Widen the terminal, or: --json", style="dim", markup=False)
    if len(found) > TABLE_ROWS:
        console.print(f"The first {TABLE_ROWS}. For all of them: --json", style="dim", markup=False)
    return len(found)


def _width(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1)


def _spread(widths: Mapping[str, int], shown: Sequence[Mapping[str, str]], width: int) -> dict[str, int]:
    """What is left of the terminal's width given to the columns that would use it, those that ask least first."""
    spread = dict(widths)
    asked = {column: max(len(column), *(len(cells[column]) for cells in shown)) - widths[column] for column in widths}
    spare = max(width - _width(widths), 0)
    for number, column in enumerate(sorted(asked, key=asked.__getitem__)):
        given = min(asked[column], spare // (len(asked) - number))
        spread[column] += given
        spare -= given
    return spread


def _needed(text: str, separator: str | None = None) -> int:
    """Characters: the longest word. A path, and what stands in a sentence, may be cut anywhere."""
    words = text.split(separator)
    cut = len(words) > 1 or "/" in text
    return max((min(len(word), _CUT) if cut else len(word) for word in words), default=0)


def _grid(
    console: "Console", shown: Sequence[Mapping[str, str]], widths: Mapping[str, int], numbers: Collection[str]
) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
    for column, width in widths.items():  # rich's own choice cuts short words for the sake of long texts
        justify: Literal["left", "right"] = "right" if column in numbers else "left"
        table.add_column(column.replace("_", " "), justify=justify, overflow="fold", width=width)
    for cells in shown:
        table.add_row(*(Text(cells[column]) for column in widths))
    console.print(table)


def _blocks(console: "Console", shown: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
    """Each row as lines of name and value, without what it does not say."""
    from rich.table import Table
    from rich.text import Text

    widest = max(len(column) for column in columns)
    for number, cells in enumerate(shown):
        if number:
            console.print()
        block = Table.grid(padding=(0, _GAP, 0, 0))
        block.add_column(min_width=widest, style="dim")
        block.add_column(overflow="fold")
        for column in columns:
            if cells[column] != _NOTHING:
                block.add_row(column.replace("_", " "), Text(cells[column]))
        console.print(block)


def _escaped(line: str) -> str:
    """The same JSON, without what acts on a terminal: it stands within strings only, where JSON has escapes."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def printable(text: str) -> str:
    """Words from evidence as a terminal may show them."""
    return _UNSAFE.sub(lambda found: ascii(found[0])[1:-1], text)


def _cell(value: object, whole: bool) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return printable(", ".join(_word(each, whole) for each in value))
    if isinstance(value, dict):
        return printable("  ".join(f"{key}={_word(each, whole)}" for key, each in value.items()))
    return printable(_word(value, whole))


def _word(value: object, whole: bool) -> str:
    text = str(value)
    if not whole and _HASH.fullmatch(text):
        return text[:16] + "…"
    if not whole and _TIME.fullmatch(text):
        return f"{text[:10]} {text[11:16]} UTC"
    return text
