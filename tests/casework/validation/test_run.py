"""Validation: every assertion can fail, and does where the program is made to do wrong."""

import dataclasses
import json
from pathlib import Path

import pytest
from casework.installations import make

from amparo.casework.validation import run
from amparo.casework.validation.assertion import Bench, Result
from amparo.casework.validation.assertions import ASSERTIONS
from amparo.catalogue.models import Content
from amparo.evidence import manifest
from amparo.evidence.custody.keys import SigningKey
from amparo.evidence.errors import BadInput

pytestmark = pytest.mark.django_db(transaction=True)
KEY = SigningKey.from_seed(bytes(range(32)))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return run.prepare(make(tmp_path / "home"), tmp_path)


def failing(bench: Bench) -> list[str]:
    return [each.number for each, result in run.check(bench) if not result.holds]


def test_all_hold_and_no_number_is_used_twice(bench: Bench) -> None:
    assert failing(bench) == []
    assert len({each.number for each in ASSERTIONS}) == len(ASSERTIONS) >= 16


def test_a_wrong_digest_fails(bench: Bench) -> None:
    Content.objects.filter(case=bench.case, size=3).update(md5=bytes(16))
    assert failing(bench) == ["H-02"]


def test_a_missing_item_and_a_followed_link_fail(bench: Bench) -> None:
    items = {path: row for path, row in bench.items.items() if "raw-" not in path}
    items["walk/link"] = {**items["walk/link"], "entry": "file"}
    assert failing(dataclasses.replace(bench, items=items)) == ["W-01", "W-02", "W-03", "W-06"]


def test_a_lost_member_and_a_wrong_time_fail(bench: Bench) -> None:
    items = dict(bench.items)
    del items["archives/two.zip!/folder/two.txt"]
    items["times/file.txt"] = items["archives/two.zip!/one.txt"] = items["walk/plain.txt"]
    assert {"T-01", "T-02", "W-04"} <= set(failing(dataclasses.replace(bench, items=items)))


def test_changed_evidence_fails(bench: Bench) -> None:
    (bench.evidence / "walk" / "plain.txt").write_text("other")
    assert "W-05" in failing(bench)


def test_lost_matches_and_false_ones_fail(bench: Bench) -> None:
    assert failing(dataclasses.replace(bench, findings=())) == ["W-03", "M-01", "M-02"]
    (other,) = (row["sha256"] for path, row in bench.items.items() if path == "pictures/other.png")
    false = tuple({**each, "sha256": other} if each["kind"].startswith("match.") else each for each in bench.findings)
    assert failing(dataclasses.replace(bench, findings=false)) == ["M-01", "M-02"]


def test_a_broken_log_fails(bench: Bench) -> None:
    path = bench.installation.sealer.path(bench.case)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "C-01" in failing(bench)


def test_the_report_is_signed_and_says_what_was_not_held(bench: Bench, tmp_path: Path) -> None:
    results = run.check(bench)
    broken = [(each, Result("<b>", "<i>") if each.number == "H-04" else result) for each, result in results]
    digest = run.write(broken, tmp_path / "out", KEY, "os:test")
    found = manifest.verify(tmp_path / "out", KEY.fingerprint)
    assert (found.sha256, found.about["held"], found.about["of"]) == (digest, len(results) - 1, len(results))
    page = (tmp_path / "out" / "validation.html").read_text()
    assert page.count("does not hold") == 1
    assert "&lt;b&gt;" in page and "<i>" not in page
    rows = json.loads((tmp_path / "out" / "validation.json").read_text())["assertions"]
    assert [row["number"] for row in rows if not row["holds"]] == ["H-04"]
    with pytest.raises(BadInput, match="there already"):
        run.write(results, tmp_path / "out", KEY, "os:test")
    with pytest.raises(BadInput, match="Cannot write"):
        run.write(results, tmp_path / "no" / "out", KEY, "os:test")
