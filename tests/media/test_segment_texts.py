"""Many short texts: each comes back by its number, and damage is named."""

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.media import segment_texts
from amparo.media.columns import Columns, write
from amparo.media.segment_texts import TextReader, TextWriter

TEXTS = st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([b"", b"the same", b"x" * 500])), max_size=60)


def columns(texts: list[bytes]) -> dict[str, object]:
    writer = TextWriter()
    for each in texts:
        writer.add(each)
    return {f"t_{name}": array for name, array in writer.columns().items()}


def opened(path: Path, held: dict[str, object]) -> TextReader:
    stream = io.BytesIO()
    write(stream, "texts", {}, held)  # type: ignore[arg-type]
    path.write_bytes(stream.getvalue())
    return TextReader(Columns(path, "texts"), "t_")


@given(TEXTS, st.sampled_from([1, 50, 128 * 1024]))
@settings(max_examples=examples(50))
def test_every_text_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[bytes], block: int) -> None:
    path = tmp_path_factory.getbasetemp() / "texts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment_texts, "_BLOCK", block)
        reader = opened(path, columns(texts))
    assert len(reader) == len(texts)
    assert [reader.read(number) for number in range(len(texts))] == texts
    with pytest.raises(BadInput, match="outside"):
        reader.read(len(texts))


@given(st.data())
@settings(max_examples=examples(100))
def test_damaged_numbers_give_only_bad_input(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    held = columns([b"one", b"", b"three" * 10])
    name = data.draw(st.sampled_from(["t_ends", "t_firsts", "t_places"]))
    array = np.array(held[name])
    array[data.draw(st.integers(0, len(array) - 1))] = data.draw(st.integers(0, 2**64 - 1))
    reader = opened(tmp_path_factory.getbasetemp() / "damaged", {**held, name: array})
    for number in range(3):
        with contextlib.suppress(BadInput):
            assert reader.read(number) in b"one" + b"three" * 10


def test_a_block_that_is_no_zstandard_is_named(tmp_path: Path) -> None:
    held = columns([b"one", b"two"])
    blob = np.array(held["t_blob"])
    blob[:4] = 0
    with pytest.raises(BadInput, match="damaged"):
        opened(tmp_path / "t", {**held, "t_blob": blob}).read(0)
