"""Every page as somebody sees it who reads from right to left: mirrored, complete, and not scrolling sideways."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from casework.stated import stating
from e2e.homes import new_home
from playwright.sync_api import Browser, Page, expect
from web_e2e import mirrored
from web_e2e.sites import SIZES, Site, clean, visit

SHOTS = os.environ.get("AMPARO_SHOTS", "")
ABOVE = {
    "investigator": ("", "new-case/", "open-case/", "retention/", "own/tokens/", "pause/", "account/second-factor/"),
    "administrator": ("people/", "people/invite/", "people/invitations/"),
    "custodian": ("vault/",),
    "auditor": ("logs/",),
}
OF_CASE = (
    "", "triage/", "items/", "timeline/", "timeline/places/", "timeline/statistics/", "jobs/", "exports/", "disclosed/",
    "vault/", "released/", "exhibits/", "exhibits/add/", "tasks/", "tasks/enforcement/", "persons/", "persons/new/",
    "notes/", "log/", "retention/", "members/", "authorities/", "exposure/",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A workbench in a language that no installation has."""
    base = tmp_path_factory.mktemp("mirrored")
    mirrored.write(base / "locale")
    with new_home(base / "home") as home:
        home.case("DIR-1")
        home.env.pop("PYTHONWARNINGS")  # other people's servers warn
        assert home.run("scan", stating(base / "evidence"), "--case", "DIR-1").returncode == 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--blocking-threads", "8", "--no-ws", "--log-level", "warning", "amparo.web.wsgi:application",
        ]  # fmt: skip
        env = {**home.env, "AMPARO_PORT": str(port), "AMPARO_MIRROR": str(base / "locale")}
        env |= {"DJANGO_SETTINGS_MODULE": "web_e2e.mirrored", "PYTHONPATH": str(Path(__file__).parents[1])}
        process = subprocess.Popen(command, env=env, text=True)
        try:
            url = f"http://localhost:{port}"
            end = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{url}/account/login/", timeout=5)
                    break
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(0.1)
            yield Site(home, url, "", process)
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def leader(site: Site) -> str:
    """The session of who leads the case."""
    return site.person("investigator", cases="DIR-1")["session"]


def checked(page: Page, name: str) -> None:
    """The page is mirrored, was given, does not scroll sideways, and the browser is quiet."""
    page.wait_for_load_state("networkidle")
    assert page.locator("html").get_attribute("dir") == "rtl", page.url
    assert page.locator("html").get_attribute("lang") == "ar", page.url
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} scrolls sideways by {wide} pixels"
    assert not page.complaints, f"{page.url}: {page.complaints}"  # type: ignore[attr-defined]


def names(address: str, size: str) -> str:
    return f"{address.strip('/').replace('/', '-') or 'first'}-{size}"


@pytest.mark.parametrize("size", SIZES)
def test_pages_above_a_case_are_mirrored(browser: Browser, site: Site, size: str) -> None:
    for role, addresses in ABOVE.items():
        page = visit(browser, site, site.person(role)["session"], size)
        for address in addresses:
            answer = page.goto(f"{site.url}/{address}")
            assert answer is not None
            assert answer.ok, page.url
            checked(page, names(address, size))


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_case_are_mirrored(browser: Browser, site: Site, leader: str, size: str) -> None:
    page = visit(browser, site, leader, size)
    case = f"{site.url}/cases/{site.home.rows('case', 'list')[0]['id']}/"
    for address in OF_CASE:
        answer = page.goto(case + address)
        assert answer is not None
        assert answer.ok, page.url
        checked(page, names(f"case/{address}", size))
    page.goto(f"{case}items/?type=image/jpeg")
    page.locator("main a[href*='/items/']").last.click()
    checked(page, f"item-{size}")
    clean(page)


def test_the_beginning_of_a_line_is_on_the_right(browser: Browser, site: Site, leader: str) -> None:
    """Words are Arabic, the brand stands on the right, and a path still reads from left to right."""
    page = visit(browser, site, leader)
    page.goto(site.url)
    brand, log_out = page.locator(".brand").bounding_box(), page.locator(".out button").bounding_box()
    assert brand is not None
    assert log_out is not None
    assert brand["x"] > log_out["x"]
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(mirrored.mirrored("Cases"))
    box = heading.evaluate(
        "each => { const range = document.createRange(); range.selectNodeContents(each);"
        " return range.getBoundingClientRect().right; }"
    )
    assert box > 700
