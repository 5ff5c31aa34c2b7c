"""tar: equal to ``tar tf`` in number, order and names, in every dialect, and unmoved by hostile archives."""

import io
import os
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from sources.containers_contract import contents, listing, opened, reason_of_reading, survive, until
from sources.planted_tree import run, tree

from amparo.evidence.item import Entry
from amparo.evidence.outcome import Skipped
from amparo.sources.containers import Limits

Tool = Callable[[str], str]
FORMATS = ("v7", "ustar", "gnu", "oldgnu", "pax")


@pytest.mark.parametrize("dialect", FORMATS)
def test_members_equal_tar(dialect: str, planted: Path, tmp_path: Path, require_tool: Tool) -> None:
    path = tmp_path / "a.tar"
    if dialect in ("v7", "ustar"):  # cannot hold these
        os.unlink(os.fsencode(planted) + b"/" + b"l" * 255)
    if dialect == "v7":
        (planted / "pipe").unlink()
    tool = require_tool("tar")
    run(tool, f"--format={dialect}", "-cf", path, ".", cwd=planted)
    printed = run(tool, "tf", path, "--quoting-style=literal", "--null")  # NUL does not come, newlines stay
    names = [child.step.path for child in listing("tar", path)]
    assert b"".join(name + b"\n" for name in names) == printed
    found = contents("tar", path)
    for child in listing("tar", path):
        if child.entry is Entry.HARDLINK:
            assert child.outcome == Skipped("hardlink")
            found[child.step.path] = found[next(n for n in found if n in (b"./plain.txt", b"./second-name"))]
        if child.step.path == b"./pipe":
            assert child.outcome == Skipped("special")
    assert {name.removeprefix(b"./"): data for name, data in found.items()} == tree(planted)


@pytest.mark.parametrize("version", ["gnu", "0.0", "0.1", "1.0"])
def test_sparse(version: str, tmp_path: Path, require_tool: Tool) -> None:
    with (tmp_path / "holes").open("wb") as stream:
        for number in range(30):
            stream.seek(number * 100_000)
            stream.write(b"%d" % number * 3000)
        stream.truncate(5_000_000)
    words = ["--format=gnu"] if version == "gnu" else ["--format=pax", f"--sparse-version={version}"]
    run(require_tool("tar"), *words, "-cSf", "a.tar", "holes", cwd=tmp_path)
    (child,) = listing("tar", tmp_path / "a.tar")
    assert (child.step.path, child.size) == (b"holes", 5_000_000)
    assert (tmp_path / "a.tar").stat().st_size < 1_000_000
    assert contents("tar", tmp_path / "a.tar") == {b"holes": (tmp_path / "holes").read_bytes()}
    stream = opened("tar", tmp_path / "a.tar").open(child.step)
    stream.seek(1_500_000)
    assert stream.read(4) == b"1515"


def make(*members: tuple[str, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = 1_700_000_000
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_times_and_pax_fractions() -> None:
    assert [(m.ns, m.precision) for m in listing("tar", make(("a", b"1")))[0].moments] == [(17 * 10**17, 10**9)]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"mtime": "1700000000.123", "atime": "-1.5"}
        archive.addfile(info)
    moments = {m.field: (m.ns, m.precision) for m in listing("tar", out.getvalue())[0].moments}
    assert moments == {"tar.mtime": (1_700_000_000_123_000_000, 10**6), "tar.atime": (-1_500_000_000, 10**8)}


def test_global_headers_count_from_their_place_on(tmp_path: Path, require_tool: Tool) -> None:
    def part(comment: str, name: str) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": comment}) as archive:
            archive.addfile(tarfile.TarInfo(name))
        return out.getvalue().rstrip(b"\0")

    blob = b"".join(data + bytes(-len(data) % 512) for data in (part("one", "x"), part("two", "y"))) + bytes(1024)
    (tmp_path / "a.tar").write_bytes(blob)
    names = [child.step.path for child in listing("tar", blob)]
    assert names == run(require_tool("tar"), "tf", tmp_path / "a.tar").splitlines() == [b"one", b"two"]


def test_hostile_names() -> None:
    children = listing("tar", make(("../x", b""), ("/abs", b""), ("x" * 3000, b"")))
    problems = [tuple(finding.facts["problem"] for finding in child.findings) for child in children]
    assert problems == [("parent-reference",), ("absolute",), ()]
    assert len(children[2].step.path) == 3000


def test_empty_truncated_damaged(tmp_path: Path, require_tool: Tool) -> None:
    assert listing("tar", bytes(10240)) == []
    blob = make(*((f"{i}", b"%d" % i * 2000) for i in range(5)))
    for cut in (len(blob) - 10240, 1024 * 3, 700, 512 + 100):
        children, reason = until("tar", blob[:cut])
        assert reason in ("damaged", "") and children
    children, reason = until("tar", blob[:3500])
    assert reason == "damaged" and len(children) == 2
    assert reason_of_reading(opened("tar", blob[:3500]), children[1]) == "damaged"
    second = blob.index(b"1\0\0\0", 512) // 512 * 512
    broken = bytearray(blob)
    broken[second + 3] ^= 1
    children, reason = until("tar", bytes(broken))
    assert ([child.step.path for child in children], reason) == ([b"0", b"2", b"3", b"4"], "damaged")
    assert until("tar", b"not a tar at all" * 100) == ([], "damaged")
    assert until("tar", blob, Limits(entries=2))[1] == "limit-entries"


def block(name: bytes, size: bytes, kind: bytes = b"0", magic: bytes = b"ustar\0") -> bytes:
    data = bytearray(name.ljust(100, b"\0") + b"0000644\0" * 3 + size.ljust(12, b"\0") + b"0" * 11 + b"\0" + b" " * 8)
    data += kind + bytes(100) + magic
    data += bytes(512 - len(data))
    data[148:156] = b"%06o\0 " % sum(data)
    return bytes(data)


def test_headers_that_hang_other_readers() -> None:
    negative = b"\xff" * 10 + b"\xfe\x00"  # CVE-2025-8194: go back for ever
    assert until("tar", block(b"x", negative) + bytes(1024)) in (([], "damaged"),)
    huge = b"\x80" + bytes(3) + struct.pack(">Q", 1 << 62)
    children, reason = until("tar", block(b"x", huge) + bytes(1024))
    assert (len(children), reason) == (1, "damaged")
    assert reason_of_reading(opened("tar", block(b"x", huge)), children[0]) == "limit-size"
    chain = block(b"././@LongLink", b"0" * 11, b"L") * 20_000  # 10 MB of headers of nothing
    assert until("tar", chain)[0] == []
    loop = block(b"p", b"%011o" % 9, b"x") + b"9 path=a\n".ljust(512, b"\0")
    children, reason = until("tar", loop * 3000 + block(b"x", b"0" * 11) + bytes(1024))
    assert [child.step.path for child in children] == [b"a"]
    assert until("tar", block(b"p", huge, b"x") + bytes(1024)) == ([], "limit-memory")


def test_a_file_of_nothing_but_hole_is_a_bomb() -> None:
    header = bytearray(block(b"x", b"0" * 11, b"S", b"ustar  \0"))
    header[386:410] = b"%011o\0%011o\0" % (0, 0)
    header[483:495] = b"%011o\0" % (8 << 30 - 1)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (child,) = listing("tar", bytes(header) + bytes(1024))
    assert reason_of_reading(opened("tar", bytes(header)), child) == "limit-ratio"


GOOD = (
    make(("a", b"x" * 600), ("n" * 150, b"y"), ("../z", b"")),
    make(("a", b"x" * 600), ("ż" * 150, b"y"), form=tarfile.PAX_FORMAT),
)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.sampled_from(GOOD), st.lists(st.tuples(st.integers(0, 10_240), st.integers(0, 255)), max_size=8), st.booleans()
)
def test_mutations(blob: bytes, changes: list[tuple[int, int]], mend: bool) -> None:
    data = bytearray(blob)
    for at, value in changes:
        data[at % len(data)] = value
        if mend:  # let the change through the checksum
            start = at % len(data) // 512 * 512
            data[start + 148 : start + 156] = b" " * 8
            data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])
    survive("tar", bytes(data))


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=2000))
def test_arbitrary_bytes(data: bytes) -> None:
    survive("tar", data)
    survive("tar", GOOD[0][:512] + data)
