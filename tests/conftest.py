"""Every test gets a home of its own; parts that are missing are counted, and are failures where all is required."""

import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import hypothesis
import pytest
from fuzz import examples
from playwright.sync_api import Browser, sync_playwright

from amparo.catalogue.memory_folder import MemoryFolder

_HOME = tempfile.mkdtemp(prefix="amparo-tests-")
os.environ["AMPARO_HOME"] = _HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.web.settings"

# A shell without a terminal starts background jobs with SIGINT ignored, and all they start inherits that: the tests of
# Ctrl-C would wait for ever. A handler is set back to the default in what is started.
signal.signal(signal.SIGINT, signal.default_int_handler)

django.setup()
hypothesis.settings.register_profile("amparo", max_examples=examples(100), deadline=None)
hypothesis.settings.load_profile("amparo")

# Playwright's driver runs a loop in this thread, and tests that share the process with it use the database in between.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

_CHROMIUM = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

NOT_TESTED = "NOT TESTED: "


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


def not_tested(part: str) -> None:
    """Skip because ``part`` is missing here; fail where AMPARO_REQUIRE_ALL says that nothing may be."""
    if os.environ.get("AMPARO_REQUIRE_ALL"):
        pytest.fail(f"{part} is required here and missing", pytrace=False)
    pytest.skip(NOT_TESTED + part)


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], str]:
    """Path of a program that a test needs."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            not_tested(name)
        assert path is not None
        return path

    return find


@pytest.fixture(scope="session")
def browser(require_tool: Callable[[str], str]) -> Iterator[Browser]:
    """Debian's Chromium, one for the whole run: Playwright's synchronous driver exists once in a process."""
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=require_tool("chromium"), args=_CHROMIUM)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def missing() -> Callable[[str], None]:
    """:func:`not_tested`, for parts that a test itself looks for."""
    return not_tested


@pytest.fixture(autouse=True)
def nothing_left_in_memory(request: pytest.FixtureRequest) -> Iterator[None]:
    """Plain copies of Bank files go with the home of the test that made them."""
    folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None:
        for home in (folder, folder / "home"):
            shutil.rmtree(MemoryFolder(home).path, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One counted line per missing part, and the total."""
    missing = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ").removeprefix(NOT_TESTED)
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and NOT_TESTED in str(report.longrepr[2])
    )
    for part, number in sorted(missing.items()):
        terminalreporter.write_line(f"{NOT_TESTED}{part} ({number})")
    terminalreporter.write_line(f"{NOT_TESTED}{sum(missing.values())}")
