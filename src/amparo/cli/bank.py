"""``amparo bank``: known content, with owner and terms."""

from typing import TYPE_CHECKING, Annotated

import typer

from amparo.cli.bank_exchange import exchange, fetch
from amparo.cli.bank_key import key
from amparo.cli.output import JSON, rows
from amparo.cli.start import start
from amparo.cli.stated import Name

if TYPE_CHECKING:
    from amparo.catalogue.verdicts import Verdict

bank = typer.Typer(help="Banks: known content with owner and terms.", no_args_is_help=True)
bank.add_typer(key, name="key")
bank.add_typer(exchange, name="exchange")
bank.command("fetch")(fetch)

Target = Annotated[str, typer.Argument(help="Number of an entry, or its digest in hex.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


@bank.command("import")
def import_(
    file: Annotated[str, typer.Argument(help="The list.")],
    name: Name,
    file_format: Annotated[
        str, typer.Option("--format", help="csv, vics, nsrl, or plain (one digest a line).")
    ] = "csv",
    kind: Annotated[str | None, typer.Option(help="known, known-good or negative.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who gave the list, where it does not say.")] = None,
    terms: Annotated[str | None, typer.Option(help="On what terms, where it does not say.")] = None,
    date: Annotated[str | None, typer.Option(help="Date of the list, like 2026-01-31, where it does not say.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="A label for all entries; may be repeated.")] = None,
    algorithm: Annotated[str | None, typer.Option(help="Of a plain list: pdq, sha256, sha1 or md5.")] = None,
    as_json: bool = JSON,
) -> None:
    """Import a list into a bank, all of it or nothing."""
    installation = start()
    from amparo.casework.banks.formats import stated
    from amparo.casework.banks.importing import import_bank, imported_row

    given = stated(owner, terms, date, tuple(label or ()), algorithm)
    row = imported_row(import_bank(installation, file, name, file_format, given, kind))
    rows([row], as_json, ("version", "added", "updated", "already", "revived", "withdrawn"), "")


@bank.command()
def add(
    files: Annotated[list[str], typer.Argument(help="Files and folders.")],
    name: Name,
    owner: Annotated[str, typer.Option(help="Who gave them.")],
    terms: Annotated[str, typer.Option(help="On what terms.")],
    kind: Annotated[str | None, typer.Option(help="known, known-good or negative.")] = None,
    date: Annotated[str | None, typer.Option(help="Their date, like 2026-01-31; default: today.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="A label for all of them; may be repeated.")] = None,
    as_json: bool = JSON,
) -> None:
    """Add files you hold to a bank. Of pictures also parts, so that copies cut out of them are found."""
    installation = start()
    from amparo.casework.banks.adding import add_files
    from amparo.casework.banks.formats import stated
    from amparo.casework.banks.importing import imported_row

    given = stated(owner, terms, date, tuple(label or ()), None)
    row = imported_row(add_files(installation, files, name, given, kind))
    rows([row], as_json, ("version", "added", "updated", "already", "revived", "withdrawn"), "")


@bank.command("list")
def list_(as_json: bool = JSON) -> None:
    """List the banks."""
    start()
    from amparo.casework.banks.listing import bank_rows

    columns = ("name", "kind", "version", "entries", "withdrawn", "set_aside", "bank")
    rows(bank_rows(), as_json, columns, "No banks yet. Import one: amparo bank import FILE --name NAME")


@bank.command()
def entries(name: Name, as_json: bool = JSON) -> None:
    """List the entries of a bank. Recorded: a list of known hashes is sensitive itself."""
    installation = start()
    from amparo.casework.banks.listing import entry_rows

    columns = ("entry", "digests", "labels", "owner", "date", "withdrawn", "verdict")
    rows(entry_rows(installation, name), as_json, columns, "This bank has no entries.")


@bank.command()
def export(
    name: Name,
    output: Annotated[str, typer.Option("--output", help="File to write; nothing is overwritten.")],
    file_format: Annotated[str, typer.Option("--format", help="csv or vics.")] = "csv",
    as_json: bool = JSON,
) -> None:
    """Write the entries in use to a file that others can import. Recorded."""
    installation = start()
    from amparo.casework.banks.exporting import export_bank

    row = export_bank(installation, name, file_format, output)
    rows([row], as_json, ("path", "entries", "version", "sha256"), "", whole=True)


@bank.command()
def withdraw(target: Target, name: Name, reason: Reason) -> None:
    """Withdraw an entry: it matches no more, and stays on record."""
    installation = start()
    from amparo.casework.banks.judging import withdraw as withdraw_entry

    withdraw_entry(installation, name, target, reason)
    typer.echo("Withdrawn. Update the matches of all cases: amparo rematch")


@bank.command()
def confirm(target: Target, name: Name, reason: Reason) -> None:
    """Confirm an entry: people here found that it is right. Its matches say so."""
    _judge(target, name, "confirmed", reason)


@bank.command()
def deny(target: Target, name: Name, reason: Reason) -> None:
    """Deny an entry: people here found that it is wrong. It matches no more."""
    _judge(target, name, "denied", reason)


@bank.command()
def release(target: Target, name: Name, reason: Reason) -> None:
    """Release an entry that was denied, or set aside because it matched far too much."""
    _judge(target, name, "released", reason)


@bank.command()
def merge(name: Name) -> None:
    """Merge the files of a bank, which makes look-ups faster. Large banks do this by themselves in the background."""
    installation = start()
    from amparo.casework.banks.merging import merge_bank

    typer.echo("Merged." if merge_bank(installation, name) else "Nothing to merge.")


def _judge(target: str, name: str, verdict: "Verdict", reason: str) -> None:
    installation = start()
    from amparo.casework.banks.judging import judge

    judge(installation, name, target, verdict, reason)
    typer.echo(f"{verdict.capitalize()}. Update the matches of all cases: amparo rematch")
