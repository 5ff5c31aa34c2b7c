"""The pages of a Case in a browser: opened, scanned, noted, handed on, and its log verified."""

import re
from pathlib import Path

import pytest
from casework.pictures import picture
from playwright.sync_api import Browser, Page, expect
from web_e2e.sites import SIZES, Site, clean, visit


@pytest.fixture(scope="module")
def scanned(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A case with generated pictures, scanned, and an owner."""
    folder = tmp_path_factory.mktemp("evidence")
    for seed in range(6):
        picture(seed).save(folder / f"garden-{seed}.png")
    (folder / "letter.txt").write_text("Dear neighbour, the roses are fine.\n")
    (folder / "broken.png").write_bytes((folder / "garden-0.png").read_bytes()[:900])
    site.home.case("ES-2026-0412", "--until", "2099-01-01")
    assert site.home.run("scan", folder, "--case", "ES-2026-0412").returncode in (0, 6)
    return site


def opened(browser: Browser, site: Site, person: dict[str, str], size: str, path: str = "/") -> Page:
    page = visit(browser, site, person["session"], size)
    page.goto(site.url + path)
    return page


def complaints(page: Page) -> list[str]:
    """What the browser has complained of, once."""
    found = list(page.complaints)  # type: ignore[attr-defined]
    page.complaints.clear()  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("size", SIZES)
def test_a_case_from_its_opening_to_its_verified_log(browser: Browser, site: Site, size: str, tmp_path: Path) -> None:
    ana, ben = site.person("investigator"), site.person("examiner")
    page = opened(browser, site, ana, size)
    clean(page)
    page.get_by_role("link", name="New case").click()
    clean(page)
    page.get_by_label("Reference").fill(f"GARDEN-{size}")
    page.get_by_label("Authority: the legal basis").fill("Order 7/2026 of the court of this test")
    page.get_by_label("Last day on which it holds").fill("2025-01-01")
    page.get_by_label("Folders it covers").fill(str(tmp_path))
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("alert")).to_contain_text("The last day has passed already.")
    assert ["422" in each for each in complaints(page)] == [True], "Chromium notes the status, and nothing else"
    expect(page.get_by_label("Reference")).to_have_value(f"GARDEN-{size}")
    page.get_by_label("Last day on which it holds").fill("2099-12-31")
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    clean(page)

    page.get_by_role("link", name="Add a member").click()
    clean(page)
    page.get_by_label("User name").fill(ben["username"])
    page.get_by_label("Role in this case").select_option("examiner")
    page.get_by_role("button", name="Add the member").click()
    expect(page.get_by_role("rowheader", name=ben["username"])).to_be_visible()
    page.get_by_role("button", name="Let two people grade").click()
    expect(page.get_by_label("Case", exact=True).get_by_text("Two people grade")).to_be_visible()
    page.get_by_role("link", name="Add an authority").click()
    clean(page)

    page.get_by_role("link", name="Notes").click()
    page.get_by_label("New note").fill("The neighbour will bring a key on Monday.")
    page.get_by_role("button", name="Write the note").click()
    expect(page.get_by_text("The neighbour will bring a key")).to_be_visible()
    clean(page)

    page.get_by_role("link", name="Log", exact=True).click()
    clean(page)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The log is intact.")).to_be_visible()
    expect(page.get_by_label("Case", exact=True)).to_contain_text(re.compile("Custody log intact, checked .* UTC"))
    clean(page)


@pytest.mark.parametrize("size", SIZES)
def test_the_overview_of_a_scanned_case(browser: Browser, scanned: Site, size: str) -> None:
    page = opened(browser, scanned, scanned.person("investigator", cases="ES-2026-0412"), size)
    clean(page)
    page.get_by_role("link", name="ES-2026-0412").click()
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()
    expect(page.get_by_role("heading", name="State of the work")).to_be_visible()
    clean(page)


@pytest.mark.parametrize("size", SIZES)
def test_access_is_taken_with_a_reason_and_the_owner_is_told(browser: Browser, scanned: Site, size: str) -> None:
    scanned.home.case(f"NIGHT-{size}")
    owner = scanned.person("investigator", cases=f"NIGHT-{size}")
    page = opened(browser, scanned, scanned.person("examiner"), size)
    page.get_by_role("link", name="Open a case you are not a member of").click()
    clean(page)
    page.get_by_label("Reference of the case").fill(f"NIGHT-{size}")
    page.get_by_label("Why you need access now").fill(f"A child may be there tonight; nobody answers the {size}.")
    page.get_by_role("button", name="Take access for 24 hours").click()
    expect(page.get_by_label("Case", exact=True)).to_contain_text("Your access ends")
    expect(page.get_by_text(f"nobody answers the {size}.")).to_be_visible()
    clean(page)
    told = opened(browser, scanned, owner, size)
    expect(told.get_by_role("status").filter(has_text=f"nobody answers the {size}.")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_an_auditor_verifies_logs_and_reads_no_reference(browser: Browser, scanned: Site, size: str) -> None:
    page = opened(browser, scanned, scanned.person("auditor"), size)
    clean(page)
    page.get_by_role("main").get_by_role("link", name="Custody logs").click()
    clean(page)
    page.get_by_role("button", name="Verify").last.click()
    expect(page.get_by_text(re.compile("^Intact, .* UTC$"))).to_be_visible()
    assert "ES-2026-0412" not in page.content()
    clean(page)
