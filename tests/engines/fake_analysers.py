"""Analysers that behave badly on purpose, by the name of the file they are given."""

import ctypes
import os
import time
from typing import Any, ClassVar

from amparo.evidence.finding import Finding
from amparo.evidence.outcome import Ok, Outcome, Skipped
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.stage import Visit
from amparo.pipeline.view import View


class Poison(Analyser):
    """Crashes, hangs or eats memory on files named so; counts bytes of the others."""

    name: ClassVar[str] = "poison"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.FIRST

    def analyse(self, view: View, state: Any) -> Outcome:
        path = view.task.locator.path
        if path.endswith(b"segfault"):
            ctypes.string_at(0)
        if path.endswith(b"hang"):
            while True:
                time.sleep(1)
        if path.endswith(b"memory"):
            hoard = []
            while True:
                hoard.append(bytearray(64 * 1024 * 1024))
        if path.endswith(b"exit"):
            os._exit(3)
        if path.endswith(b"raise"):
            raise ValueError("surprise")
        if path.endswith(b"skip"):
            return Skipped("encrypted")
        return Ok((Finding("fake.size", {"size": view.digests().size, **self.config}),))


class Slow(Analyser):
    """Takes ``seconds`` per Content."""

    name: ClassVar[str] = "slow"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.SECOND

    def analyse(self, view: View, state: Any) -> Outcome:
        time.sleep(self.config.get("seconds", 0.0))
        assert view.task.content is not None
        return Ok((Finding("fake.content", {"md5": view.task.content.md5.hex()}),))
