"""Looking through items in a real browser: no picture until asked, small when asked, gone at a key."""

import json
import os
from pathlib import Path

import pytest
from casework.pictures import picture
from playwright.sync_api import Browser, Page, expect
from web_e2e.sites import SIZES, Site, clean, visit

SHOTS = os.environ.get("AMPARO_SHOTS", "")


@pytest.fixture(scope="module")
def session(site: Site) -> str:
    """A member of a case with something in it."""
    folder = site.home.path.parent / "tree"
    (folder / "camera").mkdir(parents=True)
    for number in range(3):
        picture(number, (640, 480)).save(folder / "camera" / f"IMG_{number}.jpg")
    (folder / "camera" / "again.jpg").write_bytes((folder / "camera" / "IMG_0.jpg").read_bytes())
    (folder / "letter with a rather long name that has to be broken somewhere on a phone.txt").write_text("text")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    digest = site.home.rows("hash", folder / "camera" / "IMG_0.jpg")[0]["sha256"]
    known = site.home.path.parent / "known.csv"
    known.write_text(f"digest,labels,owner,terms,date\n{digest},test-label,Amparo tests,none,2026-01-01\n")
    assert site.home.run("bank", "import", known, "--name", "Known").returncode == 0
    site.home.case("W-1")
    assert site.home.run("scan", folder, "--case", "W-1").returncode in (0, 6)
    return site.person("investigator", cases="W-1")["session"]


def address(site: Site) -> str:
    """Of the list of items."""
    case = site.home.rows("case", "list")[0]["id"]
    return f"{site.url}/cases/{case}/items/"


def open_item(page: Page, site: Site, words: str) -> None:
    """The page of the first item that a search finds."""
    page.goto(f"{address(site)}?q={words}")
    href = page.locator(".rows a").first.get_attribute("href")
    page.goto(f"{site.url}{href}")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_the_list_narrows_and_finds(browser: Browser, site: Site, session: str, size: str) -> None:
    page = visit(browser, site, session, size)
    page.goto(address(site))
    clean(page)
    shot(page, f"items-{size}")
    if size == "phone":  # where the list comes first
        page.get_by_text("Narrow the list").click()
    page.locator(".facets").get_by_role("link", name="The same file").click()
    expect(page.get_by_role("list", name="Filters that are set")).to_contain_text("The same file")
    expect(page.locator(".rows li")).to_have_count(2)
    page.get_by_label("Words in names, notes and findings").fill("letter")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".empty")).to_contain_text("The same file")
    clean(page)
    shot(page, f"items-empty-{size}")
    page.get_by_role("link", name="Show all items").click()
    expect(page.get_by_role("list", name="Filters that are set")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_is_shown_small_hidden_by_a_key_and_written_down(
    browser: Browser, site: Site, session: str, size: str
) -> None:
    page = visit(browser, site, session, size)
    open_item(page, site, "again")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Item")
    assert page.locator("img").count() == 0
    clean(page)
    shot(page, f"item-{size}")
    page.keyboard.press("r")
    page.get_by_label("Reason").first.select_option("lead")
    page.get_by_role("button", name="Show, blurred").click()
    image = page.get_by_role("img", name="The picture: small, grey and blurred.")
    expect(image).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-veil-place] img')?.naturalWidth > 0")
    assert page.evaluate("() => document.querySelector('[data-veil-place] img').naturalWidth") <= 240
    clean(page)
    shot(page, f"item-shown-{size}")
    with page.expect_response(lambda answer: answer.url.endswith("/seconds/")) as told:
        page.keyboard.press("h")
    assert told.value.status == 204
    assert page.locator("img").count() == 0
    expect(page.locator("[data-veil-place]")).to_contain_text("Picture hidden")
    chain = next(site.home.path.glob("cases/*/custody.jsonl")).read_text()
    entries = [entry for entry in map(json.loads, chain.splitlines()) if entry.get("action") == "content.revealed"]
    assert entries[-1]["facts"]["sharp"] == 0
    assert entries[-1]["actor"].startswith("account:")


def test_sharper_only_while_the_keys_are_held(browser: Browser, site: Site, session: str) -> None:
    page = visit(browser, site, session)
    open_item(page, site, "IMG_1")
    page.keyboard.press("r")
    page.get_by_label("Reason").first.select_option("grade")
    page.get_by_role("button", name="Show, blurred").click()
    blurred = page.get_by_role("img", name="The picture: small, grey and blurred.")
    sharp = page.get_by_role("img", name="The picture: small and grey.")
    expect(blurred).to_be_visible()
    page.keyboard.press("Shift+R")
    expect(page.locator("[name=sharp] ~ select")).to_be_focused()
    page.locator("[name=sharp] ~ select").select_option("detail")
    for _ in range(2):
        page.keyboard.down("Shift")
        page.keyboard.down("R")
        expect(sharp).to_be_visible()
        assert blurred.count() == 0
        with page.expect_response(lambda answer: answer.url.endswith("/seconds/")):
            page.keyboard.up("R")
        expect(blurred).to_be_visible()
        assert sharp.count() == 0
        page.keyboard.up("Shift")
    page.keyboard.down("Shift")
    page.keyboard.down("R")
    expect(sharp).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.up("R")
    page.keyboard.up("Shift")
    assert page.locator("img").count() == 0
    assert page.complaints == []  # type: ignore[attr-defined]


def test_leaving_the_tab_hides_the_picture(browser: Browser, site: Site, session: str) -> None:
    page = visit(browser, site, session)
    open_item(page, site, "IMG_1")
    page.keyboard.press("r")
    page.get_by_label("Reason").first.select_option("grade")
    page.get_by_role("button", name="Show, blurred").click()
    expect(page.locator("[data-veil-place] img")).to_be_visible()
    page.evaluate("() => { Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
                  " document.dispatchEvent(new Event('visibilitychange')); }")  # fmt: skip
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_what_cannot_be_shown_is_said(browser: Browser, site: Site, session: str, size: str) -> None:
    page = visit(browser, site, session, size)
    open_item(page, site, "broken")
    page.keyboard.press("r")
    page.get_by_label("Reason").first.select_option("grade")
    page.get_by_role("button", name="Show, blurred").click()
    expect(page.locator("[data-veil-told]")).to_contain_text("damaged")
    assert [each for each in page.complaints if "422" not in each] == []  # type: ignore[attr-defined]
    page.complaints.clear()  # type: ignore[attr-defined]
    clean(page)
    shot(page, f"item-damaged-{size}")


def test_without_script_a_form_shows_it(browser: Browser, site: Site, session: str) -> None:
    page = visit(browser, site, session)
    plain = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    open_item(page, site, "IMG_2")
    page.get_by_text("Show it anyway").click()
    page.get_by_label("Reason").first.select_option("grade")
    with page.expect_response(lambda answer: "/picture/" in answer.url) as got:
        page.get_by_role("button", name="Show, blurred").click()
    assert got.value.status == 200
    page.get_by_role("link", name="Hide").click()
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_a_note_is_kept(browser: Browser, site: Site, session: str, size: str) -> None:
    page = visit(browser, site, session, size)
    open_item(page, site, "letter")
    page.get_by_label("Write a note").fill(f"Written on a {size}")
    page.get_by_role("button", name="Keep this note").click()
    expect(page.locator(".facts")).to_contain_text(f"Written on a {size}")
    clean(page)
