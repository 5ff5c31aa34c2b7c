"""Scans in the browser: started, watched, stopped, gone on with; and the server killed in the middle of one."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect
from web_e2e.sites import SIZES, Site, clean, running, start, visit

_MANY = 6000
_LONG = 90_000  # ms


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """``few`` and ``many`` small files. Each test has its own: a folder where a case of others works is refused."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    for name, number in (("few", 12), ("many", _MANY)):
        (folder / name).mkdir()
        for each in range(number):
            (folder / name / f"f{each}").write_bytes(b"text %d" % (each % 1000))
    return folder


def opened(browser: Browser, site: Site, size: str = "laptop") -> Page:
    """The jobs of a new case, as its examiner."""
    reference = f"J-{len(list(site.home.path.glob('cases/*')))}"
    site.home.case(reference)
    page = visit(browser, site, site.person("investigator", cases=reference)["session"], size)
    page.goto(site.url)
    (case,) = [row["id"] for row in site.home.rows("case", "list") if row["reference"] == reference]
    page.goto(f"{site.url}/cases/{case}/jobs/")
    return page


def scan(page: Page, path: Path) -> None:
    page.get_by_label("Folder or file to scan").fill(str(path))
    page.get_by_role("button", name="Start the scan").click()


def under_way(page: Page) -> None:
    """Comes back as soon as the first numbers are there, sooner than the list would load itself."""
    until = time.monotonic() + 60
    while not page.locator(".job progress[value]").count():
        assert time.monotonic() < until
        page.reload()


@pytest.mark.parametrize("size", SIZES)
def test_a_scan_is_started_and_seen_done_without_loading_the_page(
    browser: Browser, site: Site, folders: Path, size: str
) -> None:
    page = opened(browser, site, size)
    expect(page.get_by_text("Nothing was started here yet")).to_be_visible()
    clean(page)
    scan(page, folders / "few")
    expect(page.locator(".job .chip")).to_have_text("Done", timeout=_LONG)
    expect(page.locator("dl")).to_contain_text(re.compile(r"Items\s*13"))
    expect(page.locator("[hx-get]")).to_have_count(0)
    page.get_by_role("button", name="Group alike pictures").click()
    expect(page.locator(".job .chip")).to_have_text(["Done", "Done"], timeout=_LONG)
    clean(page)
    page.get_by_role("link", name="Scan", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan")
    clean(page)


@pytest.mark.parametrize("size", SIZES)
def test_a_path_that_is_not_there_is_said_at_the_field(browser: Browser, site: Site, folders: Path, size: str) -> None:
    page = opened(browser, site, size)
    scan(page, folders / "missing")
    expect(page.get_by_role("alert")).to_contain_text("No such file or directory")
    expect(page.get_by_label("Folder or file to scan")).to_have_value(str(folders / "missing"))
    page.complaints = [each for each in page.complaints if "422" not in each]  # type: ignore[attr-defined]
    clean(page)


def test_a_scan_is_stopped_and_gone_on_with(browser: Browser, site: Site, folders: Path) -> None:
    page = opened(browser, site)
    scan(page, folders / "many")
    under_way(page)
    page.get_by_role("button", name="Stop: Scan").click()
    expect(page.locator(".job .chip")).to_have_text("Stopped", timeout=_LONG)
    clean(page)
    page.get_by_role("button", name="Start again: Scan").click()
    clean(page)
    expect(page.locator(".job .chip")).to_have_text("Done", timeout=_LONG)
    expect(page.locator("dl")).to_contain_text(re.compile(rf"Items\s*{_MANY + 1:,}"))


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "home") as made:
        yield made


def test_a_server_that_is_killed_goes_on_with_the_scan_when_it_is_started_again(
    browser: Browser, killable: Site, folders: Path
) -> None:
    page = opened(browser, killable)
    where = page.url
    scan(page, folders / "many")
    below = psutil.Process(killable.process.pid).children(recursive=True)
    under_way(page)
    killable.process.kill()
    page.goto("about:blank")
    assert not psutil.wait_procs(below, timeout=20)[1], "nothing outlives it"
    (before,) = killable.home.rows("case", "list")
    assert before["unfinished_sources"] == 1, "if it was done already, scan more files"
    with start(killable.home):
        page.goto(where)
        expect(page.locator(".job .chip")).to_have_text("Done", timeout=_LONG)
        expect(page.locator("dl")).to_contain_text(re.compile(rf"Items\s*{_MANY + 1:,}"))
        expect(page.locator(".job")).to_contain_text("2 attempts")
    (after,) = killable.home.rows("case", "list")
    assert (after["items"], after["unfinished_sources"]) == (_MANY + 1, 0)
    killable.home.verify()
