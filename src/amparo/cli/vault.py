"""``amparo vault``: put files into a case's Vault, list them, take them out with a custodian's passphrase."""

from pathlib import Path
from typing import Annotated

import typer

from amparo.cli.output import CASE, JSON, rows
from amparo.cli.start import start
from amparo.evidence.errors import BadInput

vault = typer.Typer(help="The Vault: sealed content of cases.", no_args_is_help=True)
_COLUMNS = ("name", "kind", "size", "made", "object", "sha256")


@vault.command("put")
def put(
    file: Annotated[str, typer.Argument(help="File to seal; it stays where it is.")],
    case: str = CASE,
    as_json: bool = JSON,
) -> None:
    """Seal a copy of a file for the custodians of a case. Needs no passphrase."""
    installation = start()
    from amparo.casework.cases import find_case
    from amparo.casework.installation import storage_errors
    from amparo.casework.vault.objects import object_row, put_file

    with storage_errors():
        row = put_file(installation, find_case(case), file)
    rows([object_row(row)], as_json, _COLUMNS, "", whole=True)


@vault.command("list")
def list_objects(case: str = CASE, as_json: bool = JSON) -> None:
    """List what lies sealed in a case, newest first."""
    start()
    from amparo.casework.vault.objects import object_rows

    rows(object_rows(case), as_json, _COLUMNS, "Nothing of this case is sealed.", whole=True)


@vault.command("get")
def get(
    sealed: Annotated[str, typer.Argument(metavar="OBJECT", help="Id of the object; see: amparo vault list")],
    output: Annotated[str, typer.Option("--output", "-o", help="File to write; must not be there yet.")],
    custodian: Annotated[str, typer.Option("--custodian", help="User name of the custodian whose passphrase it is.")],
    passphrase_file: Annotated[
        str | None, typer.Option("--passphrase-file", help="File with the passphrase in its first line; else asked.")
    ] = None,
    case: str = CASE,
) -> None:
    """Take an object out: its plain bytes, verified to the end. Recorded with the custodian's name."""
    installation = start()
    from amparo.casework.cases import find_case
    from amparo.casework.members import find_person
    from amparo.casework.vault.objects import object_of
    from amparo.casework.vault.openings import take

    found = object_of(find_case(case), sealed)
    user = find_person(custodian)
    take(installation, user, found, _passphrase(passphrase_file), Path(output))
    typer.echo(f"Written: {found.size:,} bytes.")


@vault.command("portable")
def portable(
    recipient: Annotated[str, typer.Option("--recipient", help="As the releases name who receives it.")],
    case: str = CASE,
    language: Annotated[str, typer.Option(help="Language of its page, such as en or es.")] = "",
    as_json: bool = JSON,
) -> None:
    """Seal a portable case with the pictures that two people released for one recipient."""
    installation = start()
    from amparo.casework.export.portable_sealed import seal_portable
    from amparo.casework.vault.objects import object_row

    row = seal_portable(installation, case, recipient, language)
    rows([object_row(row)], as_json, _COLUMNS, "", whole=True)


def _passphrase(path: str | None) -> str:
    if path is None:
        asked: str = typer.prompt("Passphrase", hide_input=True, err=True)
        return asked
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.readline(4096).rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise BadInput(f"Cannot read the passphrase from {path!r}.", "Name a text file in UTF-8.") from error
