"""Runs ``amparo`` and kills itself with SIGKILL at a chosen moment: ``kill_driver.py MODE COMMITS SEED -- ARGS...``.

MODE is ``transaction`` (rows written, not committed), ``sealing`` (committed, not sealed), ``sealed`` (in the chain,
outbox rows still there) or ``random`` (up to a third of a second later). Each only after COMMITS chunks were committed
by this process.
"""

import os
import random
import signal
import sys
import threading
import time
from typing import Any

from amparo import cli
from amparo.cli import start as cli_start


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(10)


def arm(mode: str, commits: int, seed: int) -> None:
    from amparo.casework import scan
    from amparo.catalogue.ledger import CatalogueLedger
    from amparo.catalogue.outbox import Sealer
    from amparo.catalogue.writer import Writer
    from amparo.evidence.custody import CustodyLog

    done = 0
    scan._SEAL_EVERY = 0.0
    commit, write, seal, log_seal = CatalogueLedger.commit, Writer.write, Sealer.seal, CustodyLog.seal

    def counted(self: Any, visited: Any) -> None:
        nonlocal done
        commit(self, visited)
        done += 1
        if mode == "random" and done == commits:
            wait = random.Random(seed).uniform(0, 0.3)
            threading.Timer(wait, die).start()

    def written(self: Any, records: Any) -> Any:
        result = write(self, records)
        if mode == "transaction" and done >= commits and result is not None:
            die()
        return result

    def sealing(self: Any, case: Any = None) -> Any:
        if mode == "sealing" and done >= commits and case is not None:
            die()
        return seal(self, case)

    def sealed(self: Any, events: Any) -> Any:
        head = log_seal(self, events)
        if mode == "sealed" and done >= commits and events:
            die()
        return head

    CatalogueLedger.commit = counted  # type: ignore[method-assign]
    Writer.write = written  # type: ignore[method-assign]
    Sealer.seal = sealing  # type: ignore[method-assign]
    CustodyLog.seal = sealed  # type: ignore[method-assign]


def main() -> None:
    mode, commits, seed, _, *arguments = sys.argv[1:]
    start = cli_start.start

    def armed() -> Any:
        installation = start()
        arm(mode, int(commits), int(seed))
        return installation

    for module in ("scan",):
        sys.modules[f"amparo.cli.{module}"].start = armed  # type: ignore[attr-defined]
    sys.argv = ["amparo", *arguments]
    cli.main()


if __name__ == "__main__":
    main()
