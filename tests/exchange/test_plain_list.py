"""Plain lists: every form that tools print, every defect by its line, no file name anywhere."""

import datetime
import io

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.exchange.known import KnownEntry
from amparo.exchange.plain_list import MAX_LINE, PlainList

DAY = datetime.date(2026, 1, 31)
A, B, C = "a" * 64, "b" * 40, "c" * 32


def read(data: str | bytes, algorithm: str | None = None, rows: int = 1_000) -> list[KnownEntry]:
    reader = PlainList("Owner", "Terms", DAY, ("z", "one"), algorithm, rows)
    return list(reader.read(io.BytesIO(data.encode() if isinstance(data, str) else data)))


def keys(data: str | bytes, algorithm: str | None = None) -> list[str]:
    return [each.key for each in read(data, algorithm)]


def test_an_entry() -> None:
    (entry,) = read(f"\n{A}\n")
    assert entry == KnownEntry(
        key=f"sha256:{A}",
        digests={"sha256": b"\xaa" * 32},
        labels=("one", "z"),
        owner="Owner",
        terms="Terms",
        dated=DAY,
        place="Line 2",
    )


@pytest.mark.parametrize(
    "data",
    [
        f"{A}\n{B}\n{C}\n",
        f"{A}\n{B}\n{C}",
        f"\ufeff{A}\r\n{B}\r\n{C}\r\n",
        f"# a list\n\n  {A.upper()}\t\n   \n #{'d' * 64}\n{B}\n{C} # why\n",
        f"{A}  some name.txt\n{B} *other  name\n\\{C}  a\\\\b\n",
        f"{A}  -\n{B}  caf\xe9\n{C} *\xff\n".encode("latin-1"),
        f"{A}\n{A}\n{B}\n{A.upper()}  again\n{C}\n{B}\n",
    ],
)
def test_forms_of_the_same_list(data: str | bytes) -> None:
    assert keys(data) == [f"sha256:{A}", f"sha1:{B}", f"md5:{C}"]


@pytest.mark.parametrize(
    ("line", "quality"),
    [
        (f"pdq,{A}", None),
        (f"pdq,{A},49", 49),
        (f"{A.upper()},0", 0),
        (f"{A},49,/a/name, with a comma.jpg", 49),
        (f"{A},50", 50),
        (f"{A},100,name", 100),
        (f"hash={A}", None),
        (f"hash={A},norm=128,delta=0,quality=49,filename=name,quality=99", 49),
        (f"hash={A},norm=128,delta=0,quality=100,filename=name,quality=9", 100),
        (f"hash={A},xform=rot90,filename=name", None),
    ],
)
def test_forms_of_the_pdq_tools(line: str, quality: int | None) -> None:
    for algorithm in (None, "pdq"):
        (entry,) = read(line, algorithm)
        assert entry.digests == {"pdq": b"\xaa" * 32}
        assert entry.key == f"pdq:{A}"
        assert ("low-quality" in entry.labels) == (quality is not None and quality < 50)


def test_a_stated_algorithm_decides() -> None:
    assert keys(f"{A}\n{A}  name\n", "pdq") == [f"pdq:{A}"]
    assert keys(f"{A}\n", "sha256") == [f"sha256:{A}"]
    assert keys(f"{A}\n{A},80\n") == [f"sha256:{A}", f"pdq:{A}"]
    with pytest.raises(BadInput, match="Line 2: this is a PDQ hash, in a list said to be of sha256"):
        read(f"{A}\n{A},80\n", "sha256")
    with pytest.raises(BadInput, match=r"Line 2: 'b+' is not a md5 digest"):
        read(f"{C}\n{B}\n", "md5")
    with pytest.raises(BadInput, match="Unknown algorithm 'photodna'"):
        PlainList("Owner", "Terms", DAY, algorithm="photodna")


def test_the_first_of_a_digest_stands() -> None:
    assert [each.labels for each in read(f"{A},80\n{A},10\n")] == [("one", "z")]
    assert [each.place for each in read(f"{B}\n{A},10\n{A},80\n{B}\n")] == ["Line 1", "Line 2"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (f"{A}\n\n{A[:-1]}\n", "Line 3: 'a+' is not a digest"),
        ("secret name\n", "Line 1: this is neither a digest in hex"),
        (f"{A} secret\n", "Line 1: this is neither"),
        (f"{A},secret\n", "Line 1: this is neither"),
        (f"{A},{A},{A},80,secret\n", "Line 1: this is neither"),
        (f"hash={A},idx=1\n", "Line 1: this is neither"),
        (f"hash={A},orig={A},filename=secret\n", "Line 1: this is neither"),
        (f"{B},80\n", "Line 1: this is neither"),
        (f"MD5 (secret) = {C}\n", "Line 1: this is neither"),
        (f"{A},101,secret\n", "Line 1: the quality 101 is not one of 0 to 100"),
        (f"{A}\n".encode("utf-16"), "Line 1: this is neither"),
        (f"{A}\r{B}\r", "Line 1: this is neither"),
        (b"\xef\xbb\xbf" * 2 + A.encode(), "Line 1: this is neither"),
        (f"{A}\n" + " " * (MAX_LINE + 1), f"Line 2: the line is longer than {MAX_LINE} bytes"),
        ("1" * MAX_LINE, "Line 1: '1+...' is not a digest"),
    ],
)
def test_defects_are_named_with_their_line(data: str | bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        read(data)
    assert "\n" not in caught.value.message
    assert "secret" not in caught.value.message
    assert caught.value.hint


def test_the_owner_is_told_and_checked() -> None:
    with pytest.raises(BadInput, match="Line 1: owner is missing"):
        list(PlainList(" ", "Terms", DAY).read(io.BytesIO(A.encode())))


def test_the_limit_of_rows() -> None:
    assert len(read(f"#\n{A}\n{B}\n{C}\n", rows=3)) == 3
    with pytest.raises(BadInput, match="Line 4: the list has more than 2 rows"):
        read(f"#\n{A}\n{B}\n{C}\n", rows=2)


def test_an_empty_list_has_no_entries() -> None:
    assert read("") == read("# nothing\n") == []


@settings(max_examples=examples(100))
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.sampled_from([A, B, C, "pdq,", "hash=", ",quality=", ",", "  ", " *", "#", "\n", "7", "\\"]).map(
                str.encode
            ),
        ),
        max_size=8,
    ),
    st.sampled_from([None, "pdq", "md5"]),
)
def test_arbitrary_bytes(parts: list[bytes], algorithm: str | None) -> None:
    try:
        found = keys(b"".join(parts), algorithm)
    except BadInput as error:
        assert error.message.startswith("Line ")
        assert "\n" not in error.message
    else:
        assert len(found) == len(set(found))
