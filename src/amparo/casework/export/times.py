"""The Moments of an Item as other formats want them: ISO 8601 in UTC, or not at all."""

import datetime
import json

from amparo.catalogue.models import Item
from amparo.evidence.moment import Basis

_TIMES = ("modified", "accessed", "created")


def stated_times(row: Item) -> dict[str, str]:
    """Of ``modified``, ``accessed`` and ``created`` those whose zone is known; nine digits of a second."""
    times = {}
    for field, ns, basis, _, _ in json.loads(row.moments):
        if field in _TIMES and Basis(basis) is not Basis.LOCAL_UNKNOWN and field not in times:
            seconds, rest = divmod(ns, 1_000_000_000)
            try:
                when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
            except (OverflowError, ValueError, OSError):  # evidence may state any year
                continue
            times[field] = f"{when:%Y-%m-%dT%H:%M:%S}.{rest:09d}+00:00".rjust(35, "0")  # years below 1000, too
    return times
