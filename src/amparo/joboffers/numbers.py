"""Numbers of an advertisement: money with its currency and period, hours, and what they say together.

Money is worth what the currency table (``data/wages.toml``) says; pay is compared per hour with the reference wage of
the currency, so that "150 for 40 minutes" and "9,500 a month" are seen alike.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from amparo.joboffers.lexicon import Hit
from amparo.text.words import Words

_GROUPED = (".", ",", "'", "’", "\u00a0", "\u202f", " ", "٬")  # noqa: RUF001 (all are seen between thousands)
_HOURS = {"per_hour": 1.0, "per_day": 8.0, "per_week": 40.0, "per_month": 173.0, "per_year": 2080.0}
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "₹": "INR", "৳": "BDT", "₱": "PHP", "₦": "NGN", "₺": "TRY", "R$": "BRL"}
_HIGH, _LOW = 4.0, 0.35
_LONG_DAY, _LONGEST_SHIFT, _LONG_WEEK, _LONG_MONTH = 11.5, 18, 60, 28


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money: words ``first`` to ``last``, ``value`` in units of ``currency`` (ISO 4217, "" if not said)."""

    first: int
    last: int
    value: float
    currency: str


@cache
def wages() -> dict[str, float]:
    """Reference pay per hour for work without training, by currency (``data/wages.toml``)."""
    data = tomllib.loads((files("amparo.joboffers") / "data" / "wages.toml").read_text())
    return {code: float(value) for code, value in data["hourly"].items()}


@cache
def _currency_words() -> dict[str, str]:
    data = tomllib.loads((files("amparo.joboffers") / "data" / "wages.toml").read_text())
    return {word: code for code, words in data["names"].items() for word in words.split()}


def _value(word: str) -> float | None:
    digits = word.rstrip("k")
    if digits.isdigit() and len(digits) <= 12:
        return float(int(digits)) * (1000 if word.endswith("k") and digits != word else 1)
    return None


def numbers(text: Words, multipliers: dict[int, float]) -> list[tuple[int, int, float]]:
    """First word, last word and value of every number; ``1.300``, ``1 300`` and ``1,300`` are one number of two words.

    ``multipliers``: places of words such as "thousand" or "lakh" with what they multiply by.
    """
    found: list[tuple[int, int, float]] = []
    words = text.words
    at = 0
    while at < len(words):
        value = _value(words[at])
        if value is None:
            at += 1
            continue
        first = at
        while (
            at + 1 < len(words) and words[at].isdigit() and len(words[at + 1]) in (2, 3) and words[at + 1].isdigit()
            and text.gap(at + 1) in _GROUPED and (len(words[at + 1]) == 3 or text.gap(at + 1) == ",")
            and 0 < len(words[first]) <= 3
        ):  # fmt: skip
            if len(words[at + 1]) == 2 and not (
                at + 2 < len(words) and len(words[at + 2]) == 3 and text.gap(at + 2) == ","
            ):
                break  # "14,20" is a decimal; "1,20,000" is how South Asia groups
            value = value * 10 ** len(words[at + 1]) + int(words[at + 1])
            at += 1
        if (
            at + 1 < len(words)
            and text.gap(at + 1) in (",", ".")
            and len(words[at + 1]) <= 2
            and words[at + 1].isdigit()
        ):
            value += int(words[at + 1]) / 10 ** len(words[at + 1])
            at += 1
        if at + 1 in multipliers:
            value *= multipliers[at + 1]
            at += 1
        found.append((first, at, value))
        at += 1
    return found


def amounts(text: Words, found: list[tuple[int, int, float]]) -> list[Amount]:
    """The numbers beside a currency, by sign (€, $) or name, before or after."""
    words, names = text.words, _currency_words()
    out = []
    for first, last, value in found:
        currency = ""
        before, after = (
            text.gap(first),
            text.gap(last + 1) if last + 1 < len(words) else text.text[text.end(last) :][:3],
        )
        next_is_number = last + 1 < len(words) and words[last + 1][0].isdigit()
        for symbol, code in _SYMBOLS.items():
            if symbol in before[-3:] or (symbol in after[:3] and not (next_is_number and after.endswith(symbol))):
                currency = code
        if currency == "USD" and first > 0 and words[first - 1] == "r":
            currency = "BRL"
        if not currency:
            for beside in (first - 1, last + 1, last + 2):
                if (
                    0 <= beside < len(words)
                    and words[beside] in names
                    and (beside <= last + 1 or text.clauses[beside] == text.clauses[last])
                ):
                    currency = names[words[beside]]
                    break
        if currency:
            out.append(Amount(first, last, value, currency))
    return out


def number_hits(text: Words, hits: list[Hit]) -> list[Hit]:
    """Concepts that numbers make: ``amount``, ``pay_high``, ``pay_low``, ``hours_long``, ``every_day``.

    ``hits`` gives the words the numbers need: periods (``per_hour`` ...), units (``hours``, ``days``, ``minutes``) and
    multipliers (``thousand``, ``hundred_thousand``, ``million``).
    """
    where: dict[str, set[int]] = {}
    for hit in hits:
        where.setdefault(hit.concept, set()).add(hit.first)
    scale = {"thousand": 1e3, "hundred_thousand": 1e5, "million": 1e6}
    multipliers = {at: factor for concept, factor in scale.items() for at in where.get(concept, ())}
    found = numbers(text, multipliers)
    if not found:
        return []
    out: list[Hit] = []
    table = wages()
    low: list[Hit] = []
    highest: dict[int, float] = {}  # by sentence: beside a wage, a lower sum is an allowance or the start of a range
    for amount in amounts(text, found):
        out.append(Hit("amount", amount.first, amount.last))
        hours = _hours_near(text, amount, where, found)
        if hours is None or amount.currency not in table:
            continue
        ratio = amount.value / hours / table[amount.currency]
        sentence = text.sentences[amount.first]
        highest[sentence] = max(highest.get(sentence, 0), ratio)
        if ratio >= _HIGH:
            out.append(Hit("pay_high", amount.first, amount.last))
        elif 0 < ratio < _LOW:
            low.append(Hit("pay_low", amount.first, amount.last))
    out += [hit for hit in low if highest[text.sentences[hit.first]] < _LOW]
    days, weeks, months = (where.get(period, set()) for period in ("per_day", "per_week", "per_month"))
    for first, last, value in found:
        unit = last + 1
        after = range(unit + 1, unit + 4)
        if unit in where.get("hours", ()):
            longest = _LONG_WEEK if any(at in weeks for at in after) else _LONG_DAY
            most = 168 if longest == _LONG_WEEK else 24 if any(at in days for at in after) else _LONGEST_SHIFT
            if longest <= value <= most:
                out.append(Hit("hours_long", first, unit))
        if unit in where.get("days", ()) and (
            (value == 7 and any(at in weeks for at in after))
            or (_LONG_MONTH < value <= 31 and any(at in months for at in after))
        ):
            out.append(Hit("every_day", first, unit))
    return out


def _hours_near(
    text: Words, amount: Amount, where: dict[str, set[int]], found: list[tuple[int, int, float]]
) -> float | None:
    """Hours of work that the sum pays for: minutes or hours of the same sentence, else the period nearest to it."""
    sentence = text.sentences[amount.first]
    for first, last, value in found:
        if (
            last + 1 in where.get("minutes", ())
            and text.sentences[first] == sentence
            and abs(first - amount.first) < 14
            and value > 0
        ):
            return value / 60
    best: tuple[int, float] | None = None
    for period, hours in _HOURS.items():
        for at in where.get(period, ()):
            if text.sentences[at] != sentence:
                continue
            away = at - amount.last if at > amount.last else (amount.first - at) + 2
            if 0 < away <= 7 and (best is None or away < best[0]):
                best = (away, hours)
    return best[1] if best else None
