"""The administrator's pages in a browser: a person is invited, comes in, gets other roles and leaves."""

import pytest
from playwright.sync_api import Browser, expect
from web_e2e.sites import SIZES, Site, clean, visit

PASSWORD = "four words are enough"


@pytest.mark.parametrize("size", SIZES)
def test_a_person_is_invited_changed_and_closed_out(size: str, browser: Browser, site: Site) -> None:
    site.person("administrator")  # so that a second one has to agree
    page = visit(browser, site, site.person("administrator")["session"], size=size)
    page.goto(f"{site.url}/people/")
    expect(page.get_by_role("link", name="People", exact=True)).to_have_attribute("aria-current", "page")
    clean(page)
    page.get_by_role("link", name="Invite somebody").click()
    clean(page)
    page.get_by_label("Name").fill("Ana")
    page.get_by_label("Examiner").check()
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The link for Ana")
    clean(page)
    link = page.locator(".link").inner_text()

    guest = visit(browser, site, size=size)
    guest.goto(link)
    clean(guest)
    guest.get_by_label("User name").fill(f"ana-{size}")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_label("The same password again").fill(PASSWORD)
    guest.get_by_role("button", name="Make my account").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("Set up a second factor")

    page.get_by_role("link", name="To the list of people").click()
    row = page.get_by_role("row", name=f"ana-{size}")
    expect(row).to_contain_text("Not set up")
    row.get_by_role("link", name="Ana").click()
    clean(page)
    page.get_by_label("Prosecutor").check()
    page.get_by_role("button", name="Save the roles").click()
    expect(page.get_by_role("status")).to_contain_text("The roles of Ana are changed.")
    page.get_by_role("button", name="Ask for a new second factor").click()
    expect(page.get_by_text("Another administrator has to agree before you get the link")).to_be_visible()
    clean(page)
    second = visit(browser, site, site.person("administrator")["session"], size)
    second.goto(page.url)
    clean(second)
    second.get_by_role("button", name="Agree").click()
    expect(second.get_by_role("status").first).to_contain_text("You agreed.")
    page.reload()
    page.get_by_role("button", name="Take password and second factor away, and show the link").click()
    expect(page.get_by_text("sets up both again")).to_be_visible()
    clean(page)
    guest.goto(page.locator(".link").inner_text())
    expect(guest.get_by_role("heading", level=1)).to_have_text("Set up your log-in again")
    clean(guest)
    page.get_by_role("link", name="To the list of people").click()
    page.get_by_role("row", name=f"ana-{size}").get_by_role("link", name="Ana").click()
    page.get_by_role("button", name="Close this account").click()
    expect(page.get_by_role("button", name="Open it again")).to_be_visible()
    clean(page)
