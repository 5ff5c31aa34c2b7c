"""Make a folder of benign made-up evidence, and lists of known pictures that lie in it, unchanged or altered.

    python scripts/make_demo.py TARGET_DIR [--seed N] [--force]

Writes TARGET_DIR/evidence, known.csv (digests of files that lie there), known-pictures.csv (PDQ of pictures of which
only altered copies lie there) and planted.txt (which copies those are, and which are decoys). The same seed and
installed packages give the same bytes, but for the encrypted archive, whose salt is random by its nature.
"""

import argparse
import csv
import hashlib
import os
import random
import shutil
import struct
import sys
import sysconfig
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import demo_copies
import numpy as np
import py7zr
from demo_documents import documents, tar_gz_of, tar_of, text, zip_of
from demo_pictures import picture
from PIL import Image

from amparo.media.pdq import Hasher

PICTURES = 180
KNOWN = 20
_MARKER = ".made-by-amparo-demo"
_LISTS = ("known.csv", "known-pictures.csv", "planted.txt")
_OURS = {_MARKER, "evidence", *_LISTS}
_PACKAGE_PICTURES = ("*.png", "*.jpg", "*.gif", "*.svg", "*.webp")
_FOLDERS = ("DCIM/100DEMO", "DCIM/101DEMO", "Pictures/Holiday", "Pictures/Wallpapers", "Downloads", "Desktop/Sorted")
_ALBUM = "Pictures/Received"
_TIME = 1_772_366_400  # 2026-03-01 12:00 UTC


class Refused(Exception):
    """The target is not ours to write to."""


def make(target: Path, seed: int, force: bool) -> dict[str, int]:
    """Write everything; returns numbers for people. Raises Refused."""
    _prepare(target, force)
    rng = random.Random(seed)
    root = target / "evidence"
    pictures = [
        (f"{rng.choice(_FOLDERS)}/IMG_{number:04d}.{extension}", data)
        for number in range(PICTURES)
        for extension, data in [picture(rng, number)]
    ]
    known = pictures[:KNOWN]
    copies = [
        (f"Backup/{'old/' * (number % 3)}copy of {Path(name).name}", data)
        for number, (name, data) in enumerate((*known[:12], *pictures[40:50]))
    ]
    papers = [(f"Documents/{name}", data) for number in range(8) for name, data in documents(rng, number)]
    shipped = _shipped()
    altered = list(demo_copies.copies(seed))
    files = [*pictures, *copies, *papers, *shipped, *_archives(rng, known, papers), *_damaged(pictures)]
    files += [(f"{_ALBUM}/{name}", data) for name, data, _ in altered]
    for name, data in files:
        _write(os.fsencode(root / name), data)
    _odd(os.fsencode(root), text(rng).encode())
    _set_times(os.fsencode(root))
    _seven_zip(root, [name for name, _ in known[6:9]])  # after the times, which it stores
    _known(target / "known.csv", known)
    _known_pictures(target / "known-pictures.csv", demo_copies.scenes(seed))
    planted = [f"{'copy' if scene % 2 == 0 else 'decoy'}\t{_ALBUM}/{name}\n" for name, _, scene in altered]
    (target / "planted.txt").write_text("".join(planted), encoding="utf-8")
    _set_times(os.fsencode(root))
    total = sum(len(names) for _, _, names in os.walk(os.fsencode(root)))
    return {
        "entries": total,
        "pictures": len(pictures),
        "from packages": len(shipped),
        "known": len(known),
        "altered": len(altered),
    }


def _prepare(target: Path, force: bool) -> None:
    """An empty folder with our marker. Only what this script made is ever removed."""
    if target.is_symlink():
        raise Refused(f"{target} is a link; name the folder itself.")
    target.mkdir(parents=True, exist_ok=True)
    there = set(os.listdir(target))
    if there:
        if not force:
            raise Refused(f"{target} is not empty; --force makes the demo anew if this script made it.")
        if _MARKER not in there or not there <= _OURS or (target / "evidence").is_symlink():
            raise Refused(f"{target} holds something this script did not make; it is left as it is.")
        if "evidence" in there:
            shutil.rmtree(target / "evidence")
        for name in _LISTS:
            (target / name).unlink(missing_ok=True)
    (target / _MARKER).write_text("Made by scripts/make_demo.py, which may remove it again.\n", encoding="utf-8")


def _shipped() -> list[tuple[str, bytes]]:
    """Pictures that the installed packages bring along."""
    packages = Path(sysconfig.get_path("purelib"))
    found = sorted({path for pattern in _PACKAGE_PICTURES for path in packages.rglob(pattern) if path.is_file()})
    return [(f"Programs/{path.relative_to(packages).as_posix()}", path.read_bytes()) for path in found]


def _archives(
    rng: random.Random, known: Sequence[tuple[str, bytes]], papers: Sequence[tuple[str, bytes]]
) -> Iterable[tuple[str, bytes]]:
    inner = zip_of([("again/" + Path(known[3][0]).name, known[3][1]), ("deep.txt", text(rng).encode())])
    yield "Archives/holiday.zip", zip_of([*known[0:3], *papers[:4]])
    yield "Archives/nested.zip", zip_of([("inner.zip", inner), ("list.tar", tar_of(papers[4:6]))])
    yield "Archives/backup.tar", tar_of([*known[4:6], *papers[6:9]])
    yield "Archives/backup.tar.gz", tar_gz_of([*known[9:11], *papers[9:12]])


def _damaged(pictures: Sequence[tuple[str, bytes]]) -> Iterable[tuple[str, bytes]]:
    jpeg = next(data for name, data in pictures if name.endswith(".jpg"))
    yield "Damaged/cut-off.jpg", jpeg[: len(jpeg) * 3 // 5]
    yield "Damaged/empty.png", b""
    yield "Damaged/cut-off.zip", zip_of([("a.txt", b"A short text.\n" * 400)])[:120]
    yield "Damaged/claims-50000x50000.png", _huge_png(50_000)


def _huge_png(side: int) -> bytes:
    """A valid header that claims far more pixels than there are."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def _seven_zip(root: Path, names: Sequence[str]) -> None:
    for archive_name, password in (("album.7z", None), ("locked.7z", "demo")):
        path = root / "Archives" / archive_name
        with py7zr.SevenZipFile(path, "w", password=password, header_encryption=bool(password)) as archive:
            for name in names:
                archive.write(root / name, name)


def _odd(root: bytes, data: bytes) -> None:
    """Names and entries that trip programs."""
    for name in (b"invalid-\xff\xfe.txt", b"two\nlines.txt", "photo\u202egpj.txt".encode(), b"-rf", b" spaces .txt "):
        _write(root + b"/Odd/" + name, data)
    os.symlink(b"../Documents", root + b"/Odd/link-to-documents")
    os.mkfifo(root + b"/Odd/pipe")


def _known(path: Path, pictures: Sequence[tuple[str, bytes]]) -> None:
    """The list: SHA-256, but the last three only by older digests."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(("digest", "labels", "owner", "terms", "date"))
        for number, (_, data) in enumerate(pictures):
            left = len(pictures) - number
            algorithm = "sha1" if left == 1 else "md5" if left <= 3 else "sha256"
            digest = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
            labels = "test-known" if number % 4 else "test-known;test-series-a"
            rows.writerow((digest, labels, "Amparo demo", "For demonstrations only", "2026-03-01"))


def _known_pictures(path: Path, scenes: Sequence[Image.Image]) -> None:
    """The list by PDQ: every second scene, none of which lies in the evidence as it is."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(("algorithm", "digest", "labels", "owner", "terms", "date"))
        for number in range(0, len(scenes), 2):
            found = Hasher().rgb(np.asarray(scenes[number]))
            terms = ("Amparo demo", "For demonstrations only", "2026-03-01")
            rows.writerow(("pdq", found.hash.hex(), f"test-known;test-scene-{number:02d}", *terms))


def _write(path: bytes, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "xb") as stream:
        stream.write(data)


def _set_times(root: bytes) -> None:
    """One fixed time everywhere, folders after what they hold."""
    for folder, _, names in os.walk(root, topdown=False):
        for name in (*names, b""):
            os.utime(os.path.join(folder, name) if name else folder, (_TIME, _TIME), follow_symlinks=False)


def main() -> int:
    """Exit status: 0, or 2 where the target is refused."""
    parser = argparse.ArgumentParser(description="Make benign demo evidence and a list of known digests.")
    parser.add_argument("target", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--force", action="store_true", help="make it anew where this script made it before")
    options = parser.parse_args()
    try:
        numbers = make(options.target, options.seed, options.force)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{options.target}: " + ", ".join(f"{number} {name}" for name, number in numbers.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
