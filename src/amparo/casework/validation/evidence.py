"""The evidence of a validation: a folder made from nothing but rules, so that every laboratory has the same."""

import hashlib
import io
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SECOND = 10**9
MODIFIED = 1_600_000_000 * SECOND + 123_456_700  # ns; a multiple of 100, which every common file system keeps
ZIP_TIME = (2021, 5, 17, 10, 11, 12)
RAW_NAME = b"raw-\xff-name.txt"
DIGESTS = {"empty": b"", "abc": b"abc", "million-a": b"a" * 1_000_000}


def make(root: Path) -> None:
    """Write it into a new folder."""
    for name, data in DIGESTS.items():
        _file(root / "digests" / name, data)
    walk = root / "walk"
    _file(walk / "plain.txt", b"plain")
    _file(walk / "below" / "deeper" / "file.txt", b"deep")
    _file(walk / "ñandú.txt", b"letters")
    (walk / "empty").mkdir()
    (walk / "link").symlink_to("plain.txt")
    os.link(walk / "plain.txt", walk / "second-name.txt")
    with open(os.fsencode(walk) + b"/" + RAW_NAME, "wb") as stream:
        stream.write(b"raw")
    _archives(root / "archives")
    _pictures(root / "pictures")
    _file(root / "times" / "file.txt", b"time")
    os.utime(root / "times" / "file.txt", ns=(MODIFIED, MODIFIED))


def picture(number: int) -> Image.Image:
    """RGB, 1024 x 768: a grid of 24 x 18 colours from the SHA-256 of counted numbers, enlarged in integers by Pillow.

    No colour is so strong that JPEG cuts it off.
    """
    drawn = b"".join(hashlib.sha256(f"{number}:{row}".encode()).digest() for row in range(41))[: 24 * 18 * 3]
    grid = 64 + np.frombuffer(drawn, np.uint8).reshape(18, 24, 3) // 2
    return Image.fromarray(grid).resize((1024, 768), Image.Resampling.BICUBIC)


def _file(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _archives(folder: Path) -> None:
    folder.mkdir()
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        for name in ("one.txt", "folder/two.txt"):
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), name)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(zipfile.ZipInfo("inside.txt", ZIP_TIME), "inside")
    with tarfile.open(folder / "outer.tar.gz", "w:gz") as outer:
        member = tarfile.TarInfo("inner.zip")
        member.size = len(inner.getvalue())
        outer.addfile(member, io.BytesIO(inner.getvalue()))


def _pictures(folder: Path) -> None:
    folder.mkdir()
    known = picture(1)
    known.save(folder / "known.png")
    known.resize((512, 384), Image.Resampling.BICUBIC).save(folder / "smaller.jpg", quality=80)
    ImageOps.mirror(known).save(folder / "mirrored.png")
    picture(2).save(folder / "other.png")
