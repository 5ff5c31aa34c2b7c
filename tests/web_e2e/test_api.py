"""The API of a running server against its own description: schemathesis makes requests that fit it and that do not."""

import dataclasses
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from web_e2e import one_time
from web_e2e.sites import Site, clean, running, visit

_KEYS = Path(__file__).with_name("keys.py")
_SECONDS = 40
_EXAMPLES = 20


@dataclasses.dataclass(frozen=True)
class Api:
    """A running API with a scanned Case, and the token of who leads it."""

    site: Site
    secret: str

    def get(self, where: str) -> Any:
        """The JSON of an address."""
        asked = urllib.request.Request(f"{self.site.url}/api/v1/{where}")
        asked.add_header("Authorization", f"Bearer {self.secret}")
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("api")
    evidence = folder / "evidence"
    evidence.mkdir()
    for number in range(5):
        (evidence / f"f{number}").write_bytes(b"text %d" % number)
    many = {"AMPARO_RATE_API": "1000000", "AMPARO_RATE_SEARCH": "1000000"}
    with running(folder / "home", **many, AMPARO_EVIDENCE_ROOTS=str(evidence)) as site:
        site.home.case("API")
        assert site.home.run("scan", evidence, "--case", "API").returncode == 0
        uuid = site.person("investigator", cases="API")["uuid"]
        yield Api(site, key(site, "token", uuid))


def key(site: Site, what: str, uuid: str) -> str:
    """A secret for this account."""
    command = [sys.executable, str(_KEYS), what, uuid]
    made = subprocess.run(command, env=site.home.env, capture_output=True, text=True, timeout=60, check=True)
    return made.stdout.strip()


def config(api: Api) -> str:
    """Random Cases, Items and contents would be 404 each time, and tell nothing: these are real ones."""
    (case,) = api.get("cases")["rows"]
    items = api.get(f"cases/{case['id']}/items")["rows"]
    row = next(row for row in items if row["item"]["sha256"])
    return f"""
[generation]
max-examples = {_EXAMPLES}
[parameters]
"path.case" = "{case["id"]}"
"path.item" = {row["number"]}
"body.sha256" = "{row["item"]["sha256"]}"
"""


def test_everything_a_program_may_send_is_answered_as_described(api: Api, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(config(api))
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(tmp_path / "schemathesis.toml"),
        "run", f"{api.site.url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {api.secret}",
        "--checks", "all", "--mode", "all", "--seed", "1", "--no-color", "--workers", "2",
        "--phases", "coverage,fuzzing", "--continue-on-failure", "--generation-database", "none",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=4 * _SECONDS)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    operations = sum(map(len, api.get("openapi.json")["paths"].values()))
    assert f"Tested: {operations}\n" in done.stdout
    api.site.home.verify()


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_a_person_makes_a_token_uses_it_and_ends_it(browser: Browser, api: Api, size: str) -> None:
    site = api.site
    someone = site.person("examiner", cases="API")
    page = visit(browser, site, someone["session"], size)
    app = key(site, "factor", someone["uuid"])
    page.goto(f"{site.url}/account/second-factor/")
    page.get_by_role("link", name="See your tokens").click()
    expect(page.get_by_text("You have no token.")).to_be_visible()
    clean(page)
    page.get_by_role("link", name="Confirm with your second factor").click()
    page.get_by_label("Code from your app").fill(one_time.code(app))
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name", exact=True).fill("Nightly numbers")
    page.get_by_label("List your cases").check()
    clean(page)
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator(".link").first.inner_text()
    assert re.fullmatch(r"amparo_[\w-]{43}", secret)
    clean(page)
    assert [row["reference"] for row in Api(site, secret).get("cases")["rows"]] == ["API"]
    page.get_by_role("link", name="To your tokens").click()
    expect(page.get_by_role("heading", name="Nightly numbers")).to_be_visible()
    clean(page)
    page.get_by_role("button", name="End the token Nightly numbers").click()
    expect(page.get_by_text("The token is ended.")).to_be_visible()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        Api(site, secret).get("cases")
