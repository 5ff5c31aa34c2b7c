"""The PDF of a report: tagged, in a language, with a title, fonts inside; and it fetches nothing."""

import re
import zlib

import pytest
from ui import report_samples as samples

from amparo.evidence.errors import AmparoError
from amparo.ui.pdf import to_pdf
from amparo.ui.report import render


def plain(pdf: bytes) -> bytes:
    """With every compressed stream beside it, plain: objects lie in streams, too."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


@pytest.mark.parametrize(("language", "stated"), [("en", rb"en"), ("es", rb"es")])
def test_a_report_is_pdf_ua(language: str, stated: bytes) -> None:
    text = plain(to_pdf(render(samples.full(), language).encode()))
    assert re.search(rb"/Lang ?\(" + stated, text)
    assert re.search(rb"/MarkInfo ?<<[^>]*/Marked true", text)
    assert b"/StructTreeRoot" in text
    assert b"/DisplayDocTitle true" in text
    assert re.search(rb"pdfuaid:part(=\"|>)1", text)
    assert re.search(rb"/S ?/H1\b", text)
    assert re.search(rb"/S ?/TH\b", text)
    assert b"Atkinson-Hyperlegible" in text or b"AtkinsonHyperlegible" in text
    assert re.search(rb"/FontFile[23]?\b", text)


def test_names_outside_are_never_fetched() -> None:
    page = (
        b'<!doctype html><html lang="en"><title>T</title><link rel="stylesheet" href="http://127.0.0.1:1/a.css">'
        b'<img alt="x" src="file:///etc/hostname"><img alt="y" src="/etc/passwd"><p>words</p></html>'
    )
    made = plain(to_pdf(page))
    assert b"/Subtype /Image" not in made
    assert b"root:" not in made


def test_time_is_limited() -> None:
    with pytest.raises(AmparoError, match="not finished within"):
        to_pdf(b"<p>words</p>", seconds=0.01)


def test_what_is_no_text_is_told_in_one_line() -> None:
    with pytest.raises(AmparoError, match="could not be made"):
        to_pdf(b"\xff\xfe\xff")
