"""The disclosure package: everything there is, what speaks against it, and nothing that has to stay back."""

import csv
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from casework.installations import bank, case, make
from casework.pictures import picture
from playwright.sync_api import Browser

from amparo.casework.decisions import record_decision
from amparo.casework.export import Choices, export_case
from amparo.casework.export.disclosure.rows import cell
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Content, Decision, Item
from amparo.evidence import manifest
from amparo.evidence.custody import verify
from amparo.evidence.custody.entry import Anchor
from amparo.evidence.custody.verify import Anchored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ABUSE = ("material-abuse-material", "child-real", "age-under-13")
NOTHING = ("material-not-pertinent",)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def scanned(tmp_path: Path, installation: Installation) -> Case:
    tree = tmp_path / "tree"
    tree.mkdir()
    for seed in range(4):
        picture(seed).save(tree / f"p{seed}.png")
    (tree / "=1+1.txt").write_text("words of a person")
    (tree / "link").symlink_to("p1.png")
    (tree / "broken.zip").write_bytes(b"PK\x03\x04 not a zip")
    known = [hashlib.sha256((tree / f"p{seed}.png").read_bytes()).hexdigest() for seed in (0, 1)]
    bank(installation, tmp_path, *known)
    made = case(installation)
    scan(installation, str(tree), "R-1")
    return made


def content(of: Case, seed: int) -> Content:
    found = next(row for row in Item.objects.filter(case=of) if bytes(row.tail) == f"p{seed}.png".encode())
    assert found.content is not None
    return found.content


def written(installation: Installation, folder: Path) -> Path:
    export_case(installation, "R-1", ["disclosure"], str(folder), Choices("en"))
    manifest.verify(folder, installation.sealer.fingerprint)
    return folder / "disclosure"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_schedule_lists_every_item_matched_or_not(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    record_decision(installation, content(scanned, 2), NOTHING)
    rows = read(written(installation, tmp_path / "out") / "schedule.csv")
    assert {int(row["number"]) for row in rows} == set(Item.objects.filter(case=scanned).values_list("pk", flat=True))
    by_name = {row["path"].rpartition("/")[2]: row for row in rows}
    assert by_name["p0.png"]["matches"] == "match.bank"
    assert (by_name["p2.png"]["matches"], by_name["p2.png"]["category"]) == ("", "not-relevant")
    assert by_name["p3.png"]["category"] == ""
    assert (by_name["link"]["state"], by_name["link"]["reason"]) == ("skipped", "symlink")
    assert "=1+1.txt" in [row["path"].lstrip("'") for row in rows]
    pages = "".join(path.read_text() for path in (tmp_path / "out" / "disclosure" / "schedule").iterdir())
    assert pages.count("<tr>") - 1 == len(rows)


def test_leads_that_people_judged_to_be_material_are_not_unconfirmed_and_others_are(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    record_decision(installation, content(scanned, 0), ABUSE)
    rows = read(written(installation, tmp_path / "first") / "unconfirmed.csv")
    assert {row["sha256"] for row in rows} == {bytes(content(scanned, 1).sha256).hex()}
    record_decision(installation, content(scanned, 1), NOTHING)
    (row,) = read(written(installation, tmp_path / "second") / "unconfirmed.csv")
    assert (row["judging"], row["category"]) == ("done", "not-relevant")


def test_a_difference_between_two_people_is_told_with_its_end_and_a_waiting_grade_is_not(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    Case.objects.update(two_people=True)
    scanned.refresh_from_db()
    ana, ben, eva = (installation.acting(f"account:{name}") for name in ("ana", "ben", "eva"))
    record_decision(ana, content(scanned, 0), ABUSE, note="a note that stays here")
    record_decision(ana, content(scanned, 1), ABUSE)
    record_decision(ben, content(scanned, 1), NOTHING)
    below = written(installation, tmp_path / "first")
    rows = read(below / "disagreements.csv")
    assert [(row["who"], row["outcome"]) for row in rows] == [
        ("account:ana", "open: people differ"), ("account:ben", "open: people differ"),
    ]  # fmt: skip
    waiting = bytes(content(scanned, 0).sha256).hex()
    everything = b"".join(path.read_bytes() for path in below.rglob("*") if path.is_file())
    assert b"a note that stays here" not in everything
    (row,) = (row for row in read(below / "schedule.csv") if row["sha256"] == waiting)
    assert (row["judging"], row["category"], row["labels"]) == ("second", "", "")
    record_decision(eva, content(scanned, 1), NOTHING, note="seen by three", leads=True)
    rows = read(written(installation, tmp_path / "second") / "disagreements.csv")
    assert {row["outcome"] for row in rows} == {"settled as not-relevant by account:eva"}
    assert len(rows) == 3
    assert Decision.objects.count() == 4


def test_what_could_not_be_examined_is_told_with_its_meaning(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    rows = read(written(installation, tmp_path / "out") / "shortfalls.csv")
    by_name = {row["path"]: row for row in rows}
    assert by_name["link"]["meaning"].startswith("A link to another place")
    short = Item.objects.filter(case=scanned, state__in=(2, 3)).count()
    assert len({row["number"] for row in rows}) >= short > 0


def test_the_log_in_it_checks_out_and_versions_are_those_of_the_scan(
    installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    below = written(installation, tmp_path / "out")
    found = re.search(r"--head ([0-9]+):([0-9a-f]{64}) --key ([0-9a-f]{64})", (below / "verify.txt").read_text())
    assert found
    anchor = Anchor(int(found[1]), found[2])
    assert verify(below / "custody.jsonl", head=anchor, key=found[3]).anchored is Anchored.BOTH
    versions = json.loads((below / "versions.json").read_text())
    assert {each["analyser"] for each in versions["stages"]} >= {"walk", "digests", "picture_hash"}
    assert versions["banks"][0]["name"] == "Known"
    assert f"amparo scan {tmp_path / 'tree'} --case R-1" in (below / "repeat.txt").read_text()
    assert (below / "documents" / "known-errors.txt").read_bytes().startswith(b"# Known errors")


def test_commands_that_are_named_exist(installation: Installation, scanned: Case, tmp_path: Path) -> None:
    below = written(installation, tmp_path / "out")
    lines = [line.strip() for name in ("repeat.txt", "verify.txt") for line in (below / name).read_text().splitlines()]
    words = {tuple(line.split()[1:3]) for line in lines if line.startswith("amparo ")}
    assert len(words) > 6
    for first, second in words:
        asked = (first, second) if second.isalpha() and first in ("custody", "case") else (first,)
        done = subprocess.run([sys.executable, "-m", "amparo", *asked, "--help"], capture_output=True, text=True)
        assert done.returncode == 0, asked


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_numbers_and_words_stay_as_they_are() -> None:
    assert (cell(-1), cell("a=1"), cell("")) == (-1, "a=1", "")


def test_pages_open_without_a_complaint(
    browser: Browser, installation: Installation, scanned: Case, tmp_path: Path
) -> None:
    below = written(installation, tmp_path / "out")
    page = browser.new_page(viewport={"width": 360, "height": 740})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto((below / "index.html").as_uri())
    assert page.locator("h1").inner_text() == "R-1"
    for link in page.locator("a[href]").all():
        assert (below / str(link.get_attribute("href"))).is_file()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("schedule/0001.html").click()
    assert page.locator("tbody tr").count() == Item.objects.filter(case=scanned).count()
    assert said == []
    page.close()
