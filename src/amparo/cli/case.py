"""``amparo case`` and ``amparo authority``."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from amparo.cli.output import CASE, JSON, rows
from amparo.cli.start import start
from amparo.cli.stated import moment
from amparo.evidence.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from amparo.casework.cases import NewAuthority

case = typer.Typer(help="Cases: one matter each, with at least one authority.", no_args_is_help=True)
authority = typer.Typer(help="Authorities: the recorded legal basis of what is done.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(help="Reference of the case.")]
Text = Annotated[str, typer.Option("--authority", help="The legal basis, in words: kind, number, issuer.")]
Until = Annotated[str | None, typer.Option("--until", help="Last day it holds (YYYY-MM-DD), or a time with zone.")]
Scope = Annotated[list[str] | None, typer.Option("--scope", help="What it covers, enforced: path=DIR. Repeatable.")]


@case.command("create")
def create(reference: Reference, text: Text, until: Until = None, scope: Scope = None, as_json: bool = JSON) -> None:
    """Create a case with its first authority."""
    stated = _stated(text, until, scope)
    installation = start()
    from amparo.casework.cases import case_rows, create_case

    create_case(installation, reference, stated())
    rows(case_rows(reference), as_json, ("reference", "id", "authorities"), "", whole=True)


@case.command("list")
def list_cases(as_json: bool = JSON) -> None:
    """List all cases."""
    start()
    from amparo.casework.cases import case_rows

    columns = ("reference", "created", "authorities", "sources", "items", "contents")
    rows(case_rows(), as_json, columns, "No cases yet. Create one: amparo case create REF --authority TEXT")


@case.command("show")
def show(reference: Reference, as_json: bool = JSON) -> None:
    """Show one case."""
    start()
    from amparo.casework.cases import case_rows

    columns = ("reference", "id", "created", "authorities", "sources", "unfinished_sources", "items", "contents")
    rows(case_rows(reference), as_json, columns, "", whole=True)


@authority.command("add")
def add(text: Text, case: str = CASE, until: Until = None, scope: Scope = None, as_json: bool = JSON) -> None:
    """Record one more authority for a case."""
    stated = _stated(text, until, scope)
    installation = start()
    from amparo.casework.cases import add_authority

    add_authority(installation, case, stated())
    _list(case, as_json)


@authority.command("list")
def list_authorities(case: str = CASE, as_json: bool = JSON) -> None:
    """List the authorities of a case, newest first."""
    start()
    _list(case, as_json)


def _list(reference: str, as_json: bool) -> None:
    from amparo.casework.cases import authority_rows

    rows(authority_rows(reference), as_json, ("text", "from", "until", "holds_now", "scope_paths"), "", whole=True)


def _stated(text: str, until: str | None, scope: list[str] | None) -> "Callable[[], NewAuthority]":
    """The authority as stated: arguments are checked now, before anything is made on disk; the value comes later."""
    from amparo.evidence.authority import Scope as ScopeValue

    ends, covered = moment(until), ScopeValue.parse(_pairs(scope or []))

    def value() -> "NewAuthority":
        from amparo.casework.cases import NewAuthority

        return NewAuthority(text, ends, covered)

    return value


def _pairs(scope: list[str]) -> dict[str, tuple[bytes, ...]]:
    pairs: dict[str, tuple[bytes, ...]] = {}
    for text in scope:
        key, equals, value = text.partition("=")
        if not equals or not value:
            raise BadInput(f"A scope is written key=value, not {text!r}.", "For example: --scope path=/evidence/usb4")
        pairs[key] = (*pairs.get(key, ()), os.fsencode(value))
    return pairs
