"""The workbench as a person meets it: `amparo up` in a home of its own, and Chromium under the site's own rules."""

import contextlib
import dataclasses
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.homes import Home, new_home
from playwright.sync_api import Browser, BrowserContext, Page

_PEOPLE = Path(__file__).with_name("people.py")
# Journeys at which a page is measured: on a phone always, on a laptop in `make test-slow`.
SIZES = ("phone", pytest.param("laptop", marks=pytest.mark.slow))
_WIDTHS = {"phone": (360, 740), "laptop": (1280, 800)}


@dataclasses.dataclass
class Site:
    """A running workbench. ``welcome`` is the link for the first administrator, empty once there was one."""

    home: Home
    url: str
    welcome: str
    process: subprocess.Popen[str]

    def person(self, *roles: str, cases: str = "") -> dict[str, str]:
        """Make somebody with these roles and a second factor, member of ``cases`` (references, comma-separated) in the
        first role; returns ``username``, ``uuid`` and ``session``, the value of a session cookie.
        """
        command = [sys.executable, str(_PEOPLE), ",".join(roles), cases]
        done = subprocess.run(command, env=self.home.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        made: dict[str, str] = json.loads(done.stdout)
        return made

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(20)


@contextlib.contextmanager
def running(path: Path, **settings: str) -> Iterator[Site]:
    """`amparo up` on a free port, until the block ends; ``settings`` by their names in the environment."""
    with new_home(path) as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        home.env["AMPARO_PORT"] = str(port)
        home.env.update(settings)
        home.env.pop("PYTHONWARNINGS")  # other people's servers warn
        with start(home) as site:
            yield site


@contextlib.contextmanager
def start(home: Home) -> Iterator[Site]:
    """`amparo up` in a home that may have been used before."""
    url = f"http://localhost:{home.env['AMPARO_PORT']}"
    process = home.start("up")
    said = []
    try:
        assert process.stdout is not None
        while not (said and "Ctrl-C" in said[-1]):
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            said.append(line)
        link = re.search(r"http://\S+/welcome/\S+", "".join(said))
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/account/login/", timeout=5)
                break
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.1)
        yield Site(home, url, link[0] if link else "", process)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def visit(browser: Browser, site: Site, session: str = "", size: str = "laptop", dark: bool = False) -> Page:
    """A page in a context of its own; any complaint of the browser fails :func:`clean`."""
    width, height = _WIDTHS[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="en"
    )
    if session:
        log_in(context, site, session)
    page = context.new_page()
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else None)  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
    return page


def log_in(context: BrowserContext, site: Site, session: str) -> None:
    """With a session made by :meth:`Site.person`."""
    context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])


def clean(page: Page) -> None:
    """The page breaks no rule of accessibility, light or dark, does not scroll sideways, and the browser is quiet.

    It waits for what the page still asks for: a request cut off by the next page is a complaint of the test's own.
    """
    page.wait_for_load_state("networkidle")
    complaints = page.complaints  # type: ignore[attr-defined]
    assert not complaints, f"{page.url}: {complaints}"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour half way
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url} ({scheme}): {found.generate_report()}"
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} scrolls sideways by {wide} pixels"
