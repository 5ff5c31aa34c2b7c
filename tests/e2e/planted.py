"""A tree with every kind of entry and archive, sound and damaged, in which nothing may be lost."""

import bz2
import gzip
import io
import lzma
import os
import shutil
import socket
import tarfile
import warnings
import zipfile
from pathlib import Path

from sources.planted_tree import NAMES, run

SECRET = "-psecret"
EMPTY_ZIP = b"PK\5\6" + bytes(18)


def plant(root: Path) -> None:
    """Make the tree."""
    (root / "hollow").mkdir(parents=True)
    _folder(root / "folder")
    _sound(root / "sound")
    _nested(root / "nested", root / "sound")
    _empty(root / "empty")
    _damaged(root / "damaged", root / "sound")
    _encrypted(root / "encrypted", root / "sound")


def zip_of(members: list[tuple[str, bytes]]) -> bytes:
    """A ZIP with these members; names may repeat and point anywhere."""
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # names that repeat are the point
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def tar_of(members: list[tuple[str, bytes]], kind: int = tarfile.GNU_FORMAT) -> bytes:
    """A tar with these files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=kind) as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def odd_names(folder: Path) -> None:
    """Files with names that are not UTF-8, hold a newline, turn the text around, or fill 255 bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(NAMES):
        path = os.path.join(os.fsencode(folder), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(b"%d " % number * 500)


def special(folder: Path) -> None:
    """A FIFO, a socket, symbolic links that lead nowhere, up, and round in a circle; a device where root may."""
    folder.mkdir(parents=True, exist_ok=True)
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        os.chdir(folder)  # a socket's address has 108 bytes at most
        try:
            server.bind("socket")
        finally:
            os.chdir(before)
    (folder / "nowhere").symlink_to("missing")
    (folder / "up").symlink_to("..")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / "itself").symlink_to("itself")


def _folder(folder: Path) -> None:
    odd_names(folder / "names")
    special(folder / "special")
    (folder / "a!").mkdir()
    (folder / "a!" / "b").write_bytes(b"looks like a member")
    os.link(folder / "names" / "plain.txt", folder / "second-name")


def _sound(folder: Path) -> None:
    folder.mkdir()
    several = [("same.txt", b"first"), ("same.txt", b"second"), ("folder/", b""), ("folder/[x]*.txt", b"x" * 3000)]
    several += [("../up.txt", b"u"), ("/abs.txt", b"a"), ("new\nline", b"n")]
    (folder / "several.zip").write_bytes(zip_of(several))
    long = "l" * 120 + "/" + "m" * 120
    for name, kind in (("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
        members = [("same.txt", b"first"), ("same.txt", b"second"), (long, b"l"), ("-dash", b"d"), ("ł", b"l")]
        (folder / f"{name}.tar").write_bytes(tar_of(members, kind))
    _links(folder / "links.tar")
    names = folder.parent / "folder" / "names"
    run("7z", "a", "-bd", folder / "names.7z", names)
    run("7z", "a", "-bd", "-t7z", "-ms=off", "-m0=bzip2", folder / "bzip2.7z", names)
    run("zip", "-qry", folder / "names.zip", ".", cwd=names)
    text = b"the same line again and again\n" * 400
    (folder / "text.gz").write_bytes(gzip.compress(text))
    (folder / "twice.gz").write_bytes(gzip.compress(text) + gzip.compress(b"a second stream"))
    (folder / "text.bz2").write_bytes(bz2.compress(text))
    (folder / "text.xz").write_bytes(lzma.compress(text))
    (folder / "renamed.jpg").write_bytes(zip_of([("inside a zip by another name", b"x")]))


def _links(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        for name, kind in (
            ("file", tarfile.REGTYPE), ("folder", tarfile.DIRTYPE), ("hard", tarfile.LNKTYPE),
            ("soft", tarfile.SYMTYPE), ("fifo", tarfile.FIFOTYPE), ("device", tarfile.CHRTYPE),
        ):  # fmt: skip
            entry = tarfile.TarInfo(name)
            entry.type = kind
            entry.linkname = "file" if kind in (tarfile.LNKTYPE, tarfile.SYMTYPE) else ""
            archive.addfile(entry)


def _nested(folder: Path, sound: Path) -> None:
    folder.mkdir()
    inner = zip_of([("deep/one.txt", b"1"), ("deep/two.txt", b"2" * 5000), ("deep/text.gz", gzip.compress(b"3"))])
    middle = gzip.compress(tar_of([("inner.zip", inner), ("inner.zip", inner), ("beside.txt", b"4")]), mtime=0)
    seven = (sound / "names.7z").read_bytes()
    outer = [("middle.tar.gz", middle), ("names.7z", seven), ("links.tar", (sound / "links.tar").read_bytes())]
    outer += [("text.bz2", (sound / "text.bz2").read_bytes()), ("cut.zip", inner[:-30]), ("empty.zip", EMPTY_ZIP)]
    (folder / "outer.zip").write_bytes(zip_of(outer))
    (folder / "wrapped.tar.xz").write_bytes(lzma.compress(tar_of([("outer.zip", zip_of(outer))])))
    shutil.copy(sound / "several.zip", folder / "plain-copy.zip")
    run("7z", "a", "-bd", folder / "zip-in.7z", folder / "outer.zip", sound / "gnu.tar")


def _empty(folder: Path) -> None:
    folder.mkdir()
    (folder / "zero").write_bytes(b"")
    (folder / "empty.zip").write_bytes(EMPTY_ZIP)
    (folder / "empty.tar").write_bytes(tar_of([]))
    (folder / "empty.gz").write_bytes(gzip.compress(b""))
    (folder / "a").write_bytes(b"a")
    run("7z", "a", "-bd", folder / "empty.7z", folder / "a")
    run("7z", "d", "-bd", folder / "empty.7z", "a")


def _damaged(folder: Path, sound: Path) -> None:
    """Every sound archive cut at two places, and with bytes flipped at its start, in its middle and near its end."""
    folder.mkdir()
    for name in ("several.zip", "names.zip", "gnu.tar", "names.7z", "text.gz", "text.bz2", "text.xz"):
        data = (sound / name).read_bytes()
        for cut in (len(data) // 2, len(data) - 3):
            (folder / f"cut-{cut}-{name}").write_bytes(data[:cut])
        for at in (len(data) // 8, len(data) // 2, len(data) - 12):
            flipped = bytearray(data)
            flipped[at] ^= 0xFF
            (folder / f"flipped-{at}-{name}").write_bytes(bytes(flipped))
    cut_tar = gzip.compress(tar_of([(f"{number}.bin", os.urandom(9000)) for number in range(5)]))
    (folder / "cut.tar.gz").write_bytes(cut_tar[: len(cut_tar) * 2 // 3])
    (folder / "trailing.gz").write_bytes((sound / "text.gz").read_bytes() + b"something else")


def _encrypted(folder: Path, sound: Path) -> None:
    folder.mkdir()
    names = sound / "several.zip", sound / "text.gz"
    run("7z", "a", "-bd", "-tzip", SECRET, folder / "locked.zip", *names)
    run("7z", "a", "-bd", SECRET, folder / "locked.7z", *names)
    run("7z", "a", "-bd", SECRET, "-mhe=on", folder / "locked-names.7z", *names)
    (folder / "inside.zip").write_bytes(zip_of([("locked.7z", (folder / "locked-names.7z").read_bytes())]))
