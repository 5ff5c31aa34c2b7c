import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.joboffers.contacts import contacts, looks_alike, registered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to ana@gmail.com.", [("free_mail", "ana@gmail.com")]),
        ("jobs@firm.example or www.firm.example/jobs", [("mail", "jobs@firm.example"), ("domain", "www.firm.example")]),
        ("https://t.me/somebody", [("platform", "t.me")]),
        ("call +49 30 1234567", [("phone", "+49 30 1234567")]),
        ("from 2019 - 2021 we grew", []),
        ("pay 1.300 and e.g. this", []),
    ],
)
def test_ways_to_answer_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.value) for one in contacts(text)] == expected


@settings(max_examples=examples(200))
@given(st.text(alphabet="abc @.+-0123456789\n/:", max_size=200))
def test_a_contact_stands_where_it_says(text: str) -> None:
    for one in contacts(text):
        assert 0 <= one.start < one.end <= len(text)
        assert one.value in text[one.start : one.end] or text[one.start : one.end].casefold() == one.value


def test_the_registered_part_of_a_domain() -> None:
    assert registered("jobs.firm.co.uk") == "firm.co.uk"
    assert registered("Mail.Firm.example.") == "firm.example"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("harbour.example", "harbuor.example", True),
        ("firm.example", "firm-careers.example", True),
        ("firm.example", "firm.test", True),
        ("firm.example", "jobs.firm.example", False),
        ("harbour.example", "meadows.example", False),
    ],
)
def test_domains_that_could_be_taken_for_one_another(one: str, other: str, expected: bool) -> None:
    assert looks_alike(one, other) is expected
