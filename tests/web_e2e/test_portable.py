"""The portable case, opened from a folder by file:// with no network: read, looked at, marked, sent back."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from casework.pictures import picture
from e2e.homes import Home, new_home
from playwright.sync_api import Browser, Page, expect
from web_e2e.sites import clean

from amparo.casework import schemas

SHOTS = os.environ.get("AMPARO_SHOTS", "")
SIZES = {"phone": (360, 740), "laptop": (1280, 800)}
PASSPHRASE = "seven green bottles on a wall"
_RELEASE = """
import sys
from amparo.cli.start import start
installation = start()
from amparo.casework import imagery
from amparo.casework.vault import custodians
from amparo.accounts.models import RoleGrant, User
from amparo.catalogue.models import Item
user = User.objects.create(username="keeper")
RoleGrant.objects.create(user=user, role="custodian", given_by="tests")
custodians.make_key(installation, user, sys.argv[1], sys.argv[1])
item = Item.objects.filter(media_type="image/jpeg").order_by("pk").first()
row = imagery.ask(installation.acting("os:one"), item, "The court asked to see it.", "Court 4")
imagery.agree(installation.acting("os:two"), row)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Home]]:
    """A portable case with one released picture, out of the Vault, and the home it came from."""
    work = tmp_path_factory.mktemp("portable")
    with new_home(work / "home") as home:
        tree = work / "tree"
        (tree / "camera").mkdir(parents=True)
        for number in range(2):
            picture(number, (640, 480)).save(tree / "camera" / f"IMG_{number}.jpg")
        for number in range(120):
            (tree / f"letter {number:03d} with a long name.txt").write_text(f"text {number}")
        (tree / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
        home.case("W-1")
        assert home.run("scan", tree, "--case", "W-1").returncode in (0, 6)
        command = [sys.executable, "-c", _RELEASE, PASSPHRASE]
        subprocess.run(command, env=home.env, check=True, capture_output=True, timeout=120)
        (row,) = home.rows("vault", "portable", "--case", "W-1", "--recipient", "Court 4")
        (work / "passphrase").write_text(PASSPHRASE)
        get = ("vault", "get", row["object"], "--case", "W-1", "--custodian", "keeper", "-o", work / "out.zip")
        done = home.run(*get, "--passphrase-file", work / "passphrase")
        assert done.returncode == 0, done.stderr
        with zipfile.ZipFile(work / "out.zip") as archive:
            archive.extractall(work / "drive")
        (folder,) = (work / "drive").iterdir()
        yield folder, home


def opened(browser: Browser, folder: Path, size: str) -> Page:
    """Its page, in a browser that is offline; a request for anything but a file is a complaint."""
    width, height = SIZES[size]
    page = browser.new_context(viewport={"width": width, "height": height}, offline=True).new_page()
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else None)  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
    page.on(
        "request",
        lambda asked: page.complaints.append(asked.url) if not asked.url.startswith(("file:", "blob:")) else None,
    )  # type: ignore[attr-defined]
    page.goto((folder / "index.html").as_uri())
    return page


def checked(page: Page) -> None:
    """:func:`clean`; what the page's own policy then refused to the checker, which asks for the style sheet, is its."""
    clean(page)
    page.complaints.clear()  # type: ignore[attr-defined]


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_it_is_read_and_marked_without_a_server(
    browser: Browser, copy: tuple[Path, Home], size: str, tmp_path: Path
) -> None:
    folder, home = copy
    page = opened(browser, folder, size)
    expect(page.get_by_role("heading", level=1)).to_have_text("Items")
    expect(page.locator("#rows li")).to_have_count(100)
    checked(page)
    shot(page, f"portable-{size}")
    page.get_by_role("button", name="Later").click()
    page.get_by_label("Words in names").fill("img_")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#rows li")).to_have_count(2)
    page.locator("#rows button").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Item")
    assert page.locator("img").count() == 0
    expect(page.get_by_role("button", name="Show, blurred")).to_be_visible()
    expect(page.get_by_role("button", name="Show without blur")).to_be_hidden()
    checked(page)
    shot(page, f"portable-item-{size}")
    page.get_by_role("button", name="Show, blurred").click()
    page.wait_for_function("() => document.querySelector('#picture img')?.naturalWidth > 0")
    page.get_by_role("button", name="Show without blur").click()
    page.wait_for_function("() => document.querySelector('#picture img')?.src.includes('sharp')")
    page.keyboard.press("h")
    assert page.locator("img").count() == 0
    page.get_by_label("a question").check()
    page.get_by_label("Note").fill("Who \x07made\x9b it?")  # as pasted from elsewhere; what is signed is without
    expect(page.get_by_text("1 marks not saved yet")).to_be_visible()
    page.get_by_label("Your name or office").fill("\u202eOffice 4\x1b")
    page.get_by_role("button", name="Sign and save marks.json").click()
    expect(page.get_by_text("choose manifest.json")).to_be_visible()
    page.get_by_label("The file manifest.json of this folder").set_input_files(folder / "manifest.json")
    with page.expect_download() as told:
        page.get_by_role("button", name="Sign and save marks.json").click()
    told.value.save_as(tmp_path / "marks.json")
    expect(page.locator("#saved")).to_contain_text("name of your key")
    checked(page)
    shot(page, f"portable-marked-{size}")
    rows = home.rows("marks", "import", tmp_path / "marks.json", "--case", "W-1", "--key", key_of(home, tmp_path))
    jsonschema.validate(rows[0], json.loads(schemas.read("mark")))
    assert [(row["mark"], row["note"], row["reviewer"]) for row in rows] == [("question", "Who made it?", "Office 4")]
    assert "".join(page.locator("#saved").inner_text().split()).endswith(rows[0]["key"][:16])
    again = opened(browser, folder, size)
    again.get_by_label("Go on with marks saved before").set_input_files(tmp_path / "marks.json")
    if size == "phone":
        again.get_by_text("Narrow the list").click()
    again.locator("#facets").get_by_role("button", name="a question").click()
    expect(again.locator("#rows li")).to_have_count(1)


def key_of(home: Home, folder: Path) -> str:
    """The fingerprint, as a person learns it: by looking first, and saying no."""
    done = home.run("marks", "import", folder / "marks.json", "--case", "W-1", "--json")
    assert done.returncode == 130, done.stderr
    key: str = json.loads(done.stdout.splitlines()[0])["key"]
    return key
