"""The Vault as two people use it: a member asks, a custodian gives, and what was lent is fetched."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from web_e2e.sites import SIZES, Site, clean, visit

SHOTS = os.environ.get("AMPARO_SHOTS", "")
PASSPHRASE = "seven green bottles on a wall"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_a_custodian_gives_what_a_member_asks_for(browser: Browser, site: Site, size: str, tmp_path: Path) -> None:
    reference = f"W-{size}"
    site.home.case(reference)
    case = next(row["id"] for row in site.home.rows("case", "list") if row["reference"] == reference)
    keeper = visit(browser, site, site.person("custodian")["session"], size)
    keeper.goto(f"{site.url}/vault/")
    clean(keeper)
    keeper.get_by_label("Passphrase").fill(PASSPHRASE)
    keeper.get_by_label("The same once more").fill(PASSPHRASE)
    keeper.get_by_role("button", name="Make my key").click()
    expect(keeper.get_by_role("status")).to_contain_text("Your key is made")
    (tmp_path / "letter to keep.txt").write_text("neutral")
    done = site.home.run("vault", "put", tmp_path / "letter to keep.txt", "--case", reference)
    assert done.returncode == 0, done.stderr
    page = visit(browser, site, site.person("investigator", cases=reference)["session"], size)
    page.goto(f"{site.url}/cases/{case}/vault/")
    clean(page)
    page.get_by_text("Ask for it").click()
    page.get_by_label("Why you need it").fill("The laboratory asked for the file again.")
    page.get_by_role("button", name="Ask the custodians").click()
    expect(page.get_by_text("Asked, not yet answered")).to_be_visible()
    keeper.reload()
    clean(keeper)
    shot(keeper, f"vault-keeping-{size}")
    keeper.get_by_role("link", name="Answer").click()
    clean(keeper)
    shot(keeper, f"vault-request-{size}")
    keeper.get_by_label("Your passphrase").fill(PASSPHRASE)
    keeper.get_by_role("button", name="Give it for 15 minutes").click()
    expect(keeper.get_by_text("Nobody is waiting.")).to_be_visible()
    page.reload()
    clean(page)
    shot(page, f"vault-{size}")
    with page.expect_download() as told:
        page.get_by_role("button", name="Fetch").click()
    assert Path(told.value.path()).read_text() == "neutral"
    page.get_by_role("link", name="Released pictures").click()
    clean(page)
    shot(page, f"released-{size}")
