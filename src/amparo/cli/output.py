"""How results are printed: JSON Lines for programs, a table for people. Progress and errors go to stderr."""

import itertools
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence

import typer

JSON = typer.Option(False, "--json", help="Print JSON Lines; see: amparo schema")
# Controls, and what turns text around: words from evidence must not act on the terminal.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
CASE = typer.Option(..., "--case", "-c", help="Reference of the case.")


TABLE_ROWS = 200  # what a person reads in a terminal; programs take --json


def rows(found: Iterable[Mapping[str, object]], as_json: bool, columns: Sequence[str], empty: str) -> int:
    """Print rows as they come; returns how many."""
    if as_json:
        number = 0
        for row in found:
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            number += 1
        return number
    return _table(list(itertools.islice(found, TABLE_ROWS + 1)), columns, empty)


def _table(found: Sequence[Mapping[str, object]], columns: Sequence[str], empty: str) -> int:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not found:
        console.print(empty, style="dim", markup=False)
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        number = all(isinstance(row.get(column), int) for row in found)
        table.add_column(column.replace("_", " "), justify="right" if number else "left", overflow="fold")
    for row in found[:TABLE_ROWS]:
        table.add_row(*(Text(_cell(row.get(column), column)) for column in columns))
    console.print(table)
    if len(found) > TABLE_ROWS:
        console.print(f"The first {TABLE_ROWS}. For all of them: --json", style="dim", markup=False)
    return len(found)


def printable(text: str) -> str:
    """Words from evidence as a terminal may show them."""
    return _UNSAFE.sub(lambda found: ascii(found[0])[1:-1], text)


def _cell(value: object, column: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        value = ", ".join(str(each) for each in value)
    if isinstance(value, dict):
        value = "  ".join(f"{key}={each}" for key, each in value.items())
    text = printable(str(value))
    return text[:16] + "…" if column == "sha256" and len(text) == 64 else text
