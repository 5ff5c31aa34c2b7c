"""What people state on the command line, read into values."""

import datetime
from typing import Annotated

import typer

from amparo.evidence.errors import BadInput

Name = Annotated[str, typer.Option("--name", help="Name of the bank.")]


def moment(text: str | None) -> datetime.datetime | None:
    """A day, which lasts to its end, or a time with its zone. Raises BadInput."""
    if text is None:
        return None
    hint = "For example: --until 2027-01-31, or --until 2027-01-31T18:00+01:00"
    try:
        if len(text) == len("2027-01-31"):
            day = datetime.date.fromisoformat(text)
            start_of_day = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
            return start_of_day + datetime.timedelta(days=1)
        when = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"Not a date: {text!r}.", hint) from error
    if when.tzinfo is None:
        raise BadInput(f"A time needs its zone: {text!r}.", hint)
    return when


def pairs(texts: list[str]) -> dict[str, str]:
    """``name=value`` texts. Raises BadInput."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not value:
            raise BadInput(f"A setting is written name=value, not {text!r}.", "For example: --set terms='Agreement 7'")
        found[name] = value
    return found
