"""Hash exchanges through the command line: under an Authority, resumable, and with a secret that nobody reads."""

import datetime
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from e2e.bad_input import refused
from e2e.bank_lists import digest
from e2e.homes import COMMAND, Home, Run
from e2e.test_rematch_kill import killed
from servers.ncmec import NcmecServer, Stored
from servers.stopncii import StopNciiServer, record

from amparo.casework import schemas
from amparo.media.exchanges.port import MOST

pytestmark = [pytest.mark.database_slow, pytest.mark.timeout(300)]
HOST = "127.0.0.1"
AGREED = ("--authority", "Agreement 7 of 2026")


def add(home: Home, api: str, *options: object) -> Run:
    return home.run("bank", "exchange", "add", "--name", "Shared", "--api", api, *AGREED, *options)


def secret(home: Home, text: str) -> Run:
    """Piped in."""
    command = [*COMMAND, "bank", "exchange", "secret", "--name", "Shared"]
    return subprocess.run(command, env=home.env, input=text + "\n", capture_output=True, text=True, timeout=60)


def fetch(home: Home) -> dict[str, int]:
    (row,) = home.rows("bank", "fetch", "--name", "Shared")
    jsonschema.Draft202012Validator(json.loads(schemas.read("bank_import"))).validate(row)
    return {key: row[key] for key in ("version", "added", "already", "withdrawn", "revived")}


def live(home: Home) -> set[str]:
    """Digests in use."""
    rows = home.rows("bank", "entries", "--name", "Shared")
    return {value for row in rows if not row["withdrawn"] for value in row["digests"].values()}


@pytest.fixture
def ncmec() -> Iterator[NcmecServer]:
    with NcmecServer() as server:
        yield server


@pytest.fixture
def stopncii() -> Iterator[StopNciiServer]:
    with StopNciiServer() as server:
        yield server


def md5(number: int) -> str:
    return digest(number)[:32]


def hashes(number: int, at: int, **more: bool) -> Stored:
    return Stored(7, f"id-{number}", at, f"<md5>{md5(number)}</md5>", **more)


def test_ncmec_from_the_first_fetch_to_a_withdrawal(home: Home, ncmec: NcmecServer) -> None:
    now = int(time.time())
    ncmec.put(*(hashes(number, now - 7200 - number) for number in range(5)))
    url = ("--set", f"url={ncmec.url}", "--set", "terms=Agreement 7")
    done = add(home, "ncmec", "--address", HOST, *url)
    assert (done.returncode, done.stderr.count("amparo:")) == (0, 0)
    refused(home.run("bank", "fetch", "--name", "Shared"), 2, "no credentials")
    said = secret(home, ncmec.secret)
    assert said.returncode == 0
    assert ncmec.requests == [], "it connects when it is told to fetch, and not before"
    assert fetch(home) | {"version": 0} == {"version": 0, "added": 5, "already": 0, "withdrawn": 0, "revived": 0}
    assert live(home) == set(map(md5, range(5)))
    ncmec.put(hashes(9, now - 60), hashes(2, now - 60, deleted=True))
    row = fetch(home)
    assert (row["added"], row["withdrawn"]) == (1, 1)
    assert live(home) == set(map(md5, (0, 1, 3, 4, 9)))
    assert [each["entry"] for each in home.rows("match", md5(9))]
    assert home.rows("match", md5(2)) == []
    home.verify()
    hidden(home, ncmec.secret, "pomegranate")


def hidden(home: Home, *words: str) -> None:
    """Not in any file but that of the secret, which is for this account alone; nor in what commands say."""
    (kept,) = (home.path / "secrets").glob("exchange-*")
    assert kept.stat().st_mode & 0o777 == 0o600
    files = [path for path in home.path.rglob("*") if path.is_file() and path != kept]
    assert [path for path in files if any(word.encode() in path.read_bytes() for word in words)] == []
    for command in (("bank", "list", "--json"), ("doctor", "--json"), ("bank", "fetch", "--name", "Shared")):
        done = home.run(*command)
        assert not [word for word in words if word in done.stdout + done.stderr], command


def test_stopncii(home: Home, stopncii: StopNciiServer) -> None:
    stopncii.put(*(record(digest(number), 100 + number) for number in range(5)))
    add(home, "stopncii", "--address", HOST, "--set", f"url={stopncii.url}", "--set", "terms=t")
    secret(home, stopncii.secret)
    assert fetch(home)["added"] == 5
    stopncii.put(record(digest(1), 300, status="Withdrawn"))
    fetch(home)
    assert live(home) <= {digest(number) for number in range(5)}
    hidden(home, stopncii.function_key, stopncii.subscription_key)


def test_a_wrong_secret_is_refused_and_not_shown(home: Home, ncmec: NcmecServer) -> None:
    add(home, "ncmec", "--address", HOST, "--set", f"url={ncmec.url}", "--set", "terms=t")
    for text in ("orchard:persimmon", "persimmon"):
        secret(home, text)
        done = home.run("bank", "fetch", "--name", "Shared")
        refused(done, 5 if ":" in text else 2)
        assert "persimmon" not in done.stdout + done.stderr
    hidden(home, "persimmon")
    assert home.rows("bank", "list")[0]["entries"] == 0


@pytest.mark.parametrize("address", [(), ("--address", "exchange.example"), ("--address", "127.0.0.2")])
def test_an_address_nobody_authorised_is_not_connected_to(
    address: tuple[str, ...], home: Home, ncmec: NcmecServer
) -> None:
    add(home, "ncmec", *address, "--set", f"url={ncmec.url}", "--set", "terms=t")
    secret(home, ncmec.secret)
    refused(home.run("bank", "fetch", "--name", "Shared"), 5, HOST)
    assert ncmec.requests == []


def test_an_authority_that_has_ended_is_not_enough(home: Home, ncmec: NcmecServer, tmp_path: Path) -> None:
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=8)
    until = ("--until", ends.isoformat())
    assert (
        add(home, "ncmec", "--address", HOST, *until, "--set", f"url={ncmec.url}", "--set", "terms=t").returncode == 0
    )
    secret(home, ncmec.secret)
    listed(tmp_path, range(3))
    given = ("--set", f"path={tmp_path / 'list.txt'}", "--set", "owner=o", "--set", "terms=t")
    assert (
        home.run("bank", "exchange", "add", "--name", "Local", "--api", "file", *AGREED, *until, *given).returncode == 0
    )
    time.sleep(max(0.0, (ends - datetime.datetime.now(datetime.UTC)).total_seconds() + 0.1))
    for name in ("Shared", "Local"):
        refused(home.run("bank", "fetch", "--name", name), 5, "ended")
    assert ncmec.requests == []
    assert {row["version"] for row in home.rows("bank", "list")} == {0}, "nothing came"
    refused(add(home, "ncmec", "--until", "2020-01-01"), 2)


def listed(folder: Path, numbers: range) -> Path:
    """A list in threatexchange's form."""
    path = folder / "list.txt"
    path.write_text("".join(f"md5 {md5(number)}\n" for number in numbers))
    return path


def local(home: Home, path: Path) -> None:
    done = add(home, "file", "--set", f"path={path}", "--set", "owner=Amparo tests", "--set", "terms=none")
    assert done.returncode == 0, done.stderr


def test_a_file_is_fetched_in_deltas(home: Home, tmp_path: Path) -> None:
    local(home, listed(tmp_path, range(10)))
    assert fetch(home) == {"version": 1, "added": 10, "already": 0, "withdrawn": 0, "revived": 0}
    assert fetch(home) == {"version": 1, "added": 0, "already": 0, "withdrawn": 0, "revived": 0}
    listed(tmp_path, range(5, 12))
    assert fetch(home) == {"version": 2, "added": 2, "already": 0, "withdrawn": 5, "revived": 0}
    listed(tmp_path, range(12))
    assert fetch(home) == {"version": 3, "added": 0, "already": 0, "withdrawn": 0, "revived": 5}
    assert live(home) == set(map(md5, range(12)))
    (tmp_path / "list.txt").unlink()
    refused(home.run("bank", "fetch", "--name", "Shared"), 2, "cannot be read")
    home.verify()


def test_killed_between_deltas_it_goes_on(home: Home, tmp_path: Path) -> None:
    numbers = range(2 * MOST + 100)
    local(home, listed(tmp_path, numbers))
    words = ("bank", "fetch", "--name", "Shared")
    assert killed(home, "fetching", 1, *words) == -signal.SIGKILL
    assert home.rows("bank", "list")[0]["entries"] == 0, "a part is stored with its checkpoint or not at all"
    assert killed(home, "fetched", 1, *words) == -signal.SIGKILL
    assert home.rows("bank", "list")[0]["entries"] == MOST
    assert killed(home, "fetching", 1, *words) == -signal.SIGKILL
    assert home.rows("bank", "list")[0]["entries"] == MOST
    row = fetch(home)
    assert (row["added"], row["already"]) == (len(numbers) - MOST, 0), "what was stored does not come again"
    assert live(home) == set(map(md5, numbers))
    log = (home.path / "custody.jsonl").read_text()
    assert log.count('"bank.fetched"') == 3
    home.verify()


def test_what_cannot_be_set_up(home: Home, tmp_path: Path) -> None:
    assert home.rows("bank", "list") == []
    given = ("--set", f"path={tmp_path / 'x'}", "--set", "owner=o", "--set", "terms=t")
    for options, words in (
        (("elm",), "elm"),
        (("file",), "needs the setting"),
        (("file", *given, "--set", "colour=red"), "colour"),
        (("file", *given, "--set", "colour"), "name=value"),
        (("file", *given, "--until", "soon"), "soon"),
        (("file", *given, "--until", "2099-01-01T10:00"), "zone"),
    ):
        refused(add(home, *options), 2, words)
    assert home.rows("bank", "list") == []
    assert add(home, "file", *given).returncode == 0
    refused(add(home, "file", *given), 2, "already")
    refused(home.run("bank", "fetch", "--name", "Other"), 2, "Other")
    refused(home.run("bank", "exchange", "secret", "--name", "Other"), 2, "Other")
    (tmp_path / "k.csv").write_text(f"digest,labels,owner,terms,date\n{digest(1)},,O,T,2026-01-01\n")
    home.run("bank", "import", tmp_path / "k.csv", "--name", "Known")
    refused(home.run("bank", "fetch", "--name", "Known"), 2, "not fetched")
