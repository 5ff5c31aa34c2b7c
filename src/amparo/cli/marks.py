"""``amparo marks``: what the reviewer of a portable case sent back."""

from typing import Annotated

import typer

from amparo.cli.output import CASE, JSON, rows
from amparo.cli.start import start

marks = typer.Typer(help="Marks of reviewers of a portable case.", no_args_is_help=True)


@marks.callback()
def group() -> None:
    """A group, so that the command keeps its name."""


@marks.command("import")
def import_marks(
    file: Annotated[str, typer.Argument(help="The file marks.json that came back.")],
    case: str = CASE,
    key: Annotated[
        str | None, typer.Option("--key", help="Fingerprint of the reviewer's key; without it you are asked.")
    ] = None,
    as_json: bool = JSON,
) -> None:
    """Check the marks against their signature, the case and the export; show them; take them in as notes."""
    installation = start()
    from amparo.casework.cases import find_case
    from amparo.casework.reviewed import check_marks, mark_rows, take_marks

    row = find_case(case)
    found, _ = check_marks(row, file)
    rows(mark_rows(found), as_json, ("item", "mark", "note"), "There are no marks in this file.")
    name = " ".join(found.key[at : at + 4] for at in range(0, 16, 4))
    typer.echo(f"Reviewer: {found.reviewer!r}, key {name}. Compare the key by telephone.", err=True)
    if key is None:
        typer.confirm("Take these marks in as notes?", abort=True, err=True)
    new = take_marks(installation, row, file, key or found.key)
    typer.echo(f"{new:,} new notes.", err=True)
