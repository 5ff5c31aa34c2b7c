"""``amparo scan`` and ``amparo report``."""

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from amparo.cli.matches import warn_flooded
from amparo.cli.output import CASE, JSON, rows
from amparo.cli.start import start

if TYPE_CHECKING:
    from amparo.casework.scan import Progress

_QUIET_EVERY = 10.0  # seconds between lines when nobody watches


def scan(
    path: Annotated[str, typer.Argument(help="Folder or file to scan.")],
    case: str = CASE,
    again: Annotated[bool, typer.Option("--again", help="Make a new source of a path already scanned.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try again what failed before.")] = False,
    as_json: bool = JSON,
) -> None:
    """Scan a folder into a case; go on where an earlier scan of it stopped."""
    installation = start()
    from amparo.casework.scan import scan as scan_path
    from amparo.casework.summary import scan_row, summary_rows

    with _progress() as show:
        scanned = scan_path(installation, path, case, again=again, retry_failed=retry_failed, show=show)
    for each in scanned.flooded:
        warn_flooded(each.bank, each.entry, each.contents)
    if as_json:
        rows([scan_row(scanned)], True, (), "")
    else:
        _summary(scan_row(scanned), summary_rows(scanned))
    if scanned.failed:
        raise typer.Exit(6)


def report(
    case: str = CASE,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="File to write; default: in AMPARO_HOME.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the report, such as en or es.")] = None,
    as_json: bool = JSON,
) -> None:
    """Write a self-contained HTML report of a case. No imagery, no script."""
    installation = start()
    from amparo.casework.report import write_report

    written = write_report(installation, case, output, language)
    if as_json:
        rows([written], True, (), "")
    else:
        typer.echo(f"Report: {written['path']}")


@contextmanager
def _progress() -> "Iterator[Callable[[Progress], None]]":
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[more]}"),
        TimeElapsedColumn(),
    )  # fmt: skip
    bars = Bars(*columns, console=Console(stderr=True))
    items = bars.add_task("Items", total=None, more="")
    contents = bars.add_task("Contents", total=None, more="")

    def show(now: "Progress") -> None:
        bars.start()  # not before there is something to show: a refusal stays one clear line
        more = f"{now.skipped:,} skipped  {now.failed:,} failed"
        bars.update(items, total=now.total, completed=now.done, more=more)
        bars.update(contents, total=now.contents, completed=now.contents_done, more=f"{now.matches:,} in banks")

    try:
        yield show
    finally:
        bars.stop()


def _lines() -> "Callable[[Progress], None]":
    last = time.monotonic()

    def show(now: "Progress") -> None:
        nonlocal last
        if time.monotonic() - last >= _QUIET_EVERY:
            last = time.monotonic()
            print(f"{now.done:,} of {now.total:,} items, {now.failed:,} failed", file=sys.stderr)

    return show


def _summary(row: dict[str, object], found: list[tuple[str, str, int]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column()
    table.add_column(justify="right")
    before = ""
    for group, name, number in found:
        table.add_row(Text(group if group != before else "", style="bold"), Text(name), f"{number:,}")
        before = group
    console.print(table)
    console.print(Text(f"Source {row['source']}, {row['state']}: {row['path']}", style="dim"))
    if row["failed"]:
        console.print(Text(f"What failed: amparo items --case {shlex.quote(str(row['case']))} --outcome failed"))
        console.print("To try it again: the same scan with --retry-failed")
