"""The schedule: one row for each Item of the Case, matched or not, read or not, as CSV and as pages to read."""

import csv
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from amparo.casework.export.disclosure.rows import cell
from amparo.casework.export.form import Context
from amparo.casework.export.grades import standing_acts
from amparo.casework.listing import state_of
from amparo.catalogue.models import Case, Category, Finding, Item, Review
from amparo.catalogue.pages import pages
from amparo.evidence.item import Locator, item_id
from amparo.ui.matches import TITLES
from amparo.ui.paths import shown
from amparo.ui.standalone import standalone

HEAD = (
    "number", "id", "source", "path", "entry", "origin", "sha256", "size", "media_type", "state", "reason", "matches",
    "judging", "category", "labels",
)  # fmt: skip
_PAGE = 500
_ROWS = 1_000  # of a page to read
_SHOWN = (0, 3, 6, 7, 8, 9, 11, 13)  # columns of a page to read


def write(context: Context, folder: Path) -> tuple[int, int]:
    """Items and pages written. Memory does not grow with the Case."""
    (folder / "schedule").mkdir()
    items = number = 0
    held: list[Sequence[object]] = []
    with (folder / "schedule.csv").open("x", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(HEAD)
        for row in rows(context.case):
            if len(held) == _ROWS:
                number += 1
                _page(context, folder, number, held, last=False)
                held = []
            writer.writerow([cell(each) for each in row])
            held.append(row)
            items += 1
    _page(context, folder, number + 1, held, last=True)
    return items, number + 1


def rows(case: Case) -> Iterator[tuple[object, ...]]:
    """Rows of HEAD, in the order in which the Case is reviewed."""
    for found in pages(Item.objects.filter(case=case).select_related("content", "source"), _PAGE):
        contents = {row.content.pk: row.content for row in found if row.content is not None}
        acts = standing_acts(case, contents.values())
        matches: dict[int | None, set[str]] = {}
        made = Finding.objects.filter(content__in=contents, kind__in=TITLES, current=True)
        for key, kind in made.values_list("content_id", "kind"):
            matches.setdefault(key, set()).add(kind)
        for row in found:
            locator, content = bytes(row.locator), row.content
            state, reason = state_of(row)
            standing = acts.get(0 if content is None else content.pk, ())
            yield (
                row.pk,
                str(item_id(row.source.uuid, locator)),
                str(row.source.uuid),
                shown(Locator.decode(locator).path),
                row.entry,
                row.origin,
                "" if content is None else bytes(content.sha256).hex(),
                "" if row.size is None else row.size,
                row.media_type,
                state.name.lower(),
                reason,
                " ".join(sorted(matches.get(row.content_id, ()))),
                "" if content is None else Review(content.review).name.lower(),
                Category(content.category).name.lower().replace("_", "-") if standing and content is not None else "",
                " ".join(standing[-1].labels) if standing else "",
            )


def _page(context: Context, folder: Path, number: int, held: Sequence[Sequence[object]], last: bool) -> None:
    lines = "\n".join(
        "<tr>" + "".join(f"<td><bdi>{escape(str(row[at]))}</bdi></td>" for at in _SHOWN) + "</tr>" for row in held
    )
    page = standalone(
        "ui/disclosure/schedule.html",
        {
            "reference": context.case.reference,
            "number": number,
            "before": f"{number - 1:04}.html" if number > 1 else "",
            "after": "" if last else f"{number + 1:04}.html",
            "columns": [HEAD[at] for at in _SHOWN],
            "rows": lines,
        },
        context.choices.language or context.installation.settings.language or "en",
    )
    (folder / "schedule" / f"{number:04}.html").write_text(page, encoding="utf-8")
