"""The safeguarding checklist: which points are asked before planned enforcement, and where each comes from.

The points are package data with a schema beside them; their words are English here and translated where they are shown.
"""

import dataclasses
import enum
import functools
import importlib.resources
import json

_FILE = importlib.resources.files("amparo.casework") / "checklists" / "safeguarding.json"


class Answer(enum.StrEnum):
    """What can be answered. Points are asked so that yes means: this is settled."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not-known"
    NOT_APPLICABLE = "not-applicable"


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where a point comes from: who published what, and where it can be read."""

    by: str
    title: str
    at: str


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """One thing to ask. ``origins`` empty: a point of this project's own."""

    id: str
    title: str
    question: str
    why: str
    origins: tuple[Origin, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Checklist:
    """All points in the order they are asked. ``version`` is the day of their last change."""

    version: str
    points: tuple[Point, ...]

    def point(self, name: str) -> Point | None:
        """The point of this id, None if there is none."""
        return next((each for each in self.points if each.id == name), None)


@functools.cache
def checklist() -> Checklist:
    """The one that comes with Amparo."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    origins = {key: Origin(**given) for key, given in data["sources"].items()}
    return Checklist(
        data["version"],
        tuple(
            Point(
                each["id"], each["title"], each["question"], each["why"], tuple(origins[key] for key in each["sources"])
            )
            for each in data["points"]
        ),
    )
