"""``amparo groups``, ``decide``, ``decisions`` and ``schemes``: judging once, in neutral labels."""

from typing import Annotated

import typer

from amparo.cli.output import CASE, JSON, rows
from amparo.cli.start import start


def groups(
    case: str = CASE,
    again: Annotated[bool, typer.Option("--list", help="List the groups made before instead of making them.")] = False,
    as_json: bool = JSON,
) -> None:
    """Group the near duplicates of a case, and list the groups, the largest first."""
    installation = start()
    from amparo.casework.groups import group_rows, make_groups

    if not again:
        make_groups(installation, case)
    rows(group_rows(case), as_json, ("pictures", "representative", "path"), "No two pictures of this case are near.")


def decide(
    sha256: Annotated[str, typer.Argument(help="The content: its SHA-256, or 12 or more of its first digits.")],
    case: str = CASE,
    label: Annotated[list[str] | None, typer.Option(help="A label, such as age-under-13; may be repeated.")] = None,
    note: Annotated[str, typer.Option(help="A note to keep with it.")] = "",
    group: Annotated[bool, typer.Option("--group", help="Also for the near duplicates of its group.")] = False,
    as_json: bool = JSON,
) -> None:
    """Record what you decided about a content. Grades of all schemes in force are derived from it.

    Where two people have to agree it is on record and counts for neither: they judge in the browser.
    """
    installation = start()
    from amparo.casework.decisions import decide as decide_content
    from amparo.casework.decisions import decision_row, set_aside

    made = decide_content(installation, case, sha256, label or [], note, group)
    aside = set_aside(made)
    if aside:
        typer.echo(
            f"On {len(aside):,} of {len(made):,} two people have to agree. They judge in the browser, with an account "
            "each; the command line knows an account of the operating system only: this is on record and counts for "
            "neither.",
            err=True,
        )
    if as_json:
        rows([decision_row(each, each.pk not in aside) for each in made], True, (), "")
        return
    _grades(made[0].grades)
    typer.echo(f"Recorded for {len(made):,} content{'s' if len(made) > 1 else ''}.")


def decisions(
    case: str = CASE,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were replaced.")] = False,
    as_json: bool = JSON,
) -> None:
    """List the decisions of a case and the grades of their day; yours only, where a second person is waited for."""
    installation = start()
    from amparo.casework.decisions import decision_rows

    columns = ("sha256", "labels", "operator", "made", "spread_from", "current")
    found = decision_rows(case, everything, installation.settings.operator)
    rows(found, as_json, columns, "No decisions in this case.")


def schemes(as_json: bool = JSON) -> None:
    """List the grading schemes and which of them are in force."""
    installation = start()
    from amparo.casework.decisions import scheme_rows

    columns = ("scheme", "country", "title", "in_force", "reviewed_by_lawyer", "version", "valid_from", "valid_until")
    rows(scheme_rows(installation), as_json, columns, "")


def _grades(grades: list[dict[str, object]]) -> None:
    shown = []
    for each in grades:
        asked = each.get("ask")
        grade = each["grade"] or (f"ask: {', '.join(asked)}" if isinstance(asked, list) and asked else "ask")
        shown.append({"scheme": each["scheme"], "version": each["version"], "grade": grade, "needs": each["needs"]})
    rows(shown, False, ("scheme", "version", "grade", "needs"), "No scheme is in force.", whole=True)
