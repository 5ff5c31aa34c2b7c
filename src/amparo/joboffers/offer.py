"""An advertisement as it was given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

COLUMNS = {
    "title": ("title", "job_title", "position"),
    "employer": ("employer", "company", "company_name"),
    "place": ("place", "location", "city"),
    "pay": ("pay", "salary", "salary_range"),
    "profile": ("company_profile", "profile"),
    "description": ("text", "description", "body", "ad"),
    "requirements": ("requirements",),
    "benefits": ("benefits",),
    "contact": ("contact",),
}
"""Parts of an advertisement and the columns of a table that may hold them; the public EMSCAD names among them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """``text`` is all that is assessed; ``parts`` gives the place (first, last character) of each named part in it."""

    text: str
    parts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Mapping[str, str]) -> "Offer":
        """Of a row of a table. Columns that are no part of an offer are not read; an absent one says nothing."""
        pieces: list[str] = []
        parts: dict[str, tuple[int, int]] = {}
        length = 0
        for part, names in COLUMNS.items():
            value = next((row[name] for name in names if row.get(name)), "")
            if value:
                parts[part] = (length, length + len(value))
                pieces.append(value)
                length += len(value) + 1
        return cls("\n".join(pieces), parts)

    def part(self, name: str) -> str:
        """The text of a part, or nothing."""
        first, last = self.parts.get(name, (0, 0))
        return self.text[first:last]

    def without(self, name: str) -> str:
        """The text without one part."""
        first, last = self.parts.get(name, (0, 0))
        return self.text[:first] + self.text[last:]
