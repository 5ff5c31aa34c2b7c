"""Streaming JSON: every form and encoding, every defect by its record, and a window that does not grow."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from fuzz import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.exchange import json_records
from amparo.exchange.json_records import DEPTH, FRAME, RECORD, JsonRecords

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**30, 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=8)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
FIELDS = st.dictionaries(st.text(max_size=6).filter(lambda key: key not in ("value", "Media")), VALUES, max_size=3)
RECORD_LISTS = st.lists(FIELDS, max_size=4)
MEMBERS = st.tuples(FIELDS, RECORD_LISTS, FIELDS).map(lambda each: {**each[0], "Media": each[1], **each[2]})
FLAT = st.tuples(FIELDS, RECORD_LISTS, FIELDS).map(lambda each: {**each[0], "value": each[1], **each[2]})
NESTED = st.tuples(FIELDS, st.lists(MEMBERS, min_size=1, max_size=3), FIELDS).map(
    lambda each: {**each[0], "value": each[1], **each[2]}
)


class CountingStream(io.RawIOBase):
    """Gives the pieces of an endless list one by one and counts them."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self.given = pieces, 0

    def read(self, size: int = -1) -> bytes:
        piece = next(self._pieces, b"")
        self.given += len(piece)
        return piece


class Scan:
    """A file read to its end."""

    def __init__(self, data: str | bytes, records: int = 1_000) -> None:
        stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
        self.records = JsonRecords(stream, "value", "Media", records)
        self.found = [(self.records.position, text) for text, _ in self.records]

    def again(self) -> str:
        """The file, from what was found."""
        whole, *parts = self.records.parts
        for position, part in enumerate(parts):
            whole += ",".join(text for at, text in self.found if at == position) + part
        return whole


def test_a_list_of_records() -> None:
    scan = Scan('{"a": [1, {"value": []}],\n "value" : [ {"n":1.10 } , {"n" :2, "n":3}\n], "z": null } ')
    assert scan.found == [(0, '{"n":1.10 }'), (0, '{"n" :2, "n":3}')]
    assert scan.records.parts == ['{"a":[1, {"value": []}],"value":[', '],"z":null}']
    assert (scan.records.number, scan.records.nested) == (2, False)


def test_groups_say_which_list_a_record_stands_in() -> None:
    scan = Scan('[{"c":1,"Media":[]},{"Media":[{"n":1},{"n":2}],"c":2},{"c":3,"Media":null},{"Media":[{}]}]')
    assert scan.records.nested
    assert scan.found == [(1, '{"n":1}'), (1, '{"n":2}'), (2, "{}")]
    assert len(scan.records.parts) == 4


def test_fields_before_the_records_are_known_while_iterating() -> None:
    records = JsonRecords(io.BytesIO(b'{"a":1,"value":[{"c":2,"Media":[{"n":1}],"d":3}],"b":4}'), "value", "Media")
    for text, value in records:
        assert (text, value, records.place) == ('{"n":1}', {"n": 1}, "Record 1")
        assert (records.head, records.group) == ({"a": 1}, {"c": 2})
    assert records.head == {"a": 1, "b": 4}


@pytest.mark.parametrize("text", ["[]", '[{"n":1}]', '[{"Media":[{"n":1}]}]', '{"value":[]}', '{"v":{},"value":[]}'])
def test_lists_alone_and_empty_lists(text: str) -> None:
    assert Scan(text).again() == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    text = '{"é":"果","value":[{"n":"😀ñ"}]}'
    assert Scan(text.encode(encoding)).again() == text
    assert Scan(b"\xfe\xff" + text.encode("utf-16-be")).again() == text


@settings(max_examples=examples(100))
@given(FLAT | NESTED | RECORD_LISTS, st.sampled_from([None, " ", "\t"]), st.booleans(), st.integers(3, 40))
@example({"value": [{"a": "\ud83d", "b": "\ud83d\ude00", "c": 1.5e-7, "d": -0.0}]}, None, True, 3)
def test_whatever_stands_there_comes_back(document: Any, indent: str | None, ascii_only: bool, chunk: int) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = json.dumps(document, indent=indent).encode()
    before = json_records.CHUNK
    json_records.CHUNK = chunk
    try:
        found = Scan(data).again()
    finally:
        json_records.CHUNK = before
    assert json.loads(found) == json.loads(data)
    assert Scan(found).again() == found


def test_numbers_and_literals_cut_by_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    record = '{"e":1.25e-3,"f":null,"g":"\\u00e9\\ud83d\\ude00\\\\"}'
    text = '{"a":12.5e+10,"b":-7,"c":true,"d":1E5,"value":[' + record + '],"z":0.10}'
    for chunk in range(4, len(text) + 1):
        monkeypatch.setattr(json_records, "CHUNK", chunk)
        scan = Scan(text)
        assert scan.again() == text
        assert scan.records.head == {"a": 12.5e10, "b": -7, "c": True, "d": 1e5, "z": 0.1}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file: it is empty"),
        (b" \n\t", "The file: it is empty"),
        (b"\xef\xbb\xbf", "The file: it is empty"),
        (b"digest,labels", "The file: it is not JSON that begins with"),
        (b"12", "The file: it is not JSON that begins with"),
        (b"\x00\x01\x02", "The file: it is not JSON that begins with"),
        (b"\xff\xd8\xff\xe0", "The file: there, or soon after, the text is not UTF-8"),
        (b"\xff\xfe[\x00\x00", "the text is not UTF-16-LE"),
        (b"{}", "The file: there is no list 'value'"),
        (b'{"value":{}}', "The file: 'value' is not a list"),
        (b'{"value":[{"a":1}],"value":[]}', "After Record 1: there is a second 'value'"),
        (b'{"value":[{"a":1}],"v\\u0061lue":2}', "After Record 1: there is a second 'value'"),
        (b'[{"Media":[{}],"Media":[]}]', "After Record 1: one element has a second 'Media'"),
        (b'[{"Media":[{}]},{"Media":{}}]', "After Record 1: 'Media' is not a list"),
        (b'[{"Media":[{}]},{"MD5":""}]', "After Record 1: an element has no 'Media'"),
        (b'[{"Media":[{}]},7]', "After Record 1: it is not JSON"),
        (b"[{},1]", "Record 2: it is not an object"),
        (b"[{},]", "Record 2: it is not an object"),
        (b"[{}{}]", "Record 2: no comma before it"),
        (b"[,{}]", "Record 1: it is not an object"),
        (b"[{}] {}", "After Record 1: there is more behind the end"),
        (b"[{}", "Record 2: the file ends before the list does"),
        (b"[{},", "Record 2: the file ends before the list does"),
        (b'[{"a":1},{"a"', "Record 2: the file ends inside it"),
        (b'[{"a":1},{"a":"b', "Record 2: the file ends inside it"),
        (b'[{"a":1},{"a":tr', "Record 2: the file ends inside it"),
        (b'{"value":[]', "The file: the file ends too early"),
        (b'{"value":[{}],', "After Record 1: it is not JSON, or the file ends here"),
        (b'{"a" 1}', "The file: it is not JSON"),
        (b'[{"a":01}]', "Record 1: it is not JSON"),
        (b'[{"a":"\n"}]', "Record 1: it is not JSON"),
        (b"[{'a':1}]", "Record 1: it is not JSON"),
        (b'[{},{"a":NaN}]', "Record 2: NaN and Infinity are not JSON"),
        (b'[{},{"a":-Infinity}]', "Record 2: NaN and Infinity are not JSON"),
        (b'{"a":Infinity,"value":[]}', "The file: NaN and Infinity are not JSON"),
        (b'[{"a":' + b"1" * 5_000 + b"}]", "Record 1: a number has too many digits"),
        (b'[{},{"a":' + b"[" * DEPTH + b"]" * DEPTH + b"}]", f"Record 2: it is nested deeper than {DEPTH} levels"),
        (b'[{"a":' + b"[" * 100_000, f"Record 1: it is nested deeper than {DEPTH} levels"),
        (b'{"a":' + b"[" * 100_000, f"The file: it is nested deeper than {DEPTH} levels"),
        (b'[{},{"a":"' + b"x" * RECORD + b'"}]', f"Record 2: it is longer than {RECORD} characters"),
        (b'[{},{"a":"' + b"x" * 5 * RECORD, f"Record 2: it is longer than {RECORD} characters"),
        (b'{"a":' + b"7" * RECORD, "The file: a number has too many digits|it is longer"),
        (b'{"a":"' + b"x" * RECORD + b'","value":[]}', f"The file: it is longer than {RECORD} characters"),
        (
            b'{"value":[],' + b'"a":"xxxxxxxxxxxxx",' * (FRAME // 10),
            "what stands around the records is longer than",
        ),
        (b"[" + b'{"Media":[]},' * (FRAME // 10), "what stands around the records is longer than"),
        (b'[{"n":1},{"n":2},{"n":3},{"n":4}]', "Record 4: the list has more than 3 records"),
    ],
)
def test_defects_are_named_with_their_record(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        Scan(data, records=3)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_the_last_that_fits() -> None:
    assert Scan(b'[{"a":' + b"[" * (DEPTH - 1) + b"]" * (DEPTH - 1) + b"}]").records.number == 1
    assert Scan(b'[{"a":"' + b"x" * (RECORD - 8) + b'"}]').records.number == 1
    assert Scan(b"[{},{},{}]", records=3).records.number == 3


@settings(max_examples=examples(150))
@given(st.binary(max_size=60), st.integers(3, 40))
def test_arbitrary_bytes(data: bytes, chunk: int) -> None:
    before = json_records.CHUNK
    json_records.CHUNK = chunk
    try:
        for prefix in (b"", b"[{", b'{"a":1,"value":[{"b":2},', b'[{"Media":[{"b":'):
            try:
                Scan(prefix + data)
            except BadInput as error:
                assert "\n" not in error.message
    finally:
        json_records.CHUNK = before


@settings(max_examples=examples(100))
@given(FLAT | NESTED, st.data())
def test_a_file_cut_anywhere_is_refused(document: Any, data: st.DataObject) -> None:
    whole = json.dumps(document).encode()
    with pytest.raises(BadInput):
        Scan(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize("nested", [False, True])
def test_memory_does_not_grow_with_the_file(nested: bool) -> None:
    piece = b'{"MediaID":1,"Comments":"' + b"x" * 4_000 + b'"},'
    count = 60 * 1024 * 1024 // len(piece)
    start = b'{"value":[{"CaseID":"1","Media":[' if nested else b'{"value":['
    stream = CountingStream(chain([start], (piece for _ in range(count)), [b"{}]}]}" if nested else b"{}]}"]))
    tracemalloc.start()
    try:
        found = sum(1 for _ in JsonRecords(stream, "value", "Media"))  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found, stream.given > 50_000_000) == (count + 1, True)
    assert peak < 8 * 1024 * 1024
