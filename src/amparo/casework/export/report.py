"""The report as a page: one HTML file without script or picture."""

from pathlib import Path

from amparo.casework.export.form import Context, Form
from amparo.casework.report import rendered


def _write(context: Context, folder: Path) -> None:
    page = rendered(context.installation, context.case, context.made, context.choices.language or None)
    (folder / "report.html").write_bytes(page)


FORM = Form("report", ("pictures and videos", "texts of documents", "names of people", "decisions"), _write)
