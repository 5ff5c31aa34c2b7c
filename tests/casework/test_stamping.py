"""Stamps on packages: only a digest leaves, asking is on record first, and no failure takes the package."""

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from casework.installations import actions, case, make
from servers.tsa import Authority, make_keys, serving

from amparo.casework import schemas, tsa
from amparo.casework.export import Choices, export_case
from amparo.casework.installation import Installation
from amparo.casework.stamping import stamp_folder
from amparo.catalogue.models import Case, Export
from amparo.evidence import manifest, timestamp
from amparo.evidence.errors import AmparoError, BadInput, MissingComponent, VerificationFailed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], str]) -> Path:
    require_tool("openssl")
    folder = tmp_path_factory.mktemp("tsa") / "keys"
    make_keys(folder)
    return folder


@pytest.fixture
def authority(keys: Path) -> Iterator[Authority]:
    with serving(keys) as made:
        yield made


@pytest.fixture
def installation(tmp_path: Path, authority: Authority) -> Installation:
    return make(tmp_path / "home", timestamp_authority=authority.url, timestamp_root=str(authority.root))


@pytest.fixture
def of(installation: Installation) -> Case:
    return case(installation)


def export(installation: Installation, folder: Path) -> dict[str, object]:
    row = export_case(installation, "R-1", ["case"], str(folder), Choices())
    jsonschema.validate(row, json.loads(schemas.read("export")))
    manifest.verify(folder, installation.sealer.fingerprint)
    return row


def test_a_package_is_stamped_and_openssl_agrees(
    installation: Installation, authority: Authority, of: Case, tmp_path: Path
) -> None:
    row = export(installation, tmp_path / "out")
    assert row["stamped"] is not None
    trusted = timestamp.roots(authority.root.read_bytes())
    made = timestamp.check_folder(tmp_path / "out", trusted)
    assert Export.objects.get().stamped == made.at
    assert actions(installation, of)[-3:] == ["case.exported", "stamp.asked", "export.stamped"]
    (asked,) = authority.asked
    digest = hashlib.sha256((tmp_path / "out" / "manifest.json").read_bytes()).digest()
    assert digest in asked
    assert len(asked) < 100, "a digest and a number, nothing else"
    command = ["openssl", "ts", "-verify", "-data", "manifest.json", "-in", "manifest.tsr", "-CAfile"]
    subprocess.run([*command, str(authority.root)], cwd=tmp_path / "out", check=True, capture_output=True)
    with pytest.raises(BadInput, match="already"):
        stamp_folder(installation, str(tmp_path / "out"))
    with (tmp_path / "out" / "manifest.json").open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(VerificationFailed, match="Mismatch"):
        timestamp.check_folder(tmp_path / "out", trusted)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("refuses", "refused to give|cannot be read"),
        ("altered", "does not check out|cannot be read"),
        ("page", "no time-stamp authority"),
        ("elsewhere", "status 302"),
        ("huge", "too many bytes"),
    ],
)
def test_what_answers_wrongly_costs_the_stamp_and_never_the_package(
    mode: str, words: str, installation: Installation, authority: Authority, of: Case, tmp_path: Path
) -> None:
    authority.mode = mode
    row = export(installation, tmp_path / "out")
    assert row["stamped"] is None
    with pytest.raises(AmparoError, match=words):
        stamp_folder(installation, str(tmp_path / "out"))
    assert not (tmp_path / "out" / manifest.STAMP).exists()
    authority.mode = "good"
    later = stamp_folder(installation, str(tmp_path / "out"))
    jsonschema.validate(later, json.loads(schemas.read("stamp")))
    assert Export.objects.get().stamped is not None


def test_the_answer_to_another_question_is_refused(
    installation: Installation, authority: Authority, of: Case, tmp_path: Path
) -> None:
    export(installation, tmp_path / "first")
    authority.mode = "replays"
    row = export(installation, tmp_path / "second")
    assert "does not check out" in str(row["not_stamped"])


def test_a_server_that_sends_a_byte_now_and_then_is_left(authority: Authority) -> None:
    authority.mode = "slow"
    begun = time.monotonic()
    with pytest.raises(AmparoError, match=r"does not answer|broke off"):
        timestamp.check(tsa.ask(authority.url, timestamp.request(b"x")[0], 1.0), b"x", [])
    assert time.monotonic() - begun < 5


def test_nobody_there_is_told(installation: Installation, authority: Authority, of: Case, tmp_path: Path) -> None:
    with pytest.raises(AmparoError, match="does not answer"):
        tsa.ask("http://127.0.0.1:9/", b"")
    for address in ("ftp://a/", "http://", "http://me:secret@host/"):
        with pytest.raises(BadInput, match="not the address"):
            tsa.ask(address, b"")


def test_an_installation_without_an_authority_asks_nobody(tmp_path: Path, authority: Authority) -> None:
    installation = make(tmp_path / "bare")
    case(installation)
    row = export(installation, tmp_path / "out")
    assert (row["stamped"], row["not_stamped"], authority.asked) == (None, None, [])
    with pytest.raises(MissingComponent, match="No time-stamp authority"):
        stamp_folder(installation, str(tmp_path / "out"))


def test_proxies_of_the_environment_are_not_asked(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert tsa.ask(authority.url, timestamp.request(b"x")[0])


def test_a_package_of_another_installation_is_not_stamped_here(
    installation: Installation, of: Case, tmp_path: Path
) -> None:
    export(installation, tmp_path / "out")
    Export.objects.all().delete()
    (tmp_path / "out" / manifest.STAMP).unlink()
    with pytest.raises(BadInput, match="no record"):
        stamp_folder(installation, str(tmp_path / "out"))
