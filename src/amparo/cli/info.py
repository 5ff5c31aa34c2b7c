"""``amparo schema``, ``doctor`` and ``version``."""

from typing import Annotated

import typer

from amparo.cli.output import JSON, rows


def schema(
    name: Annotated[str | None, typer.Argument(help="Name of a row type; without it, the names.")] = None,
) -> None:
    """Print the JSON Schema of a row type."""
    from amparo.casework.schemas import names, read

    typer.echo("\n".join(names()) if name is None else read(name), nl=name is None)


def doctor(as_json: bool = JSON) -> None:
    """Check this installation: folder, keys, database, chains, plug-ins, programs."""
    from amparo.cli.start import start

    installation = start()
    from amparo.casework.doctor import checks

    found = list(checks(installation))
    rows(found, as_json, ("check", "state", "detail"), "")
    if any(row["state"] == "bad" for row in found):
        raise typer.Exit(3)


def version(as_json: bool = JSON) -> None:
    """Print the version."""
    from amparo import __version__

    if as_json:
        rows([{"v": 1, "version": __version__}], True, (), "")
    else:
        typer.echo(f"amparo {__version__}")
