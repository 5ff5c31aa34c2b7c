"""Looking at files a person names, outside any Case: in a worker with limits, as a scan looks at evidence."""

import dataclasses
import os
from types import TracebackType

from amparo.evidence.errors import BadInput
from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.limits import Limits
from amparo.pipeline.memory import MemoryLedger
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory, Plan
from amparo.pipeline.task import KnownContent
from amparo.sources.folder import root_child

_READER = Factory("amparo.sources.reader:SourceReader", {"root": b"/"})


@dataclasses.dataclass(frozen=True, slots=True)
class Looked:
    """What was found in one file: its Content, and the kind and facts of every Finding."""

    content: KnownContent
    findings: tuple[tuple[str, dict[str, object]], ...]


class OneFile:
    """Runs a plan on single files. One worker process for all of them, started with the first."""

    def __init__(self, plan: Plan, limits: Limits) -> None:
        self._plan = plan
        self._engine = PoolEngine(plan, _READER, limits, 1)

    def __enter__(self) -> "OneFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.close()

    def look(self, path: str) -> Looked:
        """Look at one ordinary file, following a link a person names.

        Raises BadInput, also where a worker reached a limit or crashed: what was not looked at is not "not found".
        """
        real = os.path.realpath(os.fsencode(path))
        try:
            child = root_child(real)
        except OSError as error:
            raise BadInput(f"Cannot read {path!r}: {error.strerror}.", "Check the path and its permissions.") from error
        if not os.path.isfile(real):
            raise BadInput(f"Not an ordinary file: {path!r}", "Name a file.")
        child = dataclasses.replace(child, step=dataclasses.replace(child.step, path=real.lstrip(b"/")))
        ledger = MemoryLedger(self._plan, child)
        run(ledger, self._engine)
        contents = ledger.contents()
        failures = ledger.failures()
        if failures or not contents:
            raise BadInput(f"Cannot read {path!r}: {', '.join(failures)}.", "See docs/reference/reasons.md.")
        return Looked(contents[0], tuple(ledger.findings()))
