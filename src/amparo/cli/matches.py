"""``amparo matches`` and ``rematch``: what the banks know of a case, and comparing it with new banks."""

import itertools
import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from amparo.cli.output import CASE, JSON, printable, rows
from amparo.cli.start import start


def matches(
    case: str = CASE,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is flat, set aside, known to be harmless, or known good.")
    ] = False,
    bank: Annotated[str | None, typer.Option(help="Only those with this bank.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many.")] = None,
    as_json: bool = JSON,
) -> None:
    """List the matches of a case, each with why it may be false."""
    start()
    from amparo.casework.matches import case_match_rows

    found = itertools.islice(case_match_rows(case, everything, bank), limit)
    if as_json:
        rows(found, True, (), "")
    elif not _blocks(found):
        typer.echo("No matches here. That says nothing about the content.")


def rematch(
    case: Annotated[str | None, typer.Option("--case", "-c", help="Reference of one case; default: all.")] = None,
    as_json: bool = JSON,
) -> None:
    """Compare what is catalogued with the banks of now. Reads no evidence."""
    installation = start()
    from amparo.casework.banks.rematch import rematch as rematch_case

    for done in rematch_case(installation, case):
        if as_json:
            print(json.dumps(done.row()))
        else:
            print(f"{done.case.reference}: {done.compared:,} contents compared")
        for each in done.flooded:
            warn_flooded(each.bank, each.entry, each.contents)
        if done.unhashed:
            print(
                f"amparo: {done.unhashed:,} contents of {done.case.reference} were never hashed; scan them again.",
                file=sys.stderr,
            )


def warn_flooded(bank: str, entry: int, contents: int) -> None:
    """Say that the flood guard set an entry aside, and what to do."""
    stated = f"{entry} --name {shlex.quote(bank)} --reason WHY"
    print(
        f"amparo: entry {entry} of bank {bank!r} is near to {contents:,} pictures of one case and was set aside.\n"
        "  Look at some of them, then run one of these, and: amparo rematch\n"
        f"  amparo bank release {stated}\n"
        f"  amparo bank deny {stated}",
        file=sys.stderr,
    )


def _blocks(found: Iterable[Mapping[str, Any]]) -> int:
    from rich.console import Console
    from rich.text import Text

    console, number = Console(highlight=False), 0
    for row in found:
        number += 1
        console.print(Text(f"{row['title']}: {printable(row.get('path', ''))}", style="bold"))
        more = row["items"] - 1
        places = f"; {more:,} more place{'s' if more > 1 else ''}" if more > 0 else ""
        console.print(Text(f"  SHA-256 {row['sha256'][:16]}…{places}"))
        labels = ", ".join(row["labels"]) or "no labels"
        console.print(Text(f"  Bank {row['bank_name']} version {row['bank_version']}, entry {row['entry']}: {labels}"))
        dated, terms = row.get("dated", "-"), row.get("terms", "-")  # version 1 of bank_match did not state them
        console.print(Text(f"  Stated by {row['owner']} on {dated}; terms: {terms}"))
        console.print(Text(f"  {row['compared']}"))
        console.print(Text("  It would be false if:"))
        for doubt in row["false_if"]:
            console.print(Text(f"  - {doubt}"))
        console.print()
    return number
