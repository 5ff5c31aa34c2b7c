"""A package is made, disclosed and read by a prosecutor, in a browser, at both sizes."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from web_e2e.sites import SIZES, Site, clean, visit


@pytest.mark.parametrize("size", SIZES)
def test_a_package_is_disclosed_and_read(browser: Browser, site: Site, size: str, tmp_path: Path) -> None:
    reference = f"EX-{size}"
    site.home.case(reference)
    (case,) = [row["id"] for row in site.home.rows("case", "list") if row["reference"] == reference]
    leader = visit(browser, site, site.person("investigator", cases=reference)["session"], size)
    leader.goto(f"{site.url}/cases/{case}/exports/")
    clean(leader)
    leader.get_by_label(re.compile("Disclosure: all material")).check()
    leader.get_by_role("button", name="Make the package").click()
    download = leader.get_by_role("button", name=re.compile("^Download: [0-9 :-]+ UTC$"))
    expect(download).to_have_text("Download", timeout=60_000)
    clean(leader)
    leader.screenshot(path=tmp_path / "exports.png", full_page=True)
    with leader.expect_download() as taken:
        download.click()
    assert taken.value.suggested_filename.endswith(".zip")
    leader.get_by_role("button", name=re.compile("^Disclose to prosecutors")).click()
    expect(leader.get_by_text("The prosecutors of this case can read it now.")).to_be_visible()
    reader = visit(browser, site, site.person("prosecutor", cases=reference)["session"], size)
    reader.goto(f"{site.url}/cases/{case}/")
    reader.get_by_role("link", name="Disclosed", exact=True).click()
    clean(reader)
    reader.get_by_text("Single files").click()
    clean(reader)
    reader.screenshot(path=tmp_path / "disclosed.png", full_page=True)
    with reader.expect_download() as taken:
        reader.get_by_role("button", name="Download: disclosure/index.html").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"<!doctype html>")
