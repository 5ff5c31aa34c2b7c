"""ZIP: equal to unzip in number and order, exact in names, and unmoved by hostile archives."""

import io
import lzma
import os
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from sources.containers_contract import contents, listing, opened, reason_of_reading, survive, until
from sources.planted_tree import NAMES, run, tree

from amparo.evidence.item import Step
from amparo.evidence.outcome import Failed, Skipped
from amparo.pipeline.ports import Unreadable
from amparo.sources.containers import CONTAINERS, Limits

Tool = Callable[[str], str]


def make(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def test_members_equal_unzip(planted: Path, tmp_path: Path, require_tool: Tool) -> None:
    path = tmp_path / "a.zip"
    (planted / "pipe").unlink()
    run(require_tool("zip"), "-qry", path, ".", cwd=planted)
    children = listing("zip", path)
    names = [child.step.path for child in children]
    printed = run(require_tool("unzip"), "-Z1", path).splitlines()
    assert len(printed) == len(names)
    for name, line in zip(names, printed, strict=True):
        if all(32 <= byte < 127 for byte in name):
            assert line == name
    assert set(NAMES) <= set(names)
    assert [c.outcome for c in children if c.step.path == b"link"] == [Skipped("symlink")]
    assert contents("zip", path) == tree(planted)


@pytest.mark.parametrize("method", ["Copy", "Deflate", "Deflate64", "BZip2", "LZMA", "zstd", "xz", "PPMd"])
def test_methods(method: str, tmp_path: Path, require_tool: Tool) -> None:
    data = b"".join(b"%d," % i for i in range(60_000)) + random.Random(1).randbytes(200_000)
    (tmp_path / "x").write_bytes(data)
    if method in ("zstd", "xz"):
        blob = _by_hand(data, method)
    else:
        run(require_tool("7z"), "a", "-tzip", f"-mm={method}", "a.zip", "x", cwd=tmp_path)
        blob = (tmp_path / "a.zip").read_bytes()
    if method == "PPMd":
        with pytest.raises(Unreadable, match="unsupported"):
            opened("zip", blob).open(Step("zip", b"x", 0))
        return
    assert contents("zip", blob) == {b"x": data}
    damaged = bytearray(blob)
    damaged[len(blob) // 2] ^= 0x10
    assert reason_of_reading(opened("zip", bytes(damaged)), listing("zip", blob)[0]) == "damaged"


def _by_hand(data: bytes, method: str) -> bytes:
    packed, number = (zstd.compress(data), 93) if method == "zstd" else (lzma.compress(data), 95)
    return raw_zip([(b"x", packed, number, zlib.crc32(data), len(data))])


def raw_zip(members: list[tuple[bytes, bytes, int, int, int]], flags: int = 0, extra: bytes = b"") -> bytes:
    """A ZIP file with exactly these (name, packed bytes, method, CRC, size)."""
    out, directory = b"", b""
    for name, packed, method, crc, size in members:
        common = struct.pack("<5H3I2H", 20, flags, method, 0, 0x21, crc, len(packed), size, len(name), len(extra))
        directory += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<3H2I", 0, 0, 0, 0, len(out))
        directory += name + extra
        out += b"PK\3\4" + common + name + extra + packed
    count = len(members)
    return out + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(out), 0)


def test_names_are_kept_whole_and_marked() -> None:
    names = [b"../x", b"/abs", b"a\0b", b"C:evil", b"ok/..hidden", b"..\\y", b"", b"\xff\xfe", b"ok", b"ok"]
    children = listing("zip", raw_zip([(n, b"", 0, 0, 0) for n in names], flags=0x800))
    assert [child.step.path for child in children] == names
    problems = [tuple(f.facts["problem"] for f in child.findings) for child in children]
    assert problems[:6] == [("parent-reference",), ("absolute",), ("nul",), ("drive",), (), ("parent-reference",)]
    assert not any(problems[6:])


def test_times() -> None:
    extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_700_000_000)
    ntfs = struct.pack("<HH4xHH3Q", 0x000A, 32, 1, 24, 133_000_000_000_000_001, 0, 133_000_000_000_000_000)
    child = listing("zip", raw_zip([(b"x", b"", 0, 0, 0)], extra=extra + ntfs))[0]
    rows = {m.field: (m.ns, m.basis.value, m.precision) for m in child.moments}
    assert rows["zip.dos.mtime"] == (315_532_800_000_000_000, "local_unknown", 2_000_000_000)
    assert rows["zip.extended.mtime"] == (1_700_000_000_000_000_000, "utc", 1_000_000_000)
    assert rows["zip.ntfs.mtime"][0] == (133_000_000_000_000_001 - 116_444_736_000_000_000) * 100
    assert "zip.ntfs.atime" not in rows


def test_prepended_data_and_comment() -> None:
    blob = b"#!/bin/sh\n" * 100 + make(("a", b"hello"))
    assert contents("zip", blob) == {b"a": b"hello"}
    with_comment = bytearray(make(("a", b"hello")))
    with_comment[-2:] = struct.pack("<H", 30)
    assert contents("zip", bytes(with_comment) + b"PK\5\6" + b"c" * 26) == {b"a": b"hello"}


def test_zip64() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("big", "w", force_zip64=True) as member:
        member.write(b"abc")
    assert contents("zip", out.getvalue()) == {b"big": b"abc"}
    count = 70_000  # more than the old end record can count
    blob = make(*((f"{i}", b"") for i in range(count)), method=zipfile.ZIP_STORED)
    assert len(listing("zip", blob)) == count


def test_encrypted_is_declined(tmp_path: Path, require_tool: Tool) -> None:
    (tmp_path / "x").write_bytes(b"secret" * 100)
    run(require_tool("zip"), "-qP", "pass", "a.zip", "x", cwd=tmp_path)
    run(require_tool("7z"), "a", "-tzip", "-mem=AES256", "-ppass", "b.zip", "x", cwd=tmp_path)
    for name in ("a.zip", "b.zip"):
        (child,) = listing("zip", tmp_path / name)
        assert child.outcome == Skipped("encrypted")
        assert reason_of_reading(opened("zip", tmp_path / name), child) == "encrypted"


def test_bombs(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("zeros", "w", force_zip64=True) as member,
    ):
        for _ in range(1024):
            member.write(bytes(1 << 20))
    (child,) = listing("zip", path)
    assert child.size == 1 << 30
    assert reason_of_reading(opened("zip", path, Limits(ratio=100)), child) == "limit-ratio"
    assert reason_of_reading(opened("zip", path, Limits(member_bytes=1 << 25)), child) == "limit-size"
    assert reason_of_reading(opened("zip", path), child) == ""


def test_a_lying_size_is_damage() -> None:
    packed = zlib.compress(bytes(1 << 20))[2:-4]
    for size in (5, (1 << 20) + 1):
        blob = raw_zip([(b"x", packed, 8, zlib.crc32(bytes(1 << 20)), size)])
        assert reason_of_reading(opened("zip", blob), listing("zip", blob)[0]) == "damaged"


def test_overlapping_members_are_a_bomb() -> None:
    blob = raw_zip([(b"x", zlib.compress(bytes(1 << 20))[2:-4], 8, zlib.crc32(bytes(1 << 20)), 1 << 20)])
    start = blob.index(b"PK\1\2")
    end = blob.index(b"PK\5\6")
    record = blob[start:end]
    bomb = blob[:start] + record * 500
    bomb += struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 500, 500, 500 * len(record), start, 0)
    children = listing("zip", bomb)
    assert [child.outcome for child in children] == [None] + [Failed("limit-ratio")] * 499
    archive = opened("zip", bomb)
    assert [reason_of_reading(archive, child) for child in children[:3]] == ["", "limit-ratio", "limit-ratio"]


def test_split_and_truncated() -> None:
    blob = make(("a", os.urandom(1000)), ("b", b"2"))
    assert until("zip", blob[:-30]) == ([], "damaged")
    split = bytearray(blob)
    split[-18:-14] = b"\1\0\1\0"
    assert until("zip", bytes(split)) == ([], "unsupported")
    broken = bytearray(blob)
    second = blob.rindex(b"PK\1\2")
    broken[second] = 0
    children, reason = until("zip", bytes(broken))
    assert ([child.step.path for child in children], reason) == ([b"a"], "damaged")
    assert until("zip", blob, Limits(entries=1))[1] == "limit-entries"


def test_a_directory_shorter_or_longer_than_stated_is_damage() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in "abc":
            archive.writestr(name, name)
    for stated in (2, 4):
        data = bytearray(target.getvalue())
        data[-12:-10] = stated.to_bytes(2, "little")
        children, reason = until("zip", bytes(data))
        assert ([child.step.path for child in children], reason) == ([b"a", b"b", b"c"], "damaged")


def test_a_zip_in_a_zip_can_be_sought() -> None:
    inner = make(*((f"{i}.txt", b"%d" % i * 1000) for i in range(300)))
    with opened("zip", make(("in.zip", inner))).open(Step("zip", b"in.zip", 0)) as stream:
        nested = CONTAINERS["zip"].open_archive(stream, b"in.zip", Limits())
        assert len(list(nested.members())) == 300
        assert nested.open(Step("zip", b"250.txt", 250)).read() == b"250" * 1000


GOOD = make(("a.txt", b"hello" * 200), ("b.bin", bytes(range(256)) * 8)) + b""
METHODS = make(("b", b"z" * 3000), method=zipfile.ZIP_BZIP2), make(("l", b"z" * 3000), method=zipfile.ZIP_LZMA)


@settings(max_examples=examples(150), deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_arbitrary_bytes(data: bytes, tail: bool) -> None:
    survive("zip", data + GOOD[-22:] if tail else data)


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from((GOOD, *METHODS)), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8))
def test_mutations(blob: bytes, changes: list[tuple[int, int]]) -> None:
    data = bytearray(blob)
    for at, value in changes:
        data[at % len(data)] = value
    survive("zip", bytes(data))
