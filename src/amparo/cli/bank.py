"""``amparo bank``: known digests, with owner and terms."""

from typing import Annotated

import typer

from amparo.cli.output import JSON, rows
from amparo.cli.start import start

bank = typer.Typer(help="Banks: known digests with owner and terms.", no_args_is_help=True)

Name = Annotated[str, typer.Option("--name", help="Name of the bank.")]


@bank.command("import")
def import_(
    file: Annotated[str, typer.Argument(help="The list: CSV with digest,labels,owner,terms,date.")],
    name: Name,
    file_format: Annotated[str, typer.Option("--format", help="Format of the list.")] = "csv",
    as_json: bool = JSON,
) -> None:
    """Import a list into a bank, all of it or nothing."""
    installation = start()
    from amparo.casework.known import import_bank, imported_row

    row = imported_row(import_bank(installation, file, name, file_format))
    rows([row], as_json, ("bank", "version", "added", "updated", "already", "revived"), "")


@bank.command("list")
def list_(as_json: bool = JSON) -> None:
    """List the banks."""
    start()
    from amparo.casework.known import bank_rows

    columns = ("name", "version", "entries", "withdrawn", "bank")
    rows(bank_rows(), as_json, columns, "No banks yet. Import one: amparo bank import FILE --name NAME")


@bank.command("withdraw")
def withdraw(
    digest: Annotated[str, typer.Argument(help="SHA-256, SHA-1 or MD5 in hex.")],
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why it is withdrawn.")],
) -> None:
    """Withdraw one entry: it matches no more, and stays on record."""
    installation = start()
    from amparo.casework.known import withdraw as withdraw_entry

    withdraw_entry(installation, name, digest, reason)
    typer.echo("Withdrawn. Scan again to update the matches of a case.")
