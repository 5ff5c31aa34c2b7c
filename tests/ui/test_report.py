import base64
import dataclasses
import datetime
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import pytest
from django.conf import settings
from django.template import engines
from playwright.sync_api import Browser
from ui import report_samples as samples

from amparo.evidence.custody.verify import Anchored
from amparo.ui.report import Report, States, render
from amparo.ui.templatetags.amparo import size, utc

_EMPTY_ELEMENTS = {"meta", "link", "br", "hr", "input", "img"}
_FORBIDDEN = re.compile(
    r"\b(detected|confirmed|suspects?|hits?|possessed|groomer|minor|safe|just|simply)\b", re.IGNORECASE
)


class _Page(HTMLParser):
    """Every element closed in order, every id once, every internal link leading somewhere."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.tags: set[str] = set()
        self.text: list[str] = []
        self.policy = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs)
        self.tags.add(tag)
        self.attributes |= given.keys()
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        if tag not in _EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


@pytest.fixture(autouse=True)
def loud_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that a template gets wrong is written out instead of being left empty."""
    engine: Any = engines["django"]
    monkeypatch.setattr(engine.engine, "string_if_invalid", "WRONG NAME %s")


def _cases() -> dict[str, Report]:
    return {"full": samples.full(), "empty": samples.empty()}


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("name", _cases())
def test_is_one_whole_page_that_loads_nothing(name: str, language: str) -> None:
    html = render(_cases()[name], language)
    page = _Page(html)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if link.removeprefix("#") not in page.ids} == set()
    assert not page.tags & {"script", "img", "link", "iframe", "object", "form", "base"}
    assert not page.attributes & {"style", "src", "srcset", "onclick"}
    assert not re.search(r"https?:|url\(|@import|data:", html)
    assert "WRONG NAME" not in html
    assert f'<html lang="{language}" dir="ltr">' in html


def test_policy_names_the_one_style() -> None:
    html = render(samples.full(), "en")
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert _Page(html).policy == f"default-src 'none'; style-src 'sha256-{digest}'"


def test_hostile_names_are_text() -> None:
    html = render(samples.full(), "en")
    text = "".join(_Page(html).text)
    assert "<script>alert(1)</script>.jpg" in text and "<script" not in html
    assert "ES-2026-0412 <b>& Co</b>" in text
    assert r"odd/\xff\xfe\x1b[31m red\nline\x20" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", html)


def test_words_follow_the_rules() -> None:
    for report in _cases().values():
        assert _FORBIDDEN.findall("".join(_Page(render(report, "en")).text)) == []


def test_says_what_is_there() -> None:
    text = " ".join("".join(_Page(render(samples.full(), "en")).text).split())
    for part in (
        "20 Contents match a known list at 31 places",
        "Somebody made another file with this digest",
        "16 more matches are stored in the Case",
        "2 more failed Items are stored in the Case",
        "9 Items still wait",
        "12 places, the first ones here:",
        "2026-11-23 10:15 UTC",
        "Picture (PNG) (image/png), 84.1 kB",
        "Word document application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "48.2 MB 48,214,331",
        samples.full().custody.command,
    ):
        assert part in text


def test_empty_states_say_why_and_what_next() -> None:
    text = " ".join("".join(_Page(render(samples.empty(), "en")).text).split())
    assert "No known list was compared, because none is installed. Import one" in text
    assert "The custody log did not check out. Line 3 was changed." in text
    assert "Scan a folder to add one." in text
    assert "Nothing failed." not in text


@pytest.mark.parametrize("anchored", Anchored)
def test_each_state_of_the_log_has_its_sentence(anchored: Anchored) -> None:
    full = samples.full()
    html = render(dataclasses.replace(full, custody=dataclasses.replace(full.custody, anchored=anchored)), "en")
    assert ("agrees with both" in html) == (anchored is Anchored.BOTH)
    assert ("note good" in html) == (anchored is Anchored.BOTH)


def test_a_finished_scan_without_a_match_claims_no_more_than_that() -> None:
    full = samples.full()
    totals = dataclasses.replace(full.totals, items=States(ok=300))
    done = dataclasses.replace(full, totals=totals, failed=(), failed_items=(), matches=type(full.matches)())
    text = "".join(_Page(render(done, "en")).text)
    assert "That says only this: no list held its digest, and no hash of its looks was near" in text
    assert "Nothing failed. Every Item was read" in text
    assert "still wait" not in text


def test_languages() -> None:
    assert "Coincidencias con listas conocidas" in render(samples.full(), "es-MX")
    assert 'lang="en"' in render(samples.empty(), "xx") and 'lang="en"' in render(samples.empty(), "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 800, 1280])
def test_in_a_browser(browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"], width: int) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(samples.full(), "es"), encoding="utf-8")
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url != path.as_uri() else None)
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert background == ("rgb(16, 23, 26)" if scheme == "dark" else "rgb(243, 246, 245)")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.querySelector('.contents')).display") == "none"
    for part, wanted in (("color", "rgb(0, 0, 0)"), ("backgroundColor", "rgb(255, 255, 255)")):  # paper, in dark too
        assert page.evaluate(f"getComputedStyle(document.querySelector('.cards a')).{part}") == wanted
    assert complaints == []
    page.close()


def test_sizes_are_in_decimal_units() -> None:
    shown = {number: size(number) for number in (0, 999, 1000, 999_949, 999_950, 48_214_331, 2_000 * 10**18)}
    assert list(shown.values()) == ["0 bytes", "999 bytes", "1.0 kB", "999.9 kB", "1.0 MB", "48.2 MB", "2,000.0 EB"]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        utc(datetime.datetime(2026, 1, 1))  # noqa: DTZ001 - the defect itself
