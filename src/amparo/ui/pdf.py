"""A page of ours as PDF/UA-1 (ISO 14289-1): tagged, with language and title, by WeasyPrint in a process of its own.

That process loads nothing but the two fonts of this package, and has limits on time, memory and open files: a page may
hold names from evidence.
"""

import resource
import subprocess
import sys
from importlib import resources
from typing import TYPE_CHECKING

from amparo.evidence.errors import AmparoError

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

SECONDS = 300.0
MEMORY = 3 * 2**30  # bytes of address space
_FONTS = ("next.woff2", "mono.woff2")
_SCHEME = "amparo-font:"
_FAMILIES = ("Atkinson Hyperlegible Next", "Atkinson Hyperlegible Mono")
_STYLE = "".join(
    f'@font-face {{ font-family: "{family}"; src: url({_SCHEME}{name}) format("woff2"); font-weight: 200 800 }}\n'
    for family, name in zip(_FAMILIES, _FONTS, strict=True)
)
# Grids that a page ends in the middle of end WeasyPrint 70 with an AssertionError; so may, rarely, what is kept whole.
_PLAIN = """
.sheet, .figure, .pair { display: block !important }
.figure > *, .pair dd { margin-block-end: 6pt !important }
.pair dt { font-size: 9pt } .masthead h1 { font-size: 20pt } .facts.wide dd { white-space: nowrap }
.cards { display: block !important } .cards li { display: inline-block; inline-size: 23%; vertical-align: top }
.cards a { display: block !important } .cards a > * { display: block }
"""
_BREAKS = ("", "* { break-after: auto !important; break-inside: auto !important }")
_PAGES = "@page { size: A4; @bottom-right { content: counter(page) ' / ' counter(pages); font-size: 9pt } }"
_HINT = "The report as a page holds the same: --form report. Where memory is short: amparo doctor"


def to_pdf(page: bytes, seconds: float = SECONDS) -> bytes:
    """The PDF of an HTML page in UTF-8. Raises AmparoError where it cannot be made within the limits."""
    command = [sys.executable, "-I", "-m", "amparo.ui.pdf"]
    try:
        done = subprocess.run(  # noqa: S603  # this interpreter, this module
            command, input=page, capture_output=True, timeout=seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired as error:
        told = {"seconds": round(seconds)}
        raise AmparoError("The PDF was not finished within %(seconds)s seconds.", _HINT, told) from error
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise AmparoError("The PDF could not be made: %(why)s", _HINT, {"why": last[0][:200]})
    return done.stdout


def _fetcher() -> "URLFetcher":
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class FontsOnly(URLFetcher):  # type: ignore[misc]  # untyped
        """Knows the fonts of this package and nothing else."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            name = url.removeprefix(_SCHEME)
            if url == name or name not in _FONTS:
                raise ValueError("a page of ours names nothing outside")
            font = resources.files("amparo.ui") / "static" / "ui" / "fonts" / name
            return URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/woff2"})

    return FontsOnly()


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fetcher, fonts = _fetcher(), FontConfiguration()
    page = HTML(string=sys.stdin.buffer.read().decode("utf-8"), url_fetcher=fetcher)
    for number, breaks in enumerate(_BREAKS, 1):
        style = CSS(string=_STYLE + _PAGES + _PLAIN + breaks, url_fetcher=fetcher, font_config=fonts)
        try:
            document = page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")
        except AssertionError:
            if number == len(_BREAKS):
                raise
        else:
            sys.stdout.buffer.write(document)
            return


if __name__ == "__main__":
    _main()
