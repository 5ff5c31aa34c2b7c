"""``amparo items``, ``findings``, ``hash`` and ``match``: looking at what is there."""

import sys
from typing import Annotated

import typer

from amparo.cli.output import CASE, JSON, rows
from amparo.cli.start import start

Source = Annotated[str | None, typer.Option("--source", help="Id of one source of the case.")]


def items(
    case: str = CASE,
    source: Source = None,
    outcome: Annotated[str | None, typer.Option(help="Only those that are: ok, skipped, failed, pending.")] = None,
    known_good: Annotated[bool, typer.Option("--known-good", help="Also those in a known-good bank.")] = False,
    as_json: bool = JSON,
) -> None:
    """List the items of a case: every place where something lies, and what became of it."""
    start()
    from amparo.casework.listing import item_rows, known_good_items

    if not known_good and (hidden := known_good_items(case, source)):
        print(f"amparo: {hidden:,} items of known-good content are left out; with them: --known-good", file=sys.stderr)

    columns = ("path", "media_type", "size", "outcome", "reason", "findings", "sha256")
    rows(
        item_rows(case, source, outcome, known_good),
        as_json,
        columns,
        "No items here. Scan something: amparo scan PATH --case REF",
    )


def findings(
    case: str = CASE,
    source: Source = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, such as match.bank.")] = None,
    superseded: Annotated[bool, typer.Option(help="Also what later work has replaced.")] = False,
    as_json: bool = JSON,
) -> None:
    """List findings: leads with their facts, analyser and version. Never verdicts."""
    start()
    from amparo.casework.listing import finding_rows

    columns = ("kind", "facts", "sha256", "item", "analyser", "version")
    rows(finding_rows(case, source, kind, superseded), as_json, columns, "No findings here.")


def hash_files(
    files: Annotated[list[str], typer.Argument(help="Files to read.")],
    as_json: bool = JSON,
) -> None:
    """SHA-256, SHA-1 and MD5 of files, and PDQ of pictures; touches no case and no database."""
    from amparo.casework.hashing import hash_rows
    from amparo.config import load

    columns = ("path", "size", "sha256", "sha1", "md5", "pdq", "pdq_quality")
    rows(hash_rows(load(), files), as_json, columns, "", whole=True)


def match(
    target: Annotated[str, typer.Argument(help="A file, or a SHA-256, SHA-1, MD5 or PDQ in hex.")],
    algorithm: Annotated[str | None, typer.Option(help="What a digest is: sha256, sha1, md5 or pdq.")] = None,
    as_json: bool = JSON,
) -> None:
    """Look one file or digest up in the banks. The look-up itself is recorded."""
    installation = start()
    from amparo.casework.banks.looking import match_rows

    columns = ("kind", "bank_name", "bank_version", "entry", "algorithm", "distance", "labels", "owner")
    found = match_rows(installation, target, algorithm)
    rows(found, as_json, columns, "Not in any bank here. That says nothing about the content.", whole=True)
