"""Times, places and numbers in a real browser: charts with tables, a map that asks no network; also without script."""

import os
from pathlib import Path

import pytest
from casework.stated import stating
from playwright.sync_api import Browser, Page, expect
from web_e2e.sites import SIZES, Site, clean, visit

SHOTS = os.environ.get("AMPARO_SHOTS", "")


@pytest.fixture(scope="module")
def session(site: Site) -> str:
    """A member of a case with pictures that state times and places."""
    folder = stating(site.home.path.parent / "tree")
    site.home.case("W-1")
    assert site.home.run("scan", folder, "--case", "W-1").returncode == 0
    return site.person("investigator", cases="W-1")["session"]


def address(site: Site, more: str = "") -> str:
    return f"{site.url}/cases/{site.home.rows('case', 'list')[0]['id']}/timeline/{more}"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_from_all_years_to_an_item(browser: Browser, site: Site, session: str, size: str) -> None:
    page = visit(browser, site, session, size)
    page.goto(address(site, "?field=taken"))
    clean(page)
    shot(page, f"years-{size}")
    local = page.locator("section", has=page.get_by_role("heading", name="Local time, zone unknown"))
    local.get_by_role("link", name="2020").click()
    expect(page.get_by_role("heading", name="In 2020, local time of unknown zone")).to_be_visible()
    expect(page.locator(".times li")).to_have_count(1)
    expect(page.locator(".times .when")).to_have_text("2020-05-17 13:22:10 (local, zone unknown)")
    clean(page)
    shot(page, f"months-{size}")
    local.get_by_role("link", name="2020-05", exact=True).click()
    local.get_by_role("link", name="2020-05-17", exact=True).click()
    clean(page)
    shot(page, f"day-{size}")
    page.locator(".times a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Item")
    page.get_by_text("4 of the same camera").click()
    expect(page.get_by_role("link", name="All of the same camera")).to_be_visible()
    clean(page)
    shot(page, f"near-{size}")
    page.get_by_role("link", name="All of the same camera").click()
    expect(page.locator(".times li")).to_have_count(5)
    clean(page)


@pytest.mark.parametrize("size", SIZES)
def test_the_map_leads_to_the_pictures(browser: Browser, site: Site, session: str, size: str) -> None:
    page = visit(browser, site, session, size)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address(site, "places/"))
    expect(page.locator("#map .land").first).to_be_attached()
    expect(page.locator("#map .spot")).to_have_count(4)
    clean(page)
    shot(page, f"map-{size}")
    page.locator("#map .spot").first.click()
    expect(page.locator(".times li")).to_have_count(2)
    expect(page.locator(".times .when").first).to_contain_text("40.4168° N, 3.7038° W, within 5.0 m as stated")
    clean(page)
    shot(page, f"cell-{size}")
    assert all(each.startswith(site.url) for each in asked)


def test_the_places_are_a_table_without_script(browser: Browser, site: Site, session: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    page = context.new_page()
    page.goto(address(site, "places/"))
    assert not page.locator("#map").is_visible()
    page.locator(".numbers a").first.click()
    expect(page.locator(".times li")).to_have_count(2)


@pytest.mark.parametrize("size", SIZES)
def test_statistics_are_charts_with_tables(browser: Browser, site: Site, session: str, size: str) -> None:
    page = visit(browser, site, session, size)
    page.goto(address(site, "statistics/"))
    charts = page.locator("figure")
    assert charts.count() == page.locator("figure table").count() >= 5
    clean(page)
    shot(page, f"statistics-{size}")
