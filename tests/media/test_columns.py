"""Columns: what is written is read back in place, and every other file is refused with BadInput and nothing else."""

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from amparo.evidence.errors import BadInput
from amparo.media.columns import Columns, write

MAGIC = b"AMPCOLS1"
TYPES = {"u1": np.uint8, "u4": np.uint32, "u8": np.uint64}
COLUMN = {"name": "a", "type": "u4", "shape": [2, 3], "at": 0}


def written(columns: dict[str, NDArray[Any]], kind: str = "test", **meta: Any) -> bytes:
    stream = io.BytesIO()
    write(stream, kind, meta, columns)
    return stream.getvalue()


def opened(tmp_path: Path, data: bytes, kind: str = "test") -> Columns:
    path = tmp_path / "columns"
    path.unlink(missing_ok=True)  # a file that is mapped is not written over
    path.write_bytes(data)
    return Columns(path, kind)


def stated(header: Any, data: bytes = bytes(64)) -> bytes:
    """A file with this header: bytes as they are, else as JSON."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    text += b" " * (-(12 + len(text)) % 64)
    return MAGIC + struct.pack("<I", len(text)) + text + data


def whole(**other: Any) -> dict[str, Any]:
    return {"kind": "test", "meta": {}, "columns": [COLUMN | other]}


def read_all(columns: Columns, names: dict[str, int] | None = None) -> None:
    """Touch every value: what lies outside the file would be a crash, not an error."""
    for name, inner in ({"a": 3, "b": 1} if names is None else names).items():
        for code in TYPES:
            for shape in ((), (inner,)):
                try:
                    int(columns.array(name, code, *shape).sum())
                except BadInput:
                    continue


ARRAYS = st.builds(
    lambda code, rows, inner, seed: np.random.default_rng(seed)
    .integers(0, 256, (rows, *inner), np.uint8)
    .astype(TYPES[code]),
    st.sampled_from(list(TYPES)), st.integers(0, 40), st.sampled_from([(), (1,), (8,), (32,)]), st.integers(0, 99),
)  # fmt: skip


@settings(max_examples=examples(50))
@given(arrays=st.dictionaries(st.text(max_size=9), ARRAYS, max_size=5), meta=st.dictionaries(st.text(), st.integers()))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, NDArray[Any]], meta: dict[str, int]
) -> None:
    stream = io.BytesIO()
    write(stream, "test", meta, arrays)
    columns = opened(tmp_path_factory.mktemp("c"), stream.getvalue())
    assert columns.meta == meta
    for name, array in arrays.items():
        found = columns.array(name, f"u{array.dtype.itemsize}", *array.shape[1:])
        assert np.array_equal(found, array)
        assert found.shape == array.shape


def test_equal_input_gives_equal_bytes_whatever_its_strides() -> None:
    array = np.arange(60, dtype=np.uint32).reshape(20, 3)
    assert written({"a": array}) == written({"a": np.asfortranarray(array)}) == written({"a": array[::-1].copy()[::-1]})


def test_columns_are_read_only_and_lie_on_64_bytes(tmp_path: Path) -> None:
    arrays = {"a": np.arange(5, dtype=np.uint8), "b": np.arange(7, dtype=np.uint64)}
    columns = opened(tmp_path, written(arrays))
    for name, code in (("a", "u1"), ("b", "u8")):
        array = columns.array(name, code)
        assert array.ctypes.data % 64 == 0
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize("dtype", [np.int32, np.float32, np.uint16, np.bool_])
def test_other_types_are_not_written(dtype: Any) -> None:
    with pytest.raises(ValueError, match="is of type"):
        written({"a": np.zeros(3, dtype)})


def test_big_endian_arrays_are_refused_or_turned(tmp_path: Path) -> None:
    try:
        data = written({"a": np.array([1], ">u4")})
    except ValueError:
        return
    assert opened(tmp_path, data).array("a", "u4").tolist() == [1]


@pytest.mark.parametrize(
    ("name", "code", "inner"),
    [("z", "u4", (3,)), ("a", "u8", (3,)), ("a", "u4", ()), ("a", "u4", (4,)), ("b", "u1", ())],
)
def test_a_column_of_another_shape_is_refused(tmp_path: Path, name: str, code: str, inner: tuple[int, ...]) -> None:
    columns = opened(tmp_path, stated(whole() | {"columns": [COLUMN, COLUMN | {"name": "b", "shape": []}]}))
    assert columns.array("a", "u4", 3).shape == (2, 3)
    with pytest.raises(BadInput, match=f"column {name} is missing or of another shape"):
        columns.array(name, code, *inner)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"A", MAGIC + b"\0\0\0", b"X" * 100, MAGIC + b"\xff\xff\xff\xff" + bytes(100), stated(b""),
        stated(b"\xff"), stated([]), stated("text"), stated({"kind": "test"}), stated(whole() | {"columns": 1}),
        stated(whole() | {"columns": [1]}), stated(whole() | {"columns": ["abc"]}), stated(whole() | {"meta": 1}),
        stated(whole() | {"kind": "other"}), stated(whole() | {"kind": None}), stated(b"[" * 100_000),
        stated(b'{"kind":' + b"9" * 5_000 + b"}"), stated(whole(type="u2")), stated(whole(type=["u4"])),
        stated(whole(at=-64)), stated(whole(at=1)), stated(whole(at=64)), stated(whole(at=2**70)),
        stated(whole(at=0.0)), stated(whole(at=False)), stated(whole(shape=[-2, -3])), stated(whole(shape=[2**40, 3])),
        stated(whole(shape=[2**63, 2**63])), stated(whole(shape=[0, 2**70])), stated(whole(shape=[0, 2**62])),
        stated(whole(shape=6)), stated(whole(shape=None)), stated(whole(shape=[1, 1, 1])), stated(whole(shape=[True])),
        stated(whole(shape=["2"])), stated(whole(), bytes(23)),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadInput):
        opened(tmp_path, data)


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BadInput, match="cannot be opened"):
            Columns(path, "test")


def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    data = written({"a": np.ones((8, 2), np.uint32), "b": np.ones(8, np.uint64)})
    for length in range(len(data)):
        with pytest.raises(BadInput):
            opened(tmp_path, data[:length])
    read_all(opened(tmp_path, data), {"a": 2, "b": 1})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-70, 70) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["a", "b"]) | VALUES,
        "type": st.sampled_from(list(TYPES)) | VALUES,
        "shape": st.lists(st.integers(0, 9), max_size=3) | VALUES,
        "at": st.sampled_from([0, 64, 128]) | VALUES,
    },
)


COLUMNS = st.lists(FIELDS | VALUES, max_size=3) | VALUES
HEADERS = st.builds(lambda meta, columns: {"kind": "test", "meta": meta, "columns": columns}, st.just({}), COLUMNS)


@settings(max_examples=examples(150))
@given(header=HEADERS | VALUES | st.fixed_dictionaries({"kind": VALUES, "meta": VALUES, "columns": COLUMNS}))
def test_any_header_is_read_within_the_file_or_refused(tmp_path_factory: pytest.TempPathFactory, header: Any) -> None:
    try:
        columns = opened(tmp_path_factory.mktemp("c"), stated(header))
    except BadInput:
        return
    read_all(columns)


@settings(max_examples=examples(150))
@given(changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6), length=st.integers(0, 400))
def test_any_bytes_are_read_within_the_file_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], length: int
) -> None:
    data = bytearray(written({"a": np.ones((8, 3), np.uint32), "b": np.ones(8, np.uint64)}))
    for at, value in changes:
        data[at % len(data)] = value
    try:
        columns = opened(tmp_path_factory.mktemp("c"), bytes(data[: len(data) - length % 64]))
    except BadInput:
        return
    read_all(columns)
