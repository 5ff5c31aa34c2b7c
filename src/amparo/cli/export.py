"""``amparo export``, ``stamp`` and ``verify``: signed packages of a case, and checking one that was received."""

from typing import TYPE_CHECKING, Annotated

import typer

from amparo.cli.output import CASE, JSON, rows
from amparo.cli.start import start

if TYPE_CHECKING:
    from amparo.casework.installation import Installation

_Authority = Annotated[
    str | None, typer.Option("--stamp", help="Address of a time-stamp authority (RFC 3161); only a digest is sent.")
]
_Root = Annotated[
    str | None, typer.Option("--stamp-root", help="File (PEM) with the root certificate of that authority.")
]


def export(
    case: str = CASE,
    output: Annotated[str, typer.Option("--output", "-o", help="Folder to make; must not be there yet.")] = ...,  # type: ignore[assignment]
    form: Annotated[
        list[str] | None,
        typer.Option(
            help="report (HTML), pdf (report as PDF/UA), case (CASE/UCO JSON-LD), vics (grades for other tools), "
            "disclosure (all material for the other side), portable; may be repeated. Default: report and case."
        ),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the report, such as en or es.")] = None,
    scheme: Annotated[
        str | None, typer.Option(help="Grading scheme whose grades the form vics writes; see: amparo schemes")
    ] = None,
    stamp: _Authority = None,
    stamp_root: _Root = None,
    as_json: bool = JSON,
) -> None:
    """Write a signed package of a case: what was asked for, a manifest of digests, and what was left out."""
    installation = _stamping(start(), stamp, stamp_root)
    from amparo.casework.export import DEFAULT, Choices, export_case
    from amparo.casework.stamping import configured, trusted_roots

    if configured(installation):
        trusted_roots(installation)  # a wrong root is told before anything is written
    row = export_case(installation, case, form or DEFAULT, output, Choices(language or "", scheme or ""))
    columns = ("path", "forms", "left_out", "manifest_sha256", "key", "stamped", "not_stamped")
    rows([row], as_json, columns, "", whole=True)


def stamp(
    folder: Annotated[str, typer.Argument(help="Folder of a package that was made here.")],
    stamp: _Authority = None,
    stamp_root: _Root = None,
    as_json: bool = JSON,
) -> None:
    """Ask a time-stamp authority for a stamp on a package that has none. Only a digest is sent; the log names it."""
    installation = _stamping(start(), stamp, stamp_root)
    from amparo.casework.stamping import stamp_folder

    rows([stamp_folder(installation, folder)], as_json, ("path", "stamped", "policy", "serial"), "", whole=True)


def verify(
    folder: Annotated[str, typer.Argument(help="Folder of a package.")],
    key: Annotated[str | None, typer.Option("--key", help="Fingerprint of the key that must have signed it.")] = None,
    stamp_root: Annotated[
        str | None, typer.Option("--stamp-root", help="File (PEM) with the root certificate for its time stamp.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON row.")] = False,
) -> None:
    """Check a signed package. Needs no database and nothing of this installation."""
    import json
    from pathlib import Path

    from amparo.evidence import manifest

    found = manifest.verify(Path(folder), key)
    stamped = None
    if stamp_root is not None:
        from amparo.evidence import timestamp

        stamped = timestamp.check_folder(Path(folder), timestamp.roots(timestamp.read_pem(stamp_root)))
    if as_json:
        typer.echo(json.dumps({"v": 1, "files": found.files, "key": found.key, "manifest_sha256": found.sha256,
                               "about": found.about, "stamped": None if stamped is None else stamped.at.isoformat(),
                               }))  # fmt: skip
        return
    typer.echo(found.sentence())
    if stamped is not None:
        typer.echo(stamped.sentence())
    elif (Path(folder) / manifest.STAMP).exists():
        typer.echo("  A time stamp lies beside it and was not checked: give --stamp-root with the authority's root.")
    if key is None:
        typer.echo("  Whose key it is, this cannot say: compare the fingerprint with its owner, or give --key.")


def _stamping(installation: "Installation", authority: str | None, root: str | None) -> "Installation":
    """With the authority that the command line names, instead of that of the settings."""
    import dataclasses

    from amparo import config

    given = {"timestamp_authority": authority, "timestamp_root": root}
    chosen = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(installation, settings=config.load(**chosen)) if chosen else installation
