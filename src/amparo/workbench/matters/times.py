"""Days and times that a person typed. All are UTC: no other zone exists on these pages."""

import datetime

from django.utils.translation import gettext

from amparo.evidence.errors import BadInput


def day(text: str) -> datetime.date | None:
    """Of an ``<input type="date">``, None where it is empty. Raises BadInput."""
    if not text.strip():
        return None
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("This is not a day.", "Write it as year-month-day, for example 2027-03-31.") from error


def moment(text: str) -> datetime.datetime | None:
    """Of an ``<input type="datetime-local">``, read as UTC; None where it is empty. Raises BadInput."""
    if not text.strip():
        return None
    try:
        found = datetime.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("This is not a time.", "Write day and time in UTC, for example 2027-03-31T14:05.") from error
    if found.tzinfo is not None:
        raise BadInput("This time names a zone.", "Write it in UTC, without a zone.")
    return found.replace(tzinfo=datetime.UTC)


def needed(text: str, field: str) -> datetime.datetime:
    """The same where a time has to be given; ``field`` is its label, as the person sees it."""
    found = moment(text)
    if found is None:
        hint = gettext("Write day and time in UTC, for example 2027-03-31T14:05.")
        raise BadInput(gettext("%(field)s: nothing is written here.") % {"field": field}, hint)
    return found


def shown(at: datetime.datetime | None) -> str:
    """As the field of a form holds it."""
    return "" if at is None else f"{at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M}"
