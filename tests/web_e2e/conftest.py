"""One server for the tests of a module, one browser for all."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from web_e2e.sites import Site, running


@pytest.fixture(scope="session")
def browser(require_tool: Callable[[str], str]) -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = require_tool("chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A workbench in which nothing was done yet."""
    with running(tmp_path_factory.mktemp("site") / "home") as made:
        yield made
