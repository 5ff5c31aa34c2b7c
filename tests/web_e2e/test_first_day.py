"""The first day, as docs/guide/first-page.md tells it (keep the two in step): from the printed link to a graded,
exported, verified case. Only by labels and roles that a person sees.
"""

import io
import json
import re
import zipfile
from pathlib import Path

from casework.pictures import copies, picture
from playwright.sync_api import Browser, expect
from web_e2e import one_time
from web_e2e.sites import Site, clean, visit

from amparo.evidence import manifest


def test_from_the_link_to_a_graded_exported_verified_case(browser: Browser, site: Site, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    copies(evidence / "holiday", 1, 4)
    for number in range(2, 6):
        picture(number).save(evidence / f"{number}.png")
    page = visit(browser, site)

    page.goto(site.welcome)
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("User name").fill("ana")
    page.get_by_label("Password", exact=True).fill("four words are enough")
    page.get_by_label("The same password again").fill("four words are enough")
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="Set up an authenticator app").click()
    key = page.get_by_label("Key", exact=True).input_value()
    page.get_by_label("Type the six digits").fill(one_time.code(key))
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("link", name="I have written them down").click()

    page.get_by_role("link", name="New case").click()
    page.get_by_label("Reference").fill("2026-114")
    page.get_by_label("Authority: the legal basis").fill("Search order 12/2026")
    page.get_by_label("Last day on which it holds").fill("2099-12-31")
    page.get_by_label("Folders it covers").fill(str(evidence))
    page.get_by_role("button", name="Open the case").click()

    page.get_by_role("link", name="Jobs").click()
    page.get_by_label("Folder or file to scan").fill(str(evidence))
    page.get_by_role("button", name="Start the scan").click()
    started = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Scan", exact=True))
    expect(started).to_contain_text("Done", timeout=60_000)
    page.get_by_role("button", name="Group alike pictures").click()
    grouped = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Group alike pictures"))
    expect(grouped).to_contain_text("Done", timeout=60_000)

    page.get_by_role("link", name="Triage").click()
    expect(page.get_by_role("article")).to_have_count(5)
    page.wait_for_load_state("networkidle")
    page.get_by_role("article").first.get_by_role("link").focus()
    for left in reversed(range(5)):
        page.keyboard.press("0")
        expect(page.get_by_role("link", name=re.compile("^To grade"))).to_contain_text(re.compile(rf"\D{left}$"))
    clean(page)

    page.get_by_role("link", name="Exports").click()
    clean(page)
    page.get_by_role("checkbox", name="Report as PDF, readable aloud (PDF/UA)").check()
    page.get_by_role("button", name="Make the package").click()
    download = page.get_by_role("button", name=re.compile("^Download"))
    expect(download).to_be_visible(timeout=60_000)
    page.get_by_role("button", name=re.compile("^Verify")).click()
    expect(page.get_by_role("status")).to_contain_text("Intact: 3 files")
    clean(page)
    with page.expect_download() as taken:
        download.click()
    with zipfile.ZipFile(io.BytesIO(Path(taken.value.path()).read_bytes())) as archive:
        archive.extractall(tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    assert manifest.verify(folder).about["case"] == "2026-114"
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads((folder / "case.jsonld").read_bytes())["@graph"]

    page.get_by_role("link", name="Log", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("Ana")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_label("Case", exact=True)).to_contain_text(re.compile("Custody log intact, checked .* UTC"))
    decided = site.home.rows("decisions", "--case", "2026-114")
    assert len(decided) == 8, "four alike pictures were judged at once"
    site.home.verify()
