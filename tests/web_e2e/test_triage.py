"""Triage as people do it: fifty items with the keyboard, and two people who do not see each other's first grade."""

import json
from collections.abc import Iterator

import pytest
from casework.pictures import copies, picture
from playwright.sync_api import Browser, Page, expect
from web_e2e.sites import Site, clean, running, visit

ALONE = 54  # pictures like no other
COPIES = 4


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A workbench with one case in which one person is enough, and one that takes two."""
    folder = tmp_path_factory.mktemp("triage")
    tree = folder / "tree" / "a folder with a long name" / "camera"
    copies(tree, 1000, COPIES)
    for seed in range(ALONE):
        picture(seed, (160, 120)).save(tree / f"picture{seed:02}.png")
    with running(folder / "home") as made:
        for reference in ("ONE", "TWO"):
            made.home.case(reference)
            assert made.home.run("scan", folder / "tree", "--case", reference).returncode == 0
            assert made.home.run("groups", "--case", reference).returncode == 0
        made.home.change("UPDATE catalogue_case SET two_people = ? WHERE reference = ?", True, "TWO")
        yield made


def opened(
    browser: Browser, site: Site, session: str, reference: str, queue: str = "open", size: str = "laptop"
) -> Page:
    page = visit(browser, site, session, size)
    (case,) = site.home.rows("case", "show", reference)
    page.goto(f"{site.url}/cases/{case['id']}/triage/?queue={queue}")
    return page


def entries(site: Site, reference: str) -> list[str]:
    (case,) = site.home.rows("case", "show", reference)
    lines = (site.home.path / "cases" / str(case["id"]) / "custody.jsonl").read_text().splitlines()
    return [entry["action"] for entry in map(json.loads, lines) if entry["kind"] == "entry"]


def test_fifty_items_with_the_keyboard_one_taken_back_one_flagged(browser: Browser, site: Site) -> None:
    staff = site.person("investigator", cases="ONE")
    page = opened(browser, site, staff["session"], "ONE")
    tiles = page.locator("#tiles > li")
    expect(tiles).to_have_count(ALONE + 1)
    assert page.locator("#tiles a[tabindex='0']").count() == 1, "the grid is one stop of the tab key"
    page.locator("#tiles a[tabindex='0']").focus()
    graded = 0
    for number in range(50):
        graded += COPIES if tiles.nth(number).get_attribute("data-alike") == str(COPIES) else 1
        page.keyboard.press("0123"[number % 4])
        assert page.evaluate("() => document.activeElement.closest('li').id") == tiles.nth(number + 1).get_attribute(
            "id"
        )
    expect(page.locator("#queues a", has_text="To grade").locator(".n")).to_have_text(str(ALONE + 1 - 50))
    expect(page.locator("#said")).to_contain_text("Undo: U.")
    page.keyboard.press("f")
    expect(page.locator("#said")).to_contain_text("flagged")
    expect(tiles.nth(50)).to_contain_text("Flagged")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("taken back")
    expect(tiles.nth(49)).to_contain_text("Not graded")
    assert page.evaluate("() => document.activeElement.closest('li').id") == tiles.nth(49).get_attribute("id")
    actions = entries(site, "ONE")
    assert actions.count("decision.made") == graded
    assert actions.count("decision.withdrawn") == 1
    assert actions.count("content.flagged") == 1
    site.home.verify()
    assert page.complaints == []  # type: ignore[attr-defined]


def test_keys_move_and_can_be_switched_off(browser: Browser, site: Site) -> None:
    staff = site.person("investigator", cases="ONE")
    page = opened(browser, site, staff["session"], "ONE", "all")
    chosen = page.locator("#tiles a[aria-current]")
    first = page.locator("#tiles > li").first
    for key, where in (("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        expect(page.locator("#tiles > li").nth(where).locator("a")).to_have_attribute("aria-current", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(first.locator("a")).to_have_attribute("aria-current", "true")
    page.keyboard.press("?")
    keys = page.locator("#all-keys")
    expect(keys).to_be_visible()
    keys.get_by_label("Single keys act on this page").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    before = entries(site, "ONE").count("decision.made")
    page.reload()
    page.locator("#tiles a[tabindex='0']").focus()
    page.keyboard.press("1")
    page.keyboard.press("j")
    expect(page.locator("#tiles > li").first.locator("a")).to_have_attribute("aria-current", "true")
    assert entries(site, "ONE").count("decision.made") == before
    expect(chosen).to_have_count(1)


def test_two_people_judge_without_seeing_each_other(browser: Browser, site: Site) -> None:
    ana, ben = (site.person("investigator", cases="TWO") for _ in range(2))
    first = opened(browser, site, ana["session"], "TWO")
    first.locator("#tiles a[tabindex='0']").focus()
    tiles = first.locator("#tiles > li")
    for key in "10":
        first.keyboard.press(key)
    expect(first.locator("#queues a", has_text="To grade").locator(".n")).to_have_text(str(ALONE - 1))
    expect(tiles.nth(0)).to_contain_text("Waits for another person")
    expect(tiles.nth(0)).to_contain_text("Baseline")
    second = opened(browser, site, ben["session"], "TWO", "second")
    theirs = second.locator("#tiles > li")
    expect(theirs).to_have_count(2)
    for number in range(2):
        expect(theirs.nth(number)).to_contain_text("Not graded")
        expect(theirs.nth(number)).not_to_contain_text("Baseline")
    expect(second.locator("#panel")).not_to_contain_text(ana["username"])
    second.locator("#tiles a[tabindex='0']").focus()
    second.keyboard.press("1")
    expect(theirs.nth(0)).to_contain_text("Baseline")
    second.keyboard.press("2")
    expect(theirs.nth(1)).to_contain_text("Two people differ")
    first.goto(first.url.replace("queue=open", "queue=disagreed"))
    expect(tiles).to_have_count(1)
    expect(first.locator("#panel")).to_contain_text(ben["username"])
    clean(first)
    first.keyboard.press("2")
    expect(first.locator("#queues a", has_text="Disagreements").locator(".n")).to_have_text("0")
    expect(tiles.nth(0)).to_contain_text("National law")
    site.home.verify()


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_the_pages_keep_the_rules(size: str, browser: Browser, site: Site) -> None:
    site.home.case(f"LED-{size}")
    staff = site.person("investigator", cases=f"ONE,LED-{size}")
    page = opened(browser, site, staff["session"], "ONE", "all", size)
    expect(page.locator("#panel h2").first).to_be_visible()
    clean(page)
    page.get_by_role("button", name="All keys").click()
    clean(page)
    page.goto(page.url.replace("queue=all", "queue=disagreed"))
    expect(page.get_by_text("No two people differ")).to_be_visible()
    clean(page)
    (led,) = site.home.rows("case", "show", f"LED-{size}")
    for address in ("/pause/", f"/cases/{led['id']}/exposure/"):
        page.goto(site.url + address)
        clean(page)


def test_without_script_a_grade_goes_the_same_way(browser: Browser, site: Site) -> None:
    staff = site.person("investigator", cases="TWO")
    (case,) = site.home.rows("case", "show", "TWO")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": staff["session"], "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/cases/{case['id']}/triage/")
    second = page.locator("#tiles > li").nth(1).get_attribute("id")
    page.get_by_role("button", name="Not relevant").click()
    expect(page.get_by_text("Not relevant, 1 item.")).to_be_visible()
    expect(page.locator(f"#{second} a")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_keys_of_ones_own_act_and_the_old_ones_do_not(size: str, browser: Browser, site: Site) -> None:
    staff = site.person("investigator", cases="ONE")
    page = opened(browser, site, staff["session"], "ONE", "all", size)
    where = page.url
    page.goto(f"{site.url}/keys/")
    clean(page)
    page.get_by_label("Next item").fill("n")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.locator("#error")).to_contain_text("two things")
    page.complaints.clear()  # type: ignore[attr-defined]  # the browser says 422
    clean(page)
    page.get_by_label("Next item").fill("b")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.get_by_text("The keys are changed.")).to_be_visible()
    page.goto(where)
    tiles = page.locator("#tiles > li a")
    tiles.first.focus()
    page.keyboard.press("j")
    expect(tiles.first).to_have_attribute("aria-current", "true")
    page.keyboard.press("b")
    expect(tiles.nth(1)).to_have_attribute("aria-current", "true")
    assert page.complaints == []  # type: ignore[attr-defined]
