"""The assertions, in the order of the report."""

import base64
import datetime
import hashlib
import os
import tempfile
import zipfile
from pathlib import Path

from amparo.casework.scan import scan
from amparo.casework.validation import evidence
from amparo.casework.validation.assertion import Assertion, Bench, Result, Row
from amparo.catalogue.models import Item
from amparo.evidence.custody import verify
from amparo.evidence.errors import VerificationFailed
from amparo.media.bank_match import MATCH
from amparo.media.decoded import pixels_of
from amparo.media.near_match import NEAR
from amparo.media.pdq import Hasher

RADIUS = 31
# FIPS 180-4 (SHA-256, SHA-1) and RFC 1321 (MD5), and the one million letters of NIST's examples.
_DIGESTS = {
    "empty": (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "d41d8cd98f00b204e9800998ecf8427e",
    ),
    "abc": (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "900150983cd24fb0d6963f7d28e17f72",
    ),
    "million-a": (
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
        "7707d6ae4e027c70eea2a935c2296f21",
    ),
}
# Of picture 1, by package pdqhash 0.2.8 (Meta's C++).
PDQ = "61eea81991d1416b8466c3bf13da587ffe8d19c2e78d83303ae2a62a977d6132"


_NAMES = {"empty": "no bytes", "abc": "the letters abc", "million-a": "a million letters a"}


def _digests(name: str) -> Assertion:
    def check(bench: Bench) -> Result:
        content = Item.objects.get(case=bench.case, tail=name.encode(), parent__tail=b"digests").content
        observed = (
            None if content is None else [bytes(getattr(content, each)).hex() for each in ("sha256", "sha1", "md5")]
        )
        return Result(list(_DIGESTS[name]), observed)

    number = f"H-{list(_DIGESTS).index(name) + 1:02}"
    says = f"SHA-256, SHA-1 and MD5 of {_NAMES[name]} are those of the standards."
    return Assertion(number, says, "FIPS 180-4, RFC 1321, NIST example values", check)


def _pdq(bench: Bench) -> Result:
    return Result(PDQ, Hasher().rgb(pixels_of(evidence.picture(1))).hash.hex())


def _all_listed(bench: Bench) -> Result:
    listed = []
    root = os.fsencode(bench.evidence)
    for folder, folders, files in os.walk(root):
        listed += [os.path.relpath(os.path.join(folder, name), root) for name in (*folders, *files)]
    observed = [_raw(row) for path, row in bench.items.items() if "!/" not in path and path != "."]
    return Result(sorted(map(os.fsdecode, listed)), sorted(map(os.fsdecode, observed)))


def _raw_names(bench: Bench) -> Result:
    names = [_raw(row).rpartition(b"/")[2] for row in bench.items.values()]
    return Result(1, names.count(evidence.RAW_NAME))


def _links(bench: Bench) -> Result:
    row = bench.items["walk/link"]
    targets = [each["facts"]["target"] for each in bench.findings if each["kind"] == "file.symlink"]
    return Result(["symlink", None, ["plain.txt"]], [row["entry"], row["sha256"], targets])


def _members(bench: Bench) -> Result:
    expected = ["archives/outer.tar.gz!/outer.tar!/inner.zip!/inside.txt", "archives/two.zip!/folder/two.txt",
                "archives/two.zip!/one.txt"]  # fmt: skip
    observed = sorted(
        path for path, row in bench.items.items() if "!/" in path and path.endswith(".txt") and row["sha256"]
    )
    return Result(expected, observed)


def _unchanged(bench: Bench) -> Result:
    return Result(dict(bench.before), state(bench.evidence))


def _again(bench: Bench) -> Result:
    scanned = scan(bench.installation, str(bench.evidence), bench.case.reference)
    return Result([0, len(bench.items)], [scanned.visited, Item.objects.filter(case=bench.case).count()])


def _modified(bench: Bench) -> Result:
    (moment,) = (each for each in bench.items["times/file.txt"]["moments"] if each["field"] == "modified")
    return Result([evidence.MODIFIED, "utc"], [moment["ns"], moment["basis"]])


def _zip_time(bench: Bench) -> Result:
    moments = bench.items["archives/two.zip!/one.txt"]["moments"]
    observed = [[each["basis"], each["ns"] // evidence.SECOND, each["precision_ns"]] for each in moments]
    with zipfile.ZipFile(bench.evidence / "archives" / "two.zip") as archive:
        year, month, day, hour, minute, second = archive.getinfo("one.txt").date_time
    stated = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC).timestamp()
    return Result([["local_unknown", int(stated), 2 * evidence.SECOND]], observed)


def _exact(bench: Bench) -> Result:
    digest = hashlib.sha256((bench.evidence / "pictures" / "known.png").read_bytes()).hexdigest()
    found = [[each["sha256"], each["facts"]["algorithm"]] for each in bench.findings if each["kind"] == MATCH]
    return Result([[digest, "sha256"]], found)


def _near(bench: Bench) -> Result:
    shas = {row["sha256"]: path for path, row in bench.items.items() if path.startswith("pictures/")}
    near = {
        shas[each["sha256"]] for each in bench.findings if each["kind"] == NEAR and each["facts"]["distance"] <= RADIUS
    }
    return Result(["pictures/mirrored.png", "pictures/smaller.jpg"], sorted(near - {"pictures/known.png"}))


def _custody(bench: Bench) -> Result:
    bench.installation.sealer.seal(bench.case)
    path = bench.installation.sealer.path(bench.case)
    head, key = bench.installation.sealer.head(bench.case), bench.installation.sealer.fingerprint
    checked = verify(path, head=None if head is None else head.anchor, key=key)
    return Result([True, [key]], [checked.entries > 0, list(checked.keys)])


def _tampered(bench: Bench) -> Result:
    """Two hundred places of the log, one bit changed at a time."""
    path = bench.installation.sealer.path(bench.case)
    data = bytearray(path.read_bytes())
    unseen = []
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "custody.jsonl"
        for place in range(0, len(data), max(len(data) // 200, 1)):
            data[place] ^= 1
            copy.write_bytes(data)
            data[place] ^= 1
            try:
                verify(copy)
            except VerificationFailed:
                continue
            unseen.append(place)
    return Result([], unseen)


def state(root: Path) -> dict[str, tuple[str, int]]:
    """SHA-256 and modification time of every regular file."""
    found = {}
    for folder, _, files in os.walk(os.fsencode(root)):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                with open(path, "rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                relative = os.path.relpath(path, os.fsencode(root)).decode("utf-8", "backslashreplace")
                found[relative] = (digest, os.stat(path).st_mtime_ns)
    return found


def _raw(row: Row) -> bytes:
    encoded = row.get("path_b64")
    return base64.b64decode(encoded) if encoded else str(row["path"]).encode()


_WALK, _MATCH = "docs/guide/examiner.md", "docs/model-cards/near-match.md"
ASSERTIONS = (
    *map(_digests, _DIGESTS),
    Assertion(
        "H-04", "PDQ of a picture is that of the reference implementation, all 256 bits.", "PDQ (Meta, 2019)", _pdq
    ),
    Assertion(
        "W-01", "Every folder, file and link that the operating system lists is listed once.", _WALK, _all_listed
    ),
    Assertion("W-02", "A name that is not UTF-8 is kept byte for byte.", _WALK, _raw_names),
    Assertion("W-03", "A symbolic link is listed with its target and not followed.", _WALK, _links),
    Assertion("W-04", "Members of archives, and of archives in archives, are listed and hashed.", _WALK, _members),
    Assertion("W-05", "Scanning changes neither bytes nor modification times of the evidence.", _WALK, _unchanged),
    Assertion("W-06", "A second scan of the same folder visits nothing and adds nothing.", _WALK, _again),
    Assertion("T-01", "A modification time is stated to the nanosecond, in UTC.", "stat(2)", _modified),
    Assertion(
        "T-02",
        "A time without a zone is stated as such, with the two seconds it is precise to.",
        "APPNOTE.TXT 4.4.6",
        _zip_time,
    ),
    Assertion("M-01", "A file in a Bank is matched by its strongest digest, and no other file is.", _MATCH, _exact),
    Assertion(
        "M-02",
        "Smaller and mirrored copies of a known picture are near to it, an unrelated picture is not.",
        _MATCH,
        _near,
    ),
    Assertion(
        "C-01", "The custody log verifies against its sealed head and key.", "docs/reference/custody-log.md", _custody
    ),
    Assertion(
        "C-02",
        "A bit changed at any of 200 places of the custody log is found.",
        "docs/reference/custody-log.md",
        _tampered,
    ),
)
