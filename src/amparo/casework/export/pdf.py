"""The report as PDF/UA: the same page as the form ``report``, for files of courts and printers."""

from pathlib import Path

from amparo.casework.export import report
from amparo.casework.export.form import Context, Form
from amparo.casework.report import rendered
from amparo.ui.pdf import to_pdf


def _write(context: Context, folder: Path) -> None:
    page = rendered(context.installation, context.case, context.made, context.choices.language or None)
    (folder / "report.pdf").write_bytes(to_pdf(page))


FORM = Form("pdf", report.FORM.left_out, _write)
