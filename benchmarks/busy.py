"""An Analyser that keeps a core busy for two milliseconds per file, as hashing a picture does."""

import time
from typing import ClassVar

from amparo.evidence.finding import Finding
from amparo.evidence.outcome import Ok, Outcome
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.stage import Visit
from amparo.pipeline.view import View

SECONDS = 0.002


class Busy(Analyser):
    """Computes for SECONDS of processor time, then says one thing."""

    name: ClassVar[str] = "busy"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.FIRST

    def analyse(self, view: View, state: None) -> Outcome:
        """One Finding after SECONDS of this process's own processor time."""
        end = time.process_time() + SECONDS
        while time.process_time() < end:
            pass
        return Ok((Finding("busy.done", {"milliseconds": 2}),))
