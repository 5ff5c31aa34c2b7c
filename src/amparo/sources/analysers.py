"""The Analysers of the first visit: what lies in a directory, what the bytes are, what lies inside them."""

from typing import ClassVar

from amparo.evidence.finding import Fact, Finding
from amparo.evidence.item import Child
from amparo.evidence.outcome import Failed, Ok, Outcome, Skipped
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.ports import Declined, Unreadable
from amparo.pipeline.record import DIGESTS, MEDIA_TYPE
from amparo.pipeline.stage import Visit
from amparo.pipeline.view import View
from amparo.pipeline.visit import os_reason
from amparo.sources.media_types import UNOPENED_TYPES, media_type


class Walk(Analyser):
    """Every entry of a directory becomes an Item."""

    name: ClassVar[str] = "walk"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.WALK

    def analyse(self, view: View, state: None) -> Outcome:
        """Children sorted by raw name; what was listed before an error is kept."""
        children = []
        try:
            for child in view.reader.entries(view.task.locator):
                children.append(child)
        except OSError as error:
            return Failed(os_reason(error), children=tuple(children))
        return Ok(children=tuple(children))


class DigestsOf(Analyser):
    """SHA-256, SHA-1, MD5 and the size in bytes, in one pass."""

    name: ClassVar[str] = "digests"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.FIRST

    def analyse(self, view: View, state: None) -> Outcome:
        """One ``content.digests`` Finding; digests are lower-case hex."""
        found = view.digests()
        facts: dict[str, Fact] = {
            "sha256": found.sha256.hex(),
            "sha1": found.sha1.hex(),
            "md5": found.md5.hex(),
            "size": found.size,
        }
        return Ok((Finding(DIGESTS, facts),))


class MediaType(Analyser):
    """What the bytes are by their content; names and extensions are not believed."""

    name: ClassVar[str] = "media_type"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.FIRST

    def analyse(self, view: View, state: None) -> Outcome:
        """One ``content.media_type`` Finding."""
        return Ok((Finding(MEDIA_TYPE, {"media_type": _media_type(view)}),))


class Unpack(Analyser):
    """The members of a container become Items. Nothing is written to disk."""

    name: ClassVar[str] = "unpack"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.FIRST

    def wants(self, view: View) -> bool:
        """Whether the Reader can list this type, or it is one that holds more than we can see."""
        return view.reader.opens(_media_type(view)) or _media_type(view) in UNOPENED_TYPES

    def analyse(self, view: View, state: None) -> Outcome:
        """All members as children; those listed before damage or a limit are kept."""
        kind = _media_type(view)
        if not view.reader.opens(kind):
            return Skipped("no-opener")
        children: list[Child] = []
        try:
            for child in view.reader.members(view.task.locator, kind, view.task.budget):
                children.append(child)
        except Unreadable as error:
            return _ended(error.reason, children)
        except Declined as error:
            return Skipped(error.reason)
        return Ok(children=tuple(children))


def _media_type(view: View) -> str:
    return view.cached("media_type", lambda: media_type(view.head()))


def _ended(reason: str, children: list[Child]) -> Outcome:
    """Damage belongs to the evidence and is a Finding; a limit is ours and is a failure."""
    if reason == "damaged":
        return Ok((Finding("archive.damaged", {"members_listed": len(children)}),), tuple(children))
    return Failed(reason, children=tuple(children))
