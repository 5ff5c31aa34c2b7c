"""The first minutes: the link that `amparo up` prints leads to an account, which needs a second factor to go on."""

from playwright.sync_api import Browser, expect
from web_e2e.sites import Site, clean, visit


def test_the_first_link_makes_an_account_that_needs_a_second_factor(browser: Browser, site: Site) -> None:
    page = visit(browser, site, size="phone")
    page.goto(site.welcome)
    clean(page)
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("User name").fill("ana")
    page.get_by_label("Password", exact=True).fill("four words are enough")
    page.get_by_label("The same password again").fill("four words are enough")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-Factor Authentication")
    clean(page)
    page.goto(site.url)
    assert page.url.endswith("/account/second-factor/")
    answer = page.goto(site.welcome)
    assert answer is not None
    assert answer.status == 404, "the link opens once"
