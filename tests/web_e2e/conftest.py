"""One server for the tests of a module."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from web_e2e.sites import Site, running

expect.set_options(timeout=20_000)  # the machine may have more to do than this


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A workbench in which nothing was done yet."""
    with running(tmp_path_factory.mktemp("site") / "home") as made:
        yield made
