"""``amparo export`` and ``verify``: signed packages of a case, and checking one that was received."""

from typing import Annotated

import typer

from amparo.cli.output import CASE, JSON, rows
from amparo.cli.start import start


def export(
    case: str = CASE,
    output: Annotated[str, typer.Option("--output", "-o", help="Folder to make; must not be there yet.")] = ...,  # type: ignore[assignment]
    form: Annotated[
        list[str] | None, typer.Option(help="report (HTML) or case (CASE/UCO JSON-LD); may be repeated. Default: both.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the report, such as en or es.")] = None,
    as_json: bool = JSON,
) -> None:
    """Write a signed package of a case: what was asked for, a manifest of digests, and what was left out."""
    installation = start()
    from amparo.casework.export import FORMS, export_case

    row = export_case(installation, case, form or FORMS, output, language)
    rows([row], as_json, ("path", "forms", "left_out", "manifest_sha256", "key"), "", whole=True)


def verify(
    folder: Annotated[str, typer.Argument(help="Folder of a package.")],
    key: Annotated[str | None, typer.Option("--key", help="Fingerprint of the key that must have signed it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON row.")] = False,
) -> None:
    """Check a signed package. Needs no database and nothing of this installation."""
    import json
    from pathlib import Path

    from amparo.evidence import manifest

    found = manifest.verify(Path(folder), key)
    if as_json:
        typer.echo(json.dumps({"v": 1, "files": found.files, "key": found.key, "manifest_sha256": found.sha256,
                               "about": found.about}))  # fmt: skip
        return
    typer.echo(found.sentence())
    if key is None:
        typer.echo("  Whose key it is, this cannot say: compare the fingerprint with its owner, or give --key.")
