from collections.abc import Iterator
import pytest
from casework.pictures import picture
from playwright.sync_api import Browser
from web_e2e.sites import Site, clean, running, visit


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("rest")
    (folder / "tree").mkdir()
    for seed in range(3):
        picture(seed, (160, 120)).save(folder / "tree" / f"p{seed}.png")
    with running(folder / "home") as made:
        made.home.case("ONE")
        made.home.run("scan", folder / "tree", "--case", "ONE")
        yield made


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_shots(size: str, browser: Browser, site: Site) -> None:
    boss = site.person("investigator", "administrator", cases="ONE")
    other = site.person("administrator")
    staff = site.person("investigator")
    page = visit(browser, site, boss["session"], size)
    page.goto(f"{site.url}/people/invite/")
    page.get_by_label("Name").fill("Somebody With A Long Name")
    page.get_by_label("Examiner").check()
    page.get_by_role("button", name="Make the link").click()
    page.goto(f"{site.url}/people/invitations/")
    clean(page); page.screenshot(path=f"/tmp/wb-rest/invitations-{size}.png", full_page=True)
    page.goto(f"{site.url}/people/")
    page.get_by_role("link", name=staff["username"]).click()
    where = page.url
    page.get_by_role("button", name="Ask for a new second factor").click()
    clean(page); page.screenshot(path=f"/tmp/wb-rest/asked-{size}.png", full_page=True)
    two = visit(browser, site, other["session"], size)
    two.goto(where)
    clean(two); two.screenshot(path=f"/tmp/wb-rest/agree-{size}.png", full_page=True)
    page.goto(f"{site.url}/keys/")
    clean(page); page.screenshot(path=f"/tmp/wb-rest/keys-{size}.png", full_page=True)
    (case,) = site.home.rows("case", "show", "ONE")
    page.goto(f"{site.url}/cases/{case['id']}/triage/")
    page.screenshot(path=f"/tmp/wb-rest/triage-{size}.png")
    page.goto(f"{site.url}/cases/{case['id']}/items/")
    page.screenshot(path=f"/tmp/wb-rest/items-{size}.png", full_page=True)
