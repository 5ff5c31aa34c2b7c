"""gzip, bzip2, xz, Zstandard: one member, whatever follows what."""

import bz2
import gzip
import io
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from sources.containers_contract import contents, listing, opened, reason_of_reading, survive, until
from sources.planted_tree import run

from amparo.evidence.item import Entry
from amparo.sources.containers import Limits

Tool = Callable[[str], str]
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd.compress,
}  # fmt: skip
KINDS = tuple(PACK)
DATA = os.urandom(100_000) + bytes(500_000)


@pytest.mark.parametrize("kind", KINDS)
def test_one_member_of_one_or_more_streams(kind: str) -> None:
    (child,) = listing(kind, PACK[kind](DATA), name=b"dir/photo.jpg")
    assert (child.step.opener, child.step.path, child.step.record) == (kind, b"photo.jpg", 0)
    assert (child.entry, child.size, child.outcome) == (Entry.FILE, None, None)
    twice = PACK[kind](DATA) + PACK[kind](b"") + PACK[kind](b"end")
    assert list(contents(kind, twice).values()) == [DATA + b"end"]
    stream = opened(kind, twice).open(child.step)
    assert stream.seek(-3, io.SEEK_END) == len(DATA)
    assert stream.read() == b"end"
    stream.seek(99_990)
    assert stream.read(20) == DATA[99_990:100_010]


@pytest.mark.parametrize("kind", KINDS)
def test_as_written_by_its_tool(kind: str, tmp_path: Path, require_tool: Tool) -> None:
    (tmp_path / "x").write_bytes(DATA)
    packed = run(require_tool(kind), "-c", "x", cwd=tmp_path)
    assert list(contents(kind, packed).values()) == [DATA]


@pytest.mark.parametrize(
    ("kind", "name", "member"),
    [("gzip", b"a.tgz", b"a.tar"), ("gzip", b"A.GZ", b"A"), ("gzip", b"plain", b"plain"), ("xz", b"b.txz", b"b.tar"),
     ("bzip2", b"c.tbz2", b"c.tar"), ("zstd", b"d.tzst", b"d.tar"), ("gzip", b".gz", b".gz")],
)  # fmt: skip
def test_names_without_a_stored_one(kind: str, name: bytes, member: bytes) -> None:
    assert listing(kind, PACK[kind](b"x"), name=name)[0].step.path == member


def test_gzip_header() -> None:
    out = io.BytesIO()
    with gzip.GzipFile("../été.txt", "wb", fileobj=out, mtime=1_700_000_000) as stream:
        stream.write(b"x")
    (child,) = listing("gzip", out.getvalue(), name=b"other.gz")
    assert child.step.path == b"\xe9t\xe9.txt"  # what gzip stores is ISO 8859-1
    assert [(m.ns, m.field, m.basis.value, m.precision) for m in child.moments] == [
        (1_700_000_000_000_000_000, "gzip.mtime", "utc", 1_000_000_000)
    ]
    hostile = bytearray(gzip.compress(b"x", mtime=0))
    hostile[3] |= 8
    hostile[10:10] = b"../../x\0"
    (child,) = listing("gzip", bytes(hostile))
    assert [f.facts["problem"] for f in child.findings] == ["parent-reference"]
    assert child.moments == ()
    assert contents("gzip", bytes(hostile)) == {b"../../x": b"x"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_follows_the_end(kind: str, tmp_path: Path, require_tool: Tool) -> None:
    packed = PACK[kind](DATA) + b"something else entirely"
    archive = opened(kind, packed)
    (child,) = archive.members()
    if kind in ("gzip", "bzip2"):
        assert reason_of_reading(archive, child) == ""
        assert [finding.kind for finding in archive.findings()] == ["archive.trailing_bytes"]
    else:
        assert reason_of_reading(archive, child) == "damaged"
    if kind in ("gzip", "xz"):
        padded = opened(kind, PACK[kind](DATA) + bytes(512))
        assert reason_of_reading(padded, child) == ""
        assert padded.findings() == ()


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_and_damaged(kind: str) -> None:
    packed = PACK[kind](os.urandom(200_000))
    (child,) = listing(kind, packed)
    for cut in (len(packed) - 1, len(packed) // 2, 40):
        assert reason_of_reading(opened(kind, packed[:cut]), child) == "damaged"
    broken = bytearray(packed)
    broken[len(packed) // 2] ^= 0xFF
    if kind != "zstd":  # this encoder writes no checksum
        assert reason_of_reading(opened(kind, bytes(broken)), child) == "damaged"
    assert until(kind, b"") == ([], "damaged")
    assert until(kind, b"something") == ([], "damaged")


@pytest.mark.parametrize("kind", KINDS)
def test_bombs(kind: str) -> None:
    packed = PACK[kind](bytes(300 << 20)) if kind != "xz" else lzma.compress(bytes(300 << 20), preset=0)
    (child,) = listing(kind, packed)
    limits = Limits() if kind != "gzip" else Limits(ratio=500)
    expected = "" if kind == "xz" else "limit-ratio"
    strict = Limits(ratio=500)
    assert reason_of_reading(opened(kind, packed, strict), child) == "limit-ratio"
    if kind in ("bzip2", "zstd"):
        assert reason_of_reading(opened(kind, packed, limits), child) == expected
    assert reason_of_reading(opened(kind, packed, Limits(member_bytes=1 << 20)), child) == "limit-size"


def test_dictionaries_over_the_memory_limit() -> None:
    small = Limits(seven_zip_bytes=16 << 20)
    packed = lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 30}])
    assert reason_of_reading(opened("xz", packed, small), listing("xz", packed)[0]) == "limit-memory"
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    encoder = zstd.ZstdCompressor(options=options)
    packed = encoder.compress(DATA * 3) + encoder.flush()
    assert reason_of_reading(opened("zstd", packed, small), listing("zstd", packed)[0]) == "limit-memory"


@settings(max_examples=examples(400), deadline=None)
@given(
    st.sampled_from(KINDS), st.binary(max_size=300),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6), st.binary(max_size=30),
)  # fmt: skip
def test_mutations(kind: str, content: bytes, changes: list[tuple[int, int]], tail: bytes) -> None:
    data = bytearray(PACK[kind](content) + tail)
    for at, value in changes:
        data[at % len(data)] = value
    survive(kind, bytes(data))
    survive(kind, content)
