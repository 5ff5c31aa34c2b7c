"""The page on top of a disclosure package: what each file is, how many rows it has, and what it does not show."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.utils.translation import gettext_lazy

from amparo import __version__
from amparo.casework.export.form import Context
from amparo.ui.standalone import standalone

_SAYS: Mapping[str, object] = {
    "schedule": gettext_lazy(
        "All material, also what is unused and what matched nothing: one row for each item, with its number, path, "
        "SHA-256, size, type, state, and grade where one stands. For a spreadsheet."
    ),
    "schedule-pages": gettext_lazy("The same as pages to read. This is the first one."),
    "unconfirmed": gettext_lazy(
        "What the program offered as a lead and no person judged to be material: nobody judged it, people differ, or "
        "it was judged to be something else. Leads that were made anew since are in it, too."
    ),
    "disagreements": gettext_lazy("Each grade on a file about which two people ever differed, and how it ended."),
    "shortfalls": gettext_lazy("What could not be examined, or was left alone by a rule, and why."),
    "versions": gettext_lazy("Versions of the program, of each stage, of known lists and of rules for grades."),
    "custody": gettext_lazy("The custody log: each act, signed and chained. It holds ids and digests, no names."),
    "verify": gettext_lazy("How to check that nothing here was changed."),
    "repeat": gettext_lazy("The commands that do the same again."),
    "document": gettext_lazy("What is known to be wrong with this version, or how well a method works."),
}


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """A file of the package. ``rows`` None: it is not a list."""

    path: str
    kind: str
    rows: int | None

    @property
    def says(self) -> object:
        """What it is, in words."""
        return _SAYS[self.kind]


def write_index(context: Context, folder: Path, files: Sequence[File]) -> None:
    """``index.html``: one file without script, in the language that was chosen."""
    language = context.choices.language or context.installation.settings.language or "en"
    page = {"case": context.case, "made": context.made, "version": __version__, "files": files}
    (folder / "index.html").write_text(standalone("ui/disclosure/index.html", page, language), encoding="utf-8")
