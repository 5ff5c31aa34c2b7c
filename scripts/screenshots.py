"""Take the pictures of the guide: the demo's home, `amparo up`, Chromium, and one scene per role.

    python scripts/screenshots.py [DEMO]

DEMO is a folder that `make demo` has made; its home is copied. Without it a demo is made in a temporary folder. Writes
docs/images/guide/*.png; nothing else is changed. A scene that fails is named, the others go on; exit 1.
"""

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import screenshot_scenes
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "docs" / "images" / "guide"
SIZE = {"width": 1280, "height": 800}
COLOURS = 64  # text and lines; the files are a quarter of the size with all colours
SECONDS = 60


class Stage:
    """What a scene works with. ``sessions`` are cookies by user name, ``case`` is the id of the demo's case."""

    def __init__(self, browser: Browser, url: str, made: dict[str, str]) -> None:
        self.browser, self.url, self.made = browser, url, made
        self.case = f"cases/{made['case']}/"

    def page(self, who: str, address: str = "") -> Page:
        """A page of a person who is logged in, or of nobody (an empty name)."""
        context = self.browser.new_context(viewport=SIZE, color_scheme="light", locale="en", reduced_motion="reduce")  # type: ignore[arg-type]
        if who:
            context.add_cookies([{"name": "sessionid", "value": self.made[who], "url": self.url}])
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.goto(f"{self.url}/{address}")
        while (notice := page.locator("form[action^='/notices/'] button")).count():
            notice.first.click()
            page.wait_for_load_state("networkidle")
        page.goto(f"{self.url}/{address}")
        return page

    def shot(self, page: Page, name: str, start: str = "") -> None:
        """Keep what the window shows; ``start`` is the text of a heading to scroll to."""
        page.wait_for_load_state("networkidle")
        if start:
            heading = page.get_by_role("heading", name=start).first
            heading.evaluate("each => window.scrollTo(0, each.getBoundingClientRect().top + window.scrollY - 24)")
        page.evaluate("() => document.activeElement && document.activeElement.blur()")
        with Image.open(io.BytesIO(page.screenshot())) as picture:
            FOLDER.mkdir(parents=True, exist_ok=True)
            small = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            small.save(FOLDER / f"{name}.png", optimize=True)
            (FOLDER / f"{name}.png").chmod(0o644)  # a program of Amparo lets nobody else read what it makes


def main(arguments: list[str]) -> int:
    """Exit status: 0, 1 if a scene failed, 2 on a wrong call."""
    if len(arguments) > 1 or any(each.startswith("-") for each in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="amparo-") as name:
        base = Path(name)
        demo = Path(arguments[0]) if arguments else base / "demo"
        if not arguments:
            subprocess.run([sys.executable, HERE / "demo.py", demo], check=True, stdout=subprocess.DEVNULL)
        shutil.copytree(demo / "home", base / "home")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        os.environ |= {"AMPARO_HOME": str(base / "home"), "AMPARO_PORT": str(port), "AMPARO_OPERATOR": "demo"}
        made = screenshot_scenes.people(demo / "material")
        with served(f"http://localhost:{port}") as url, sync_playwright() as driver:
            found = shutil.which("chromium")
            browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
            return _play(Stage(browser, url, made))


@contextlib.contextmanager
def served(url: str) -> Iterator[str]:
    """`amparo up`, until the block ends."""
    process = subprocess.Popen([sys.executable, "-m", "amparo", "up"], stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + SECONDS
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/account/login/", timeout=5)
                break
            if time.monotonic() > end or process.poll() is not None:
                raise SystemExit("The workbench does not answer.")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(SECONDS)


def _play(stage: Stage) -> int:
    failed = 0
    for scene in screenshot_scenes.SCENES:
        try:
            scene(stage)
        except (PlaywrightError, AssertionError) as error:
            print(f"{scene.__name__}: {error}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
