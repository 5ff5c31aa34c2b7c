"""Persons, retention and erasure in a browser: from the first pseudonym to the empty row."""

import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from web_e2e.sites import SIZES, Site, clean, visit


@pytest.mark.parametrize("size", SIZES)
def test_a_person_a_hold_and_an_erasure_by_two(browser: Browser, site: Site, size: str, tmp_path: Path) -> None:
    reference = f"GARDEN-{size}"
    site.home.case(reference)
    ana = site.person("investigator", cases=reference)
    page = visit(browser, site, ana["session"], size)
    page.goto(site.url)
    page.get_by_role("link", name=reference).click()
    page.get_by_role("link", name="Add a member").click()
    ben = site.person("investigator")
    page.get_by_label("User name").fill(ben["username"])
    page.get_by_label("Role in this case").select_option("investigator")
    page.get_by_label("Leads the case, too").check()
    page.get_by_role("button", name="Add the member").click()

    page.get_by_role("link", name="Persons").click()
    clean(page)
    page.get_by_role("link", name="Add a person").click()
    expect(page.get_by_label("Pseudonym")).to_have_value("Person A")
    clean(page)
    page.get_by_label("Role in this case").select_option("victim")
    page.get_by_label("a fact").check()
    page.get_by_label("Where it comes from").fill("Interview of 4 May")
    page.get_by_role("button", name="Add the person").click()
    page.get_by_label("What is said").fill("Knows the house with the blue door")
    page.get_by_label("an assessment").check()
    page.get_by_label("Where it comes from").fill("Ana, from the drawings")
    page.get_by_role("button", name="Add the statement").click()
    expect(page.get_by_role("region", name="Assessments")).to_contain_text("blue door")
    clean(page)

    page.get_by_role("link", name="Retention").click()
    soon = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=20)
    page.get_by_label("Last day (UTC)").fill(soon.isoformat())
    page.locator("#ground").fill("Rule 4 of the office")
    page.get_by_role("button", name="State the last day").click()
    expect(page.get_by_text("20 more days.")).to_be_visible()
    page.get_by_label("Reason").fill("Order 5 of the court")
    page.get_by_role("button", name="Place the hold").click()
    page.get_by_label("the whole case").check()
    page.locator("#because").fill("Order 6 of the court")
    page.get_by_role("button", name="Ask for the erasure").click()
    expect(page.get_by_text("Another person who leads this case decides.")).to_be_visible()
    clean(page)
    page.goto(f"{site.url}/retention/")
    expect(page.get_by_role("rowheader", name=reference)).to_be_visible()
    clean(page)

    other = visit(browser, site, ben["session"], size)
    other.goto(site.url)
    other.get_by_role("link", name="See the ground").click()
    expect(other.get_by_text("A legal hold stands. It has to be lifted first.")).to_be_visible()
    other.get_by_text("Lift this hold").click()
    other.get_by_label("Why it no longer holds").fill("Order 7 of the court")
    other.get_by_role("button", name="Lift the hold").click()
    other.get_by_text("Decide", exact=True).click()
    other.get_by_label("Type the reference").fill(reference)
    clean(other)
    other.get_by_role("button", name="Erase the whole case").click()
    expect(other.get_by_text("begun").or_(other.get_by_text("not found"))).to_be_visible()
    other.wait_for_timeout(500)
    for _ in range(40):
        other.goto(site.url)
        if "is erased" in other.content():
            break
        other.wait_for_timeout(500)
    expect(other.get_by_text("The case whose identifier begins with")).to_be_visible()
    assert reference not in other.content()
