"""Tasks, an exhibit and planned enforcement as a member of a case meets them, on a phone and on a laptop."""

import datetime
import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from web_e2e.sites import SIZES, Site, clean, visit

SHOTS = os.environ.get("AMPARO_SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.emulate_media(color_scheme="light")
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def opened(browser: Browser, site: Site, reference: str, size: str) -> tuple[Page, dict[str, str]]:
    """The overview of a new case with one scanned folder, as who leads it."""
    folder = site.home.path.parent / reference
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear neighbour, the roses are fine.\n")
    site.home.case(reference)
    assert site.home.run("scan", folder, "--case", reference).returncode == 0
    ana = site.person("investigator", cases=reference)
    page = visit(browser, site, ana["session"], size)
    page.goto(site.url)
    page.get_by_role("link", name=reference).first.click()
    return page, ana


@pytest.mark.parametrize("size", SIZES)
def test_a_task_from_the_form_to_the_first_page_and_done(browser: Browser, site: Site, size: str) -> None:
    page, ana = opened(browser, site, f"TASK-{size}", size)
    page.get_by_role("link", name="Tasks", exact=True).click()
    clean(page)
    page.get_by_label("What has to be done").fill("Ring the neighbour about the key")
    page.get_by_label("Due on (UTC)").fill("2026-01-02")
    page.get_by_label("Given to").select_option(label=ana["username"])
    page.get_by_role("button", name="Add the task").click()
    row = page.get_by_role("row").filter(has_text="Ring the neighbour")
    expect(row).to_contain_text("overdue")
    clean(page)
    shot(page, f"tasks-{size}")
    page.get_by_role("link", name="Cases", exact=True).click()
    expect(page.get_by_role("heading", name="Your tasks")).to_be_visible()
    clean(page)
    shot(page, f"home-{size}")
    page.get_by_role("row").filter(has_text="Ring the neighbour").get_by_role("link").click()
    page.get_by_role("link", name="Change Ring the neighbour").click()
    clean(page)
    page.get_by_label("Due on (UTC)").fill("2199-01-02")
    page.get_by_role("button", name="Change the task").click()
    expect(row).not_to_contain_text("overdue")
    page.get_by_role("button", name="Mark as done Ring the neighbour").click()
    expect(page.get_by_text("Nothing is to be done in this case.")).to_be_visible()
    page.get_by_text("Done", exact=True).first.click()
    expect(page.get_by_role("button", name="Open again Ring the neighbour")).to_be_visible()
    clean(page)


@pytest.mark.parametrize("size", SIZES)
def test_an_exhibit_from_its_label_to_its_printed_chain(browser: Browser, site: Site, size: str) -> None:
    page, _ = opened(browser, site, f"THING-{size}", size)
    page.get_by_role("link", name="Exhibits").click()
    clean(page)
    page.get_by_role("link", name="Add an exhibit").click()
    clean(page)
    page.get_by_label("Number", exact=True).fill("JK/1")
    page.get_by_label("Description").fill("Telephone, black, cracked glass, serial number 0042")
    page.get_by_label("Seal").fill("S-100")
    page.get_by_label("From whom or where").fill("Person 1, kitchen table")
    page.get_by_label("Seized at (UTC)").fill("2026-03-01T07:30")
    page.get_by_role("checkbox", name="Source 1").check()
    shot(page, f"exhibit-form-{size}")
    page.get_by_role("button", name="Add the exhibit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Exhibit JK/1")
    for at, giver, taker, seal in (
        ("2026-03-01T09:10", "Officer Ana", "Store clerk Ben", "S-100"),
        ("2026-03-01T08:00", "Officer Dora", "Examiner Carla", "S-101"),
    ):
        page.get_by_label("When (UTC)").fill(at)
        page.get_by_label("Given by").fill(giver)
        page.get_by_label("Taken by").fill(taker)
        page.get_by_label("Purpose").fill("Transport to the store")
        page.get_by_label("Seal as it was handed over").fill(seal)
        page.get_by_role("button", name="Write the hand-over").click()
        expect(page.get_by_role("row").filter(has_text=taker)).to_be_visible()
    expect(page.get_by_text("The giver is not who had it before")).to_be_visible()
    expect(page.get_by_text("The seal is another one than before.")).to_be_visible()
    clean(page)
    shot(page, f"exhibit-{size}")
    page.get_by_role("link", name="Chain of custody, to print").click()
    clean(page)
    shot(page, f"print-screen-{size}")
    page.emulate_media(media="print", color_scheme="light")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("row").filter(has_text="Examiner Carla")).to_be_visible()
    shot(page, f"print-paper-{size}")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Exhibits").click()
    expect(page.get_by_text("Look at its hand-overs")).to_be_visible()
    clean(page)
    shot(page, f"exhibits-{size}")
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("link", name="Exhibit JK/1")).to_be_visible()
    clean(page)


@pytest.mark.parametrize("size", SIZES)
def test_a_plan_warns_until_its_checklist_is_answered(browser: Browser, site: Site, size: str) -> None:
    page, _ = opened(browser, site, f"PLAN-{size}", size)
    page.get_by_role("link", name="Tasks", exact=True).click()
    page.get_by_role("link", name="Planned enforcement").click()
    clean(page)
    when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=4)
    page.get_by_label("Day and time (UTC)").fill(f"{when:%Y-%m-%dT06:00}")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Safeguarding checklist")
    clean(page)
    shot(page, f"checklist-{size}")
    point = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Children in the home"))
    point.get_by_role("radio", name="Yes").check()
    point.get_by_label("Note").fill("The aunt is there from six.")
    point.get_by_role("button", name="Keep the answer").click()
    expect(point).to_contain_text("The aunt is there from six.")
    clean(page)
    shot(page, f"checklist-answered-{size}")
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text("8 points of its safeguarding checklist are open.")).to_be_visible()
    clean(page)
    shot(page, f"overview-{size}")
    page.get_by_role("link", name="Open the checklist").click()
    page.get_by_role("button", name="It was called off").click()
    expect(page.get_by_role("button", name="Keep the answer")).to_have_count(0)
    clean(page)
    page.get_by_role("link", name="All plans of this case").click()
    expect(page.get_by_role("row").filter(has_text="Called off")).to_be_visible()
    clean(page)
    shot(page, f"plans-{size}")
