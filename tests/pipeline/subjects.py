"""Tasks and a Reader over a dictionary, for tests of one visit."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Entry, Locator, Step
from amparo.evidence.outcome import Ok, Outcome
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import KnownContent, Task
from amparo.pipeline.view import View

FILES: dict[bytes, bytes | Exception] = {}
ERRORS: dict[str, Exception] = {}


class DictReader:
    """Reads FILES and counts how often."""

    opened = 0

    def open(self, locator: Locator, size: int | None = None) -> BinaryIO:
        self.opened += 1
        data = FILES[locator.path]
        if isinstance(data, Exception):
            raise data
        return io.BytesIO(data)

    def entries(self, locator: Locator) -> Iterator[Child]:
        return iter(())

    def members(self, locator: Locator, media_type: str, budget: int | None) -> Iterator[Child]:
        return iter(())

    def opens(self, media_type: str) -> bool:
        return False

    def close(self) -> None:
        self.opened = -1


def task(path: bytes = b"f", due: tuple[int, ...] = (0,), visit: Visit = Visit.FIRST, **fields: Any) -> Task:
    size = fields.pop("size", 1)
    return Task(1, visit, Locator((Step("folder", path),)), Entry.FILE, size, due, **fields)


def known(sha256: bytes, size: int) -> KnownContent:
    return KnownContent(sha256, bytes(20), bytes(16), size, "text/plain")


class Reads(Analyser):
    """The first stage: reads all bytes."""

    name: ClassVar[str] = "reads"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.FIRST

    def analyse(self, view: View, state: None) -> Outcome:
        return Ok((Finding("test.size", {"size": view.digests().size}),))


class Acts(Analyser):
    """Does what its configuration says: ``raises`` one of ERRORS, ``skips``, is not ``wanted``, or says it ran."""

    name: ClassVar[str] = "acts"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.FIRST

    def wants(self, view: View) -> bool:
        return bool(self.config.get("wanted", True))

    def setup(self) -> list[int]:
        return []

    def analyse(self, view: View, state: list[int]) -> Outcome:
        if (name := self.config.get("raises")) is not None:
            raise ERRORS[name]
        state.append(1)
        return Ok((Finding("test.ran", {"times": len(state)}),))


class Again(Acts):
    """A second one under another name."""

    name: ClassVar[str] = "again"
