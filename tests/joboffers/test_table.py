import io

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.joboffers.table import read_table


def offers(data: bytes) -> list[str]:
    return [offer.text for _, offer in read_table(io.BytesIO(data))]


def test_rows_come_in_order_under_any_known_name_and_with_a_byte_order_mark() -> None:
    assert offers(b'\xef\xbb\xbfJob_Title,other,text\nCook,x,"A, b"\n\nBaker,y,C\n') == ["Cook\nA, b", "Baker\nC"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "No column"),
        (b"a,b\n1,2\n", "No column"),
        (b"title,text\nCook\n", "Row 1 has 1 cells"),
        (b'title\n"Cook\n', "Row 1 of the table"),
        (b"title\n\xff\n", "not UTF-8"),
        (b"title\n" + b"a" * 1_000_001, "Row 1 of the table"),
    ],
)
def test_what_is_no_such_table_is_told_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        offers(data)


@settings(max_examples=examples(200))
@given(st.binary(max_size=200))
def test_foreign_bytes_end_in_offers_or_bad_input(data: bytes) -> None:
    try:
        assert all(isinstance(text, str) for text in offers(b"title,text\n" + data))
    except BadInput as error:
        assert "\n" not in error.message
