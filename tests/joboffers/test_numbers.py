import pytest

from amparo.joboffers.lexicon import Lexicon
from amparo.joboffers.numbers import amounts, number_hits, numbers
from amparo.text.words import Words

UNITS = Lexicon(
    {
        "per_hour": ["an hour", "hourly"],
        "per_day": ["a day"],
        "per_week": ["a week", "weekly"],
        "per_month": ["a month", "monthly"],
        "hours": ["hours"],
        "days": ["days"],
        "minutes": ["minutes"],
        "thousand": ["thousand"],
        "hundred_thousand": ["lakh"],
    }
)


def values(text: str) -> list[float]:
    words = Words.of(text)
    places = {hit.first: {"thousand": 1e3, "hundred_thousand": 1e5}.get(hit.concept, 0.0) for hit in UNITS.hits(words)}
    return [value for _, _, value in numbers(words, {at: factor for at, factor in places.items() if factor})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.300", [1300]),
        ("1,300.50", [1300.5]),
        ("1 300 000", [1_300_000]),
        ("1,20,000", [120_000]),
        ("14,20", [14.2]),
        ("12'500", [12_500]),
        ("3k", [3000]),
        ("5 thousand", [5000]),
        ("1.5 lakh", [150_000]),
        ("rooms 4, 12 and 300", [4, 12, 300]),
        ("2024 300", [2024, 300]),
        ("৪০", [40]),  # noqa: RUF001 (Bengali digits)
        ("no number", []),
        ("9" * 40, []),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, expected: list[float]) -> None:
    assert values(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("€ 1.300", (1300, "EUR")),
        ("1.300 €", (1300, "EUR")),
        ("1300 euros", (1300, "EUR")),
        ("R$ 2.500", (2500, "BRL")),
        ("USD 40", (40, "USD")),
        ("40 dollars", (40, "USD")),
    ],
)
def test_a_sum_has_its_currency_before_or_after(text: str, expected: tuple[float, str]) -> None:
    words = Words.of(text)
    (found,) = amounts(words, numbers(words, {}))
    assert (found.value, found.currency) == expected


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("€14 an hour", {"amount"}),
        ("€150 for 40 minutes", {"amount", "pay_high"}),
        ("€9,500 a month", {"amount", "pay_high"}),
        ("€ 300 a month", {"amount", "pay_low"}),
        ("12 hours", {"hours_long"}),
        ("8 hours", set()),
        ("40 hours a week", set()),
        ("70 hours a week", {"hours_long"}),
        ("7 days a week", {"every_day"}),
        ("delivered in 7 days", set()),
        ("20 hours", set()),
        ("20 hours a day", {"hours_long"}),
        ("5 days", set()),
    ],
)
def test_numbers_say_what_they_mean_together(text: str, concepts: set[str]) -> None:
    words = Words.of(text)
    assert {hit.concept for hit in number_hits(words, UNITS.hits(words))} == concepts
