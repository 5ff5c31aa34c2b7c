"""Accounting: rows of ``amparo items`` against what find, unzip, tar, 7z and gzip say of the same bytes.

Nothing here uses our readers; what lies in nested containers is taken out by the tools, too. Only the names of media
types are ours.
"""

import base64
import collections
import dataclasses
import functools
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from amparo.sources.signatures import CONTAINER_TYPES

Row = dict[str, Any]
TOOLS = ("find", "unzip", "tar", "7z", "gzip", "bzip2", "xz", "zstd")
_TYPES = {
    b"f": "file", b"d": "directory", b"l": "symlink", b"p": "fifo", b"s": "socket", b"b": "block", b"c": "character",
}  # fmt: skip
_SINGLE = {"gzip": "gzip", "bzip2": "bzip2", "xz": "xz", "zstd": "zstd"}
_PLAIN = re.compile(rb"[ -\[\]-~]+")  # printable ASCII but for the backslash, which tools print in their own ways
_MAGIC = re.compile(
    rb"PK\x03\x04|PK\x05\x06|\x1f\x8b\x08|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c|BZh[1-9]1AY&SY|.{257}ustar", re.DOTALL
)
_ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}


@dataclasses.dataclass(frozen=True)
class Difference:
    """What does not agree. ``reason`` is why Amparo says it could not be otherwise; empty: something is lost."""

    text: str
    reason: str = ""

    def __str__(self) -> str:
        return f"difference: {self.text}" + (f" [{self.reason}]" if self.reason else "")


def differences(root: bytes, rows: list[Row], findings: list[Row]) -> list[str]:
    """Print every difference and return those that no Skipped, Failed or damaged Item explains."""
    with tempfile.TemporaryDirectory(prefix="accounting-") as scratch:
        found = list(_Account(root, rows, findings, Path(scratch)).differences())
    for each in found:
        print(each)
    return [str(each) for each in found if not each.reason]


class _Account:
    def __init__(self, root: bytes, rows: list[Row], findings: list[Row], scratch: Path) -> None:
        self._root = root
        self._rows = {row["id"]: row for row in rows}
        self._scratch = scratch
        self._twice = [row for row, number in collections.Counter(row["id"] for row in rows).items() if number > 1]
        self._damaged = {row["item"] for row in findings if row["kind"] == "archive.damaged"}
        self._children = collections.defaultdict(list)  # in the order of the rows, which is that of the container
        for row in self._rows.values():
            if row["parent"] is not None:
                self._children[row["parent"]].append(row)

    def differences(self) -> Iterator[Difference]:
        yield from (Difference(f"two rows with id {key}") for key in self._twice)
        yield from self._outside()
        for row in self._rows.values():
            if row["outcome"] == "pending":
                yield Difference(f"{_raw(row)!r} is pending")
            parent = self._rows.get(row["parent"])
            if parent is None:
                if row["parent"] is not None:
                    yield Difference(f"{_raw(row)!r} has no parent")
            elif parent["entry"] != "directory" and not _kind(parent):
                yield Difference(f"{_raw(row)!r} lies in {parent['media_type']}")
            if row["entry"] == "file" and _kind(row):
                yield from self._container(row)

    def _outside(self) -> Iterator[Difference]:
        """Items outside containers against find; files that begin like a container must be known as one."""
        words = _run("find", self._root, "-printf", r"%y\0%P\0").stdout.split(b"\0")
        pairs = zip(words[0:-1:2], words[1::2], strict=True)
        there = collections.Counter((_TYPES.get(kind, "unknown"), path or b".") for kind, path in pairs)
        outside = [row for row in self._rows.values() if not self._inside(row)]
        here = collections.Counter((row["entry"], _raw(row)) for row in outside)
        failed = {_raw(row): row["reason"] for row in outside if row["outcome"] == "failed"}
        for kind, path in sorted((there - here).keys()):
            above = next((failed[folder] for folder in _above(path) if folder in failed), "")
            yield Difference(f"find has {kind} {path!r}", above)
        for kind, path in sorted((here - there).keys()):
            yield Difference(f"find does not have {kind} {path!r}")
        for row in outside:
            if ("file", _raw(row)) in there and not _kind(row) and row["outcome"] == "ok":
                with open(os.path.join(self._root, _raw(row)), "rb") as stream:
                    if _MAGIC.match(stream.read(512)):
                        yield Difference(f"{_raw(row)!r} begins like a container and is {row['media_type']}")

    def _container(self, row: Row) -> Iterator[Difference]:
        ours = [self._name(child) for child in self._children[row["id"]]]
        kind, reason = _kind(row), self._reason(row)
        if kind in _SINGLE:
            if len(ours) != 1:
                yield Difference(f"{kind} {_raw(row)!r} has {len(ours)} members", reason)
            return
        theirs = self._listed(row)
        if theirs is None:
            yield Difference(f"{kind} {_raw(row)!r}: the tool refuses it; {len(ours)} members here", reason)
            return
        if len(ours) != len(theirs):
            yield Difference(f"{kind} {_raw(row)!r}: {len(theirs)} members by its tool, {len(ours)} here", reason)
        plain = collections.Counter(name.rstrip(b"/") for name in ours if _PLAIN.fullmatch(name))
        for name in sorted((plain - collections.Counter(name.rstrip(b"/") for name in theirs)).keys()):
            yield Difference(f"{kind} {_raw(row)!r}: the tool does not have {name!r}", reason)

    def _reason(self, row: Row) -> str:
        """Why this container, or one around it, may hold less than its tool says; empty if it may not."""
        while row is not None and row["entry"] != "directory":
            if row["outcome"] in ("skipped", "failed"):
                return f"{row['outcome']}: {row['reason']}"
            if row["id"] in self._damaged:
                return "archive.damaged"
            row = self._rows.get(row["parent"])  # type: ignore[assignment]
        return ""

    def _listed(self, row: Row) -> list[bytes] | None:
        """The names a tool lists, None if it cannot."""
        file = self._file(row)
        if file is None:
            return None
        if _kind(row) == "zip":
            done = _run("unzip", "-Z1", file)
            if done.stdout == b"Empty zipfile.\n":
                return []
        elif _kind(row) == "tar":
            done = _run("tar", "-tf", file)
        else:
            done = _run("7z", "l", "-slt", "-p-", file)
            after = done.stdout.partition(b"\n----------\n")[2]
            lines = [line[7:] for line in after.splitlines() if line.startswith(b"Path = ")]
            return lines if done.returncode == 0 else None
        return done.stdout.splitlines() if done.returncode == 0 else None

    def _file(self, row: Row) -> bytes | None:
        """The bytes of a row as a file, taken out of its containers by their tools; None where they cannot."""
        if not self._inside(row):
            return os.path.join(self._root, _raw(row))
        target = self._scratch / row["id"]
        if not target.exists():
            parent = self._rows[row["parent"]]
            container = self._file(parent)
            command = None if container is None else self._taking(_kind(parent), container, row)
            if command is None or (done := _run(*command)).returncode != 0:
                return None
            target.write_bytes(done.stdout)
        return os.fsencode(target)

    def _taking(self, kind: str, container: bytes, row: Row) -> tuple[bytes | str, ...] | None:
        name = self._name(row)
        same = [each["id"] for each in self._children[row["parent"]] if self._name(each) == name]
        if kind in _SINGLE:
            return kind, "-dcf", container
        if kind == "tar":
            occurrence = f"--occurrence={same.index(row['id']) + 1}"
            return "tar", "-xPOf", container, occurrence, "--no-wildcards", b"--add-file=" + name
        if len(same) > 1:
            return None  # these two cannot be told which one
        if kind == "zip":
            return "unzip", "-p", container, re.sub(rb"([\[\]*?])", rb"[\1]", name)
        return "7z", "e", "-so", "-spd", "-p-", container, name

    @functools.cache  # noqa: B019  # lives as long as one call of differences()
    def _inside_id(self, key: str) -> bool:
        parent = self._rows.get(self._rows[key]["parent"])
        return parent is not None and (parent["entry"] != "directory" or self._inside_id(parent["id"]))

    def _inside(self, row: Row) -> bool:
        return self._inside_id(row["id"])

    def _name(self, row: Row) -> bytes:
        return _raw(row)[len(_raw(self._rows[row["parent"]])) + len(b"!/") :]


def _raw(row: Row) -> bytes:
    return base64.b64decode(row["path_b64"]) if "path_b64" in row else row["path"].encode()


def _kind(row: Row) -> str:
    return CONTAINER_TYPES.get(row["media_type"] or "", "")


def _above(path: bytes) -> Iterator[bytes]:
    while path:
        path = os.path.dirname(path)
        yield path or b"."


def _run(*command: bytes | str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, env=_ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
