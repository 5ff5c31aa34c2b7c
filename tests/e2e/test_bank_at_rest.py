"""At rest: no digest of a Bank is in any file of an installation, however it was used."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from e2e.bank_lists import digest, load, plain, write
from e2e.homes import Home
from media.segments import digest as other

VICS = Path(__file__).parents[1] / "golden" / "vics" / "media-2.0-us.json"
STATED = ("--owner", "Amparo tests", "--terms", "none", "--date", "2026-01-31")
ENTRIES = 300


def spellings(raw: bytes) -> Iterator[bytes]:
    """How a digest may stand in a file; its first 8 bytes give it away."""
    yield raw[:8]
    yield raw[:8].hex().encode()
    yield raw[:8].hex().upper().encode()
    yield base64.b64encode(raw[:6])


def found(folder: Path, digests: list[bytes]) -> list[str]:
    """Files that hold one of these digests."""
    wanted = [spelling for raw in digests for spelling in spellings(raw)]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(each in data for data in [path.read_bytes()] for each in wanted)]


def entries(home: Home) -> list[bytes]:
    """Every digest of every Bank."""
    rows = [row for bank in home.rows("bank", "list") for row in home.rows("bank", "entries", "--name", bank["name"])]
    return [bytes.fromhex(each) for row in rows for name, each in row["digests"].items() if name != "photodna"]


def test_no_digest_of_a_bank_is_on_disk(home: Home, tmp_path: Path) -> None:
    pdq = tmp_path / "pdq.txt"
    pdq.write_text("".join(f"{other('pdq', n).hex()}\n" for n in range(50)))
    assert load(home, write(tmp_path / "known.csv", range(ENTRIES))).returncode == 0
    assert load(home, write(tmp_path / "more.csv", range(ENTRIES // 2, ENTRIES + 9), "Other")).returncode == 0
    assert load(home, pdq, "--format", "plain", "--algorithm", "pdq", *STATED).returncode == 0
    assert home.run("bank", "import", VICS, "--name", "V", "--format", "vics", *STATED).returncode == 0
    digests = entries(home)
    assert len(digests) > ENTRIES + 50
    tree = tmp_path / "tree"
    tree.mkdir()
    for number in range(20):
        (tree / f"{number}").write_text(f"text {number}")
    (tree / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    home.case("R-1")
    for command in (
        ("match", digest("nowhere")),
        ("match", tree / "1"),
        ("bank", "withdraw", "1", "--name", "Known", "--reason", "why"),
        ("bank", "deny", "2", "--name", "Known", "--reason", "why"),
        ("bank", "merge", "--name", "Known"),
        ("scan", tree, "--case", "R-1"),
        ("report", "--case", "R-1"),
        ("bank", "list"),
        ("doctor",),
    ):
        assert home.run(*command).returncode in (0, 6), command
    home.verify()
    assert found(home.path, digests) == []
    assert found(plain(home), digests), "the search finds what is there"
    scanned = [bytes.fromhex(row["sha256"]) for row in home.rows("items", "--case", "R-1") if row["sha256"]]
    if "DATABASE_URL" not in home.env:
        assert found(home.path, scanned), "and so it does on disk"


def test_a_match_names_no_other_digest_than_that_of_the_evidence(home: Home, tmp_path: Path) -> None:
    """What matched is in the case; of the entry only its number is."""
    (tmp_path / "f").write_text("text")
    (tmp_path / "hit").write_text("hit")
    row = home.rows("hash", tmp_path / "hit")[0]
    record = {"MediaID": 1, "MD5": row["md5"], "SHA1": other("sha1", 1).hex()}
    context = json.loads(VICS.read_bytes())["@odata.context"]
    (tmp_path / "v.json").write_text(json.dumps({"@odata.context": context, "value": [record]}))
    assert load(home, tmp_path / "v.json", "--format", "vics", *STATED).returncode == 0
    home.case("R-1")
    assert home.run("scan", tmp_path / "hit", "--case", "R-1").returncode == 0
    assert [each["kind"] for each in home.rows("findings", "--case", "R-1")] == ["match.bank"]
    assert found(home.path, [other("sha1", 1)]) == []
