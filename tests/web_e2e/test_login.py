"""Log-in with a passkey and without a password; what wrong passwords lead to; changing how one logs in."""

import pytest
from playwright.sync_api import Browser, Page, expect
from web_e2e import one_time
from web_e2e.sites import Site, clean, visit

PASSWORD = "four words are enough"


def passkeys(page: Page) -> None:
    """The device has a passkey store that says yes, as a person does with a fingerprint."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def password(page: Page, name: str, word: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(word)
    page.get_by_role("button", name="Log in", exact=True).click()


def test_a_passkey_logs_in_without_a_password(browser: Browser, site: Site) -> None:
    page = visit(browser, site)
    passkeys(page)
    page.goto(site.welcome)
    page.get_by_label("User name").fill("bela")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="Add a passkey").click()
    heading(page, "Add a passkey")
    clean(page)
    page.get_by_label("Name").fill("This laptop")
    page.get_by_role("button", name="Make the passkey").click()
    heading(page, "Recovery codes")
    page.get_by_role("link", name="I have written them down").click()
    page.get_by_role("button", name="Log out").click()

    heading(page, "Log in")
    expect(page.locator("[data-passkey-error], [data-passkey-missing]").filter(visible=True)).to_have_count(0)
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(f"{site.url}/")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()

    page.goto(f"{site.url}/account/second-factor/")
    heading(page, "How you log in")
    clean(page)
    page.get_by_role("link", name="See your passkeys").click()
    expect(page.get_by_role("row", name="This laptop")).to_contain_text("Alone")
    clean(page)
    page.get_by_role("link", name="Remove This laptop").click()
    heading(page, "Is it you?")
    clean(page)
    page.get_by_role("link", name="Use a code").click()
    heading(page, "Is it you?")
    clean(page)
    page.get_by_role("link", name="Use a passkey").click()
    heading(page, "Is it you?")
    clean(page)
    page.get_by_role("button", name="Use a passkey").click()
    heading(page, "Remove the passkey “This laptop”")
    clean(page)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("alert")).to_contain_text("only second factor")
    page.complaints.clear()  # type: ignore[attr-defined]  # the browser notes the status 422
    clean(page)

    page.goto(f"{site.url}/account/second-factor/totp/activate/")
    key = page.get_by_label("Key", exact=True).input_value()
    page.get_by_label("Type the six digits").fill(one_time.code(key))
    page.get_by_role("button", name="Set it up").click()
    for path in ("totp/deactivate/", "recovery-codes/generate/"):
        page.goto(f"{site.url}/account/second-factor/{path}")
        clean(page)
    page.goto(f"{site.url}/account/password/")
    heading(page, "Change your password")
    clean(page)


def test_a_passkey_stands_for_the_code_after_a_password(browser: Browser, site: Site) -> None:
    """After the test before, ``bela`` has a passkey that this browser does not hold."""
    page = visit(browser, site, size="phone")
    passkeys(page)
    page.goto(f"{site.url}/account/login/")
    password(page, "bela", PASSWORD)
    heading(page, "Your second factor")
    clean(page)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
    clean(page)
    page.get_by_role("button", name="Back to the password").click()
    heading(page, "Log in")


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_wrong_passwords_are_told_and_then_paused(size: str, browser: Browser, site: Site) -> None:
    page = visit(browser, site, size=size)
    for number in range(4):
        page.goto(f"{site.url}/account/login/")
        password(page, f"nobody-{size}", f"wrong password {number}")
        expect(page.get_by_role("alert").first).to_contain_text("The user name or the password is wrong.")
    page.complaints.clear()  # type: ignore[attr-defined]  # the browser notes the status 422
    clean(page)
    password(page, f"nobody-{size}", "wrong password 5")
    heading(page, "Log-in is paused")
    page.complaints.clear()  # type: ignore[attr-defined]  # the browser notes the status 429
    clean(page)


@pytest.mark.parametrize("path", ["", "webauthn/", "webauthn/add/", "totp/activate/"])
@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_pages_of_ones_own_log_in(path: str, size: str, browser: Browser, site: Site) -> None:
    page = visit(browser, site, site.person("examiner")["session"], size=size)
    page.goto(f"{site.url}/account/second-factor/{path}")
    clean(page)
