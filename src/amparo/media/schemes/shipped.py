"""The rule files that come with Amparo, and which versions of schemes hold on a day."""

import datetime
import functools
import importlib.resources
import itertools
from collections.abc import Iterable

from amparo.evidence.errors import BadInput
from amparo.media.schemes.rule_file import parse_scheme
from amparo.media.schemes.scheme import Scheme

_FOLDER = importlib.resources.files("amparo.media.schemes") / "rules"


@functools.cache
def every_version() -> tuple[Scheme, ...]:
    """Every version of every scheme that comes with Amparo, by name and first day."""
    files = (entry for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))
    return together(parse_scheme(entry.read_bytes()) for entry in files)


def together(versions: Iterable[Scheme]) -> tuple[Scheme, ...]:
    """The versions by name and first day: those shipped and those of the operator, for example.

    Raises BadInput where two versions of one scheme hold on the same day or have the same number.
    """
    found = sorted(versions, key=lambda each: (each.name, each.valid_from, each.version))
    for first, second in itertools.pairwise(found):
        ends = first.valid_until or second.valid_from
        if first.name == second.name and (ends > second.valid_from or first.valid_from == second.valid_from):
            raise BadInput(
                f"Versions {first.version} and {second.version} of {first.name} hold on the same day.",
                "Give the later one a later valid_from.",
            )
    numbers = [(each.name, each.version) for each in found]
    for name, version in numbers:
        if numbers.count((name, version)) > 1:
            raise BadInput(f"There are two versions {version} of {name}.", "Give the later one its own number.")
    return tuple(found)


def schemes(at: datetime.date, among: tuple[Scheme, ...] | None = None) -> tuple[Scheme, ...]:
    """The versions in force on a day, at most one of a scheme; ``among`` comes from ``together``."""
    begun = {each.name: each for each in (every_version() if among is None else among) if each.valid_from <= at}
    return tuple(each for each in begun.values() if each.valid_until is None or at < each.valid_until)


def by_digest(digest: str, among: tuple[Scheme, ...] | None = None) -> Scheme:
    """The version whose rule file has this digest, in force or not. Raises BadInput where there is none."""
    for each in every_version() if among is None else among:
        if each.digest == digest:
            return each
    raise BadInput(f"No rule file has the digest {digest[:64]!a}.", "Load the file the grade was derived with.")
