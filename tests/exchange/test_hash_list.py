"""The CSV list: every defect by its line, nothing but BadInput, and memory that does not grow."""

import datetime
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.exchange.hash_list import MAX_LINE, HashListCsv, parse_digest
from amparo.exchange.known import KnownEntry

HEADER = "digest,labels,owner,terms,date\n"
A, B = "a" * 64, "b" * 40
ROW = f"{A},one;two,Owner,Terms,2026-01-31\n"
FUTURE = "9999-12-31"
NAMED = "digest,labels,owner,terms,date,algorithm\n"


def read(text: str | bytes, rows: int = 1_000) -> list[KnownEntry]:
    data = text.encode() if isinstance(text, str) else text
    return list(HashListCsv(rows=rows).read(io.BytesIO(data)))


def test_a_row() -> None:
    (entry,) = read(HEADER + ROW)
    assert entry == KnownEntry(
        key=f"sha256:{A}",
        digests={"sha256": b"\xaa" * 32},
        labels=("one", "two"),
        owner="Owner",
        terms="Terms",
        dated=datetime.date(2026, 1, 31),
        place="Line 2",
    )


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEADER + ROW,
        (HEADER + ROW).replace("\n", "\r\n"),
        (HEADER + ROW).rstrip("\n"),
        HEADER + "\n" + ROW + "\r\n\n",
        HEADER + ROW.upper().replace("ONE;TWO", "two;one;two").replace("OWNER", "Owner").replace("TERMS", "Terms"),
        f"date,terms,owner,labels,digest\n2026-01-31,Terms,Owner,one;two,{A}\n",
        HEADER + f'"{A}","one;two","Owner",Terms,"2026-01-31"\n',
        HEADER + ROW + ROW,
    ],
)
def test_forms_of_the_same_row(text: str) -> None:
    (first, *more) = read(text)
    assert (first.key, first.labels, first.owner, first.terms) == (f"sha256:{A}", ("one", "two"), "Owner", "Terms")
    assert first.digests == {"sha256": b"\xaa" * 32}
    assert all(each.key == first.key for each in more)


def test_algorithms_quotes_and_no_labels() -> None:
    found = read(HEADER + f'{B},,"A ""b"", c",España,{FUTURE}\n' + f"{'c' * 32},,O,T,2026-01-31\n")
    assert [(each.key, each.labels, each.owner, each.terms) for each in found] == [
        (f"sha1:{B}", (), 'A "b", c', "España"),
        (f"md5:{'c' * 32}", (), "O", "T"),
    ]


def test_a_named_algorithm_tells_pdq_from_sha256() -> None:
    row = ROW.strip()
    found = read(NAMED + f"{row},pdq\n{row.replace('Owner', 'Other')},sha256\n{row.replace(A, B)},sha1\n")
    assert [(each.key, each.digests) for each in found] == [
        (f"pdq:{A}", {"pdq": b"\xaa" * 32}),
        (f"sha256:{A}", {"sha256": b"\xaa" * 32}),
        (f"sha1:{B}", {"sha1": b"\xbb" * 20}),
    ]
    (first,) = read(f"algorithm,date,terms,owner,labels,digest\nmd5,2026-01-31,T,O,,{'C' * 32}\n")
    assert first.key == f"md5:{'c' * 32}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "The list is empty"),
        ("\n\n", "The list is empty"),
        ("digest,labels,owner,terms,date,colour\n", "Line 1: column 'colour' is unknown"),
        ("digest,labels,owner,terms,date,owner\n", "Line 1: column 'owner' is twice"),
        ("digest,labels,owner,date\n", "Line 1: column terms is missing"),
        ("Digest,labels,owner,terms,date\n", "Line 1: column 'Digest' is unknown"),
        (HEADER + ROW + "\n" + f"{A}\n", "Line 4: there are 1 fields instead of 5"),
        (HEADER + ROW + f"{A[:-1]},x,O,T,2026-01-31\n", "Line 3: 'a+' is not a digest"),
        (HEADER + f"{'g' * 32},x,O,T,2026-01-31\n", "Line 2: 'g+' is not a digest"),
        (HEADER + f"{A},One,O,T,2026-01-31\n", "Line 2: label 'One' is not made of"),
        (HEADER + f"{A},one;,O,T,2026-01-31\n", "Line 2: label '' is not made of"),
        (HEADER + f"{A},{';'.join(map(str, range(65)))},O,T,2026-01-31\n", "Line 2: there are more than 64 labels"),
        (HEADER + f"{A},x,,T,2026-01-31\n", "Line 2: owner is missing"),
        (HEADER + f"{A},x,O, ,2026-01-31\n", "Line 2: terms is missing"),
        (HEADER + f"{A},x,{'O' * 201},T,2026-01-31\n", "Line 2: owner is longer than 200"),
        (HEADER + f"{A},x,O,{'T' * 501},2026-01-31\n", "Line 2: terms is longer than 500"),
        (HEADER + f"{A},x,O\0,T,2026-01-31\n", "Line 2: owner holds a control character"),
        (HEADER + f"{A},x,O,T,20260131\n", "Line 2: '20260131' is not a date"),
        (HEADER + f"{A},x,O,T,2026-02-30\n", "Line 2: '2026-02-30' is not a date"),
        (HEADER + f"{A},x,O,T,0000-00-00\n", "Line 2: '0000-00-00' is not a date"),
        (HEADER + f'{A},x,"O,T,2026-01-31\n' + ROW, "Line 2: the quotes do not match"),
        (HEADER + f'{A},x,"O"o,T,2026-01-31\n', "Line 2: the quotes do not match"),
        (HEADER + f"{A},x,O\rp,T,2026-01-31\n", "Line 2: the quotes do not match|Line 2: there are"),
        ((HEADER + ROW).encode() + b"\xff\n", "Line 3: byte 1 is not UTF-8"),
        (HEADER + ROW + "x" * (MAX_LINE + 1), f"Line 3: the line is longer than {MAX_LINE}"),
        (HEADER + ROW + ROW.replace("one", "three"), "Line 3: this digest stands on line 2"),
        (HEADER + ROW.replace("a" * 64, B) + ROW + ROW.replace("Owner", "Other"), "Line 4: .* stands on line 3"),
        (HEADER + ROW.upper().replace("ONE;TWO", "x") + ROW, "Line 3: this digest stands on line 2"),
        (NAMED + ROW, "Line 2: there are 5 fields instead of 6"),
        (NAMED + ROW.strip() + ",\n", "Line 2: algorithm '' is none of sha256, sha1, md5, pdq"),
        (NAMED + ROW.strip() + ",photodna\n", "Line 2: algorithm 'photodna' is none of"),
        (NAMED + ROW.strip() + ",md5\n", "Line 2: 'a+' is not a md5 digest of 32 hex digits"),
        (NAMED + f"{B},x,O,T,2026-01-31,pdq\n", "Line 2: 'b+' is not a pdq digest of 64 hex digits"),
        (NAMED + f"{A},,O,T,2026-01-31,pdq\n{A},x,O,T,2026-01-31,pdq\n", "Line 3: this digest stands on line 2"),
    ],
)
def test_defects_are_named_with_their_line(text: str | bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        read(text)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_contradictions_far_apart() -> None:
    rows = [f"{n:064x},,O,T,2026-01-31\n" for n in range(2_500)]
    assert len(read(HEADER + "".join(rows) + rows[7], rows=10_000)) == 2_501
    with pytest.raises(BadInput, match="Line 2502: this digest stands on line 9 "):
        read(HEADER + "".join(rows) + rows[7].replace("O,T", "O,U"), rows=10_000)


def test_the_limit_of_rows() -> None:
    rows = "".join(f"{n:064x},,O,T,2026-01-31\n" for n in range(4))
    assert len(read(HEADER + rows, rows=4)) == 4
    with pytest.raises(BadInput, match="Line 5: the list has more than 3 rows"):
        read(HEADER + rows, rows=3)


def test_digests_of_the_command_line() -> None:
    assert parse_digest("AB" * 16) == ("md5", b"\xab" * 16)
    for bad in ("", "ab", "zz" * 16, "é" * 32):
        with pytest.raises(BadInput, match="is not a digest"):
            parse_digest(bad)
    assert parse_digest(A) == ("sha256", b"\xaa" * 32)
    assert parse_digest(A, "pdq") == ("pdq", b"\xaa" * 32)
    for algorithm in ("md5", "sha1", "photodna"):
        with pytest.raises(BadInput, match=f"is not a {algorithm} digest"):
            parse_digest(A, algorithm)


@given(st.binary(max_size=400))
def test_arbitrary_bytes(data: bytes) -> None:
    for prefix in (b"", HEADER.encode(), (HEADER + ROW).encode()):
        try:
            read(prefix + data)
        except BadInput as error:
            assert "\n" not in error.message


@given(st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=3)), max_size=4))
def test_mutated_lists(changes: list[tuple[int, bytes]]) -> None:
    data = (HEADER + ROW + f'"{B}",,"O, P",T,2026-01-31\n').encode()
    for at, value in changes:
        data = data[:at] + value + data[at + 1 :]
    try:
        for entry in read(data):
            assert entry.owner.strip()
            assert list(entry.digests) in (["sha256"], ["sha1"], ["md5"])
    except BadInput as error:
        assert "\n" not in error.message
