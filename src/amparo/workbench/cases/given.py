"""What a person typed into a form of a Case, read into values. Raises BadInput that names the field."""

import datetime
import os
from collections.abc import Mapping

from amparo.accounts.permissions import Role
from amparo.casework.cases import NewAuthority
from amparo.casework.reach import scope_within_reach
from amparo.config import Settings
from amparo.evidence.errors import BadInput

_MOST_PATHS = 100


def typed(post: Mapping[str, str], *names: str) -> dict[str, str]:
    """What stands in these fields, to be shown again if it is refused. Without NUL, which PostgreSQL cannot store."""
    return {name: post.get(name, "").replace("\0", "") for name in names}


def authority(given: Mapping[str, str], settings: Settings) -> NewAuthority:
    """From ``text``, ``until`` (a date, its whole day counts) and ``paths`` (one a line, where the browser reaches)."""
    paths = [line.strip() for line in given["paths"].splitlines() if line.strip()]
    if len(paths) > _MOST_PATHS:
        raise BadInput(
            "The scope has at most %(most)s paths, one a line.", "Name the folders above them.", {"most": _MOST_PATHS}
        )
    if not paths:
        raise BadInput("An authority given here needs the folders that it covers.", "Write one folder a line.")
    if any(not path.startswith("/") for path in paths):
        raise BadInput("A folder of the scope is not a full path.", "Write it from the first / on.")
    scope = scope_within_reach(settings, map(os.fsencode, paths))
    return NewAuthority(given["text"], _until(given["until"]), scope)


def role(text: str) -> Role:
    """A role by its token."""
    try:
        return Role(text)
    except ValueError as error:
        raise BadInput("Choose a role.", "The list shows which there are.") from error


def key(text: str | None) -> int | None:
    """Where a page goes on: a number, or None for its beginning and for whatever else stands in an address."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 18 else None


def _until(text: str) -> datetime.datetime | None:
    if not text.strip():
        return None
    try:
        day = datetime.date.fromisoformat(text.strip())
        following = day + datetime.timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise BadInput("The last day is not a date.", "Write it as year-month-day, for example 2027-03-31.") from error
    end = datetime.datetime.combine(following, datetime.time(), datetime.UTC)
    if end <= datetime.datetime.now(datetime.UTC):
        raise BadInput("The last day has passed already.", "Give a later day, or leave it empty if none is stated.")
    return end
