"""``amparo bank exchange`` and ``bank fetch``: Banks that others keep."""

import sys
from typing import Annotated

import typer

from amparo.cli.output import JSON, rows
from amparo.cli.start import start
from amparo.cli.stated import Name, moment, pairs

exchange = typer.Typer(help="Hash exchanges that a bank is fetched from.", no_args_is_help=True)


@exchange.command()
def add(
    name: Name,
    api: Annotated[str, typer.Option(help="ncmec, stopncii or file.")],
    authority: Annotated[str, typer.Option(help="The agreement or law on which it is used.")],
    address: Annotated[list[str] | None, typer.Option(help="A host that may be connected to; may be repeated.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day it holds (YYYY-MM-DD), or a time with zone.")] = None,
    option: Annotated[list[str] | None, typer.Option("--set", help="A setting of the exchange, name=value.")] = None,
) -> None:
    """Set up a bank that is fetched from an exchange. Connects nowhere."""
    installation = start()
    from amparo.casework.banks.fetching import Agreement, add_exchange

    agreement = Agreement(authority, tuple(address or ()), moment(until))
    add_exchange(installation, name, api, pairs(option or []), agreement)
    typer.echo("Set up. Store the credentials: amparo bank exchange secret; then: amparo bank fetch")


@exchange.command()
def secret(name: Name) -> None:
    """Store the credentials of an exchange; they are typed or piped in, never given on the command line."""
    installation = start()
    from amparo.casework.banks.fetching import store_secret

    text = typer.prompt("Credentials", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.read()
    store_secret(installation, name, text.strip())
    typer.echo("Stored.")


def fetch(name: Name, as_json: bool = JSON) -> None:
    """Fetch what changed at the exchange of a bank; goes on where an earlier fetch stopped."""
    installation = start()
    from amparo.casework.banks.fetching import fetch_bank, fetched_row

    fetched = fetch_bank(installation, name)
    columns = ("version", "added", "updated", "already", "revived", "withdrawn")
    rows([fetched_row(fetched)], as_json, columns, "")
