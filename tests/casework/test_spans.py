"""Spans of the calendar: parts fill their whole without gaps, and no address breaks them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.casework.spans import Span, minute_of, parse

times = st.integers(-(2**63), 2**63 - 1)


@given(times)
def test_every_time_lies_in_one_part_of_every_span_around_its_minute(ns: int) -> None:
    minute = minute_of(ns)
    if minute is None:
        assert parse("2261").end <= ns or ns < parse("1678").start
        return
    assert minute.start <= ns < minute.end
    for around in minute.above[1:]:
        assert sum(part.start <= ns < part.end for part in around.below) == 1
        assert (around.below[0].start, around.below[-1].end) == (around.start, around.end)
        assert all(one.end == two.start for one, two in zip(around.below, around.below[1:], strict=False))


@given(times)
def test_a_span_is_found_again_by_its_text(ns: int) -> None:
    minute = minute_of(ns)
    for span in () if minute is None else (*minute.above, minute):
        assert parse(span.text) == span


@given(st.text(max_size=20))
def test_whatever_else_stands_in_an_address_is_all_of_time(text: str) -> None:
    span = parse(text)
    assert span.parts == () or span.text == text


@pytest.mark.parametrize("text", ["1677", "2262", "2023-02-29", "2024-13", "2024-05-17T24", "2024-05-17T10:60", "0000"])
def test_what_no_calendar_has_is_all_of_time(text: str) -> None:
    assert parse(text) == Span()
