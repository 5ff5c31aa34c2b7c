"""The first minutes: the link that `amparo up` prints leads to an account, which needs a second factor to go on."""

from playwright.sync_api import Browser, Page, expect
from web_e2e import one_time
from web_e2e.sites import Site, clean, visit

PASSWORD = "four words are enough"


def test_from_the_first_link_to_the_first_page_and_in_again(browser: Browser, site: Site) -> None:
    page = visit(browser, site, size="phone")
    page.goto(site.welcome)
    clean(page)
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("User name").fill("ana")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
    clean(page)
    page.goto(site.url)
    assert page.url.endswith("/account/second-factor/"), "nothing else opens without a second factor"

    page.get_by_role("link", name="Set up an authenticator app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an authenticator app")
    clean(page)
    key = page.get_by_label("Key", exact=True).input_value()
    used = one_time.code(key)
    page.get_by_label("Type the six digits").fill(used)
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    expect(page.get_by_role("listitem")).to_have_count(10)
    codes = page.get_by_role("listitem").all_inner_texts()
    clean(page)
    page.get_by_role("link", name="I have written them down").click()
    assert page.url == f"{site.url}/"
    page.goto(f"{site.url}/account/second-factor/recovery-codes/")
    assert codes[0] not in page.content(), "codes are shown once"
    clean(page)

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    clean(page)
    password(page, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second factor")
    clean(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("This code does not fit")).to_be_visible()
    page.complaints.clear()  # type: ignore[attr-defined]  # the browser notes the status 422
    clean(page)
    page.get_by_label("Code").fill(one_time.fresh(key, used))
    page.get_by_role("button", name="Log in").click()
    assert page.url == f"{site.url}/"
    page.get_by_role("button", name="Log out").click()
    password(page, PASSWORD)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Log in").click()
    assert page.url == f"{site.url}/", "a recovery code stands for the app"


def test_the_first_link_opens_once(browser: Browser, site: Site) -> None:
    page = visit(browser, site)
    answer = page.goto(site.welcome)
    assert answer is not None
    assert answer.status == 404


def password(page: Page, word: str) -> None:
    page.get_by_label("User name").fill("ana")
    page.get_by_label("Password", exact=True).fill(word)
    page.get_by_role("button", name="Log in", exact=True).click()
