"""``amparo custody``: checking the log of who did what."""

from typing import Annotated

import typer

custody = typer.Typer(help="Custody logs: hash-chained and signed.", no_args_is_help=True)


@custody.callback()
def _group() -> None:
    """Keeps ``verify`` a sub-command while it is the only one."""


@custody.command("verify")
def verify(
    file: Annotated[str, typer.Argument(help="A custody.jsonl file.")],
    head: Annotated[str | None, typer.Option("--head", help="Known head as N:HASH; shows a cut-off tail.")] = None,
    key: Annotated[str | None, typer.Option("--key", help="Known key fingerprint; shows a rewritten log.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON row.")] = False,
) -> None:
    """Check a custody log. Needs no database and nothing of this installation."""
    import json
    from pathlib import Path

    from amparo.evidence import custody as log

    checked = log.verify(Path(file), head=None if head is None else log.Anchor.parse(head), key=key)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "v": 1,
                    "entries": checked.entries,
                    "seals": checked.seals,
                    "head": str(checked.head) if checked.head else None,
                    "keys": list(checked.keys),
                    "anchored": checked.anchored.value,
                    "sentence": checked.sentence(),
                    "notes": list(checked.notes),
                }
            )
        )
        return
    typer.echo(f"{file}: {checked.sentence()}")
    typer.echo(f"  entries {checked.entries}, head {checked.head or '-'}, key {', '.join(checked.keys) or '-'}")
    for note in checked.notes:
        typer.echo(f"  note: {note}")
