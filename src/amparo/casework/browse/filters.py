"""What a list is narrowed to, as an address says it."""

import dataclasses
from collections.abc import Iterator, Mapping

_LONGEST = 200  # characters of a filter


@dataclasses.dataclass(frozen=True, slots=True)
class Filters:
    """Empty texts narrow nothing. The fields are the names in the address, in the order in which pages show them.

    ``lead``: the kind of a Finding. ``grade``: what the Decisions on its bytes come to. ``outcome``: a state, or state
    and reason as in ``failed:limit-time``. ``taken``, ``modified``: a year, a month or a day as in ``2024-05``, of the
    time that a picture states and of the time that stands beside a file. ``camera``: 16 hex digits over what pictures
    state about theirs. ``folder``: the number of the Item that holds it, at any depth. ``device``: the number of an
    Exhibit that was scanned. ``source``: its UUID. ``q``: words of the path, of its notes and of what was found, all of
    them in any case and order (:mod:`amparo.catalogue.search_words`).
    """

    lead: str = ""
    grade: str = ""
    outcome: str = ""
    type: str = ""
    taken: str = ""
    modified: str = ""
    camera: str = ""
    folder: str = ""
    device: str = ""
    source: str = ""
    q: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Filters":
        """From an address, whatever it holds."""
        values = {each.name: given.get(each.name, "").replace("\0", "").strip() for each in dataclasses.fields(cls)}
        return cls(**{name: value[:_LONGEST] for name, value in values.items()})

    @property
    def set(self) -> dict[str, str]:
        """Those that narrow something."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value}

    def but(self, **given: str) -> "Filters":
        """The same with some of them changed."""
        return dataclasses.replace(self, **given)


def chips(filters: Filters) -> Iterator[tuple[str, str, Filters]]:
    """(name, value, filters without it) of each filter that is set."""
    for name, value in filters.set.items():
        yield name, value, filters.but(**{name: ""})
