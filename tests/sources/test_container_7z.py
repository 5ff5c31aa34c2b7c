"""7z: equal to ``7z l -slt``, linear in solid archives, bounded in hostile ones."""

import io
import os
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from backports.zstd import _zstd
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from sources.containers_contract import contents, listing, opened, reason_of_reading, survive, until
from sources.planted_tree import run, tree

from amparo.evidence.item import Entry
from amparo.evidence.outcome import Skipped
from amparo.sources.containers import Limits

Tool = Callable[[str], str]


def test_members_equal_7z(planted: Path, tmp_path: Path, require_tool: Tool) -> None:
    tool = require_tool("7z")
    for name in (b"invalid-\xff\xfe.dat", b"new\nline", b"pipe"):  # 7z re-encodes, quotes and refuses these
        os.unlink(os.fsencode(planted) + b"/" + name)
    run(tool, "a", "-snl", tmp_path / "a.7z", ".", cwd=planted)
    children = listing("7z", tmp_path / "a.7z")
    printed = run(tool, "l", "-slt", "-ba", tmp_path / "a.7z").decode()
    paths = [line.removeprefix("Path = ") for line in printed.splitlines() if line.startswith("Path = ")]
    assert [child.step.path.decode() for child in children] == paths
    sizes = [int(line.removeprefix("Size = ") or 0) for line in printed.splitlines() if line.startswith("Size = ")]
    assert [child.size for child in children] == sizes
    kinds = {child.step.path: child.entry for child in children}
    assert (kinds[b"hollow"], kinds[b"empty"], kinds[b"link"]) == (Entry.DIRECTORY, Entry.FILE, Entry.SYMLINK)
    assert contents("7z", tmp_path / "a.7z") == tree(planted)
    when = (planted / "plain.txt").stat().st_mtime_ns
    moment = next(child for child in children if child.step.path == b"plain.txt").moments[-1]
    assert (moment.field, moment.ns) == ("7z.mtime", when // 100 * 100)
    assert (moment.basis.value, moment.precision) == ("utc", 100)


@pytest.mark.parametrize("method", ["Copy", "LZMA", "LZMA2", "Deflate", "Deflate64", "BZip2", "BCJ", "Delta:4"])
@pytest.mark.parametrize("solid", ["on", "off"])
def test_methods(method: str, solid: str, tmp_path: Path, require_tool: Tool) -> None:
    source = Path(_zstd.__file__).read_bytes()[:300_000]  # machine code: something to do for BCJ
    for number in range(6):
        (tmp_path / f"f{number}").write_bytes(source[number * 1000 :] + b"%d" % number)
    words = {"BCJ": ["-m0=BCJ", "-m1=LZMA"], "Delta:4": ["-m0=Delta:4", "-m1=LZMA2"]}.get(method, [f"-m0={method}"])
    run(require_tool("7z"), "a", *words, f"-ms={solid}", "a.7z", *(f"f{n}" for n in range(6)), cwd=tmp_path)
    found = contents("7z", tmp_path / "a.7z")
    assert found == {b"f%d" % n: (tmp_path / f"f{n}").read_bytes() for n in range(6)}
    blob = bytearray((tmp_path / "a.7z").read_bytes())
    blob[len(blob) // 3] ^= 0x40
    reasons = [reason_of_reading(opened("7z", bytes(blob)), child) for child in listing("7z", bytes(blob))]
    assert "damaged" in reasons


@pytest.mark.parametrize("words", ["-m0=PPMd", "-m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA -mb0:1 -mb0s1:2 -mb0s2:3"])
def test_unsupported_methods(words: str, tmp_path: Path, require_tool: Tool) -> None:
    (tmp_path / "x").write_bytes(os.urandom(5000))
    run(require_tool("7z"), "a", *words.split(), "a.7z", "x", cwd=tmp_path)
    (child,) = listing("7z", tmp_path / "a.7z")
    assert reason_of_reading(opened("7z", tmp_path / "a.7z"), child) == "unsupported"


def test_encrypted(tmp_path: Path, require_tool: Tool) -> None:
    (tmp_path / "x").write_bytes(b"secret" * 100)
    run(require_tool("7z"), "a", "-ppass", "a.7z", "x", cwd=tmp_path)
    run(require_tool("7z"), "a", "-ppass", "-mhe=on", "b.7z", "x", cwd=tmp_path)
    (child,) = listing("7z", tmp_path / "a.7z")
    assert (child.step.path, child.outcome) == (b"x", Skipped("encrypted"))
    assert reason_of_reading(opened("7z", tmp_path / "a.7z"), child) == "encrypted"
    assert until("7z", tmp_path / "b.7z") == ([], "encrypted")


def test_a_solid_archive_is_read_once(tmp_path: Path, require_tool: Tool) -> None:
    for number in range(2000):
        (tmp_path / f"{number:04}").write_bytes(os.urandom(2000) + bytes(20_000))
    run(require_tool("7z"), "a", "-mx=1", "-ms=on", "a.7z", *(f"{n:04}" for n in range(2000)), cwd=tmp_path)
    archive = opened("7z", tmp_path / "a.7z", Limits(seven_zip_bytes=16 << 20))
    children = list(archive.members())
    began = time.monotonic()
    for child in children:
        with archive.open(child.step) as stream:
            assert len(stream.read()) == 22_000
    assert time.monotonic() - began < 5


def test_large_members_are_streamed(tmp_path: Path, require_tool: Tool) -> None:
    (tmp_path / "a").write_bytes(b"first" * 100)
    (tmp_path / "b").write_bytes(os.urandom(1 << 20) * 66)
    run(require_tool("7z"), "a", "-mx=1", "-ms=on", "a.7z", "a", "b", cwd=tmp_path)
    archive = opened("7z", tmp_path / "a.7z")
    child = list(archive.members())[1]
    stream = archive.open(child.step)
    crc = 0
    while data := stream.read(1 << 20):
        crc = zlib.crc32(data, crc)
    assert crc == zlib.crc32((tmp_path / "b").read_bytes())
    stream.seek(-5, io.SEEK_END)
    assert stream.read() == (tmp_path / "b").read_bytes()[-5:]


def test_bombs_and_memory(tmp_path: Path, require_tool: Tool) -> None:
    (tmp_path / "x").write_bytes(bytes(200 << 20))
    run(require_tool("7z"), "a", "-mx=1", "a.7z", "x", cwd=tmp_path)
    (child,) = listing("7z", tmp_path / "a.7z")
    assert reason_of_reading(opened("7z", tmp_path / "a.7z"), child) == "limit-ratio"
    assert reason_of_reading(opened("7z", tmp_path / "a.7z", Limits(member_bytes=1 << 20)), child) == "limit-size"
    (tmp_path / "y").write_bytes(os.urandom(3 << 20))
    run(require_tool("7z"), "a", "-m0=LZMA2:d=64m", "b.7z", "y", cwd=tmp_path)
    (child,) = listing("7z", tmp_path / "b.7z")
    assert reason_of_reading(opened("7z", tmp_path / "b.7z", Limits(seven_zip_bytes=1 << 20)), child) == "limit-memory"


def header(data: bytes, packed: bytes = b"") -> bytes:
    """A 7z file with exactly this header."""
    start = struct.pack("<QQI", len(packed), len(data), zlib.crc32(data))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + data


def test_truncated_and_lying_headers() -> None:
    assert listing("7z", header(b"")) == []
    assert until("7z", header(b"\1\0")[:-1]) == ([], "damaged")
    assert until("7z", b"7z\xbc\xaf\x27\x1c") == ([], "damaged")
    many = b"\1\5\xff" + struct.pack("<Q", 1 << 40) + b"\0\0"
    assert until("7z", header(many)) == ([], "damaged")
    streams = b"\1\4\6\0\1\x09\1\0\7\x0b\1\0\1\1\0\x0c\1\0\x08\x0d\xff" + struct.pack("<Q", 1 << 50) + b"\0\0\0\0"
    assert until("7z", header(streams, b"x")) == ([], "damaged")
    lone = b"\1\5\1\x0e\1\x80\x11\5\0\x00\xd8\0\0\0\0"  # one directory, named by half a surrogate pair
    (child,) = listing("7z", header(lone))
    assert child.step.path == "\ud800".encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, require_tool: Tool) -> list[bytes]:
    folder = tmp_path_factory.mktemp("7z")
    (folder / "a").write_bytes(b"hello" * 100)
    (folder / "b").write_bytes(bytes(range(256)) * 4)
    found = []
    for number, word in enumerate(("LZMA", "LZMA2", "PPMd", "Deflate", "Deflate64", "BZip2", "Copy")):
        run(require_tool("7z"), "a", f"-m0={word}", "-mhc=off", f"{number}.7z", "a", "b", cwd=folder)
        found.append((folder / f"{number}.7z").read_bytes())
    run(require_tool("7z"), "a", "c.7z", "a", "b", cwd=folder)
    return [*found, (folder / "c.7z").read_bytes()]


@settings(max_examples=examples(400), deadline=None)
@given(
    st.integers(0, 7), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6),
    st.booleans(),
)  # fmt: skip
def test_mutations(samples: list[bytes], which: int, changes: list[tuple[int, int]], mend: bool) -> None:
    data = bytearray(samples[which])
    for at, value in changes:
        data[at % len(data)] = value
    if mend:  # let the change through the checksums
        offset, size, _ = struct.unpack_from("<QQI", samples[which], 12)
        start = struct.pack("<QQI", offset, size, zlib.crc32(data[32 + offset : 32 + offset + size]))
        data[:32] = b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start
    survive("7z", bytes(data))


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_headers(data: bytes) -> None:
    survive("7z", data)
    survive("7z", header(data))
    survive("7z", header(b"\1" + data))
    survive("7z", header(b"\x17" + data))
