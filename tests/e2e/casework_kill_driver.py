"""Runs ``amparo`` and kills itself with SIGKILL: ``casework_kill_driver.py MODE N -- ARGS...``, at the N-th occasion.

MODE is ``committed`` (a chunk of work is), ``writing`` (its rows are written, not committed), ``fetched`` (one part of
a fetch is stored), ``fetching`` (its rows are written, not committed), ``moving`` (rows of an old Bank lie in files,
and are not gone), ``indexed`` (a step of the backlog of words is stored), or ``indexing`` (a part of it is written, not
committed).
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import django

from amparo import cli


def arm(mode: str, number: int) -> None:
    from amparo.catalogue import bank_rows, banks, search, search_backlog
    from amparo.catalogue.ledger import CatalogueLedger
    from amparo.catalogue.writer import Writer

    occasions = 0

    def dying(function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            nonlocal occasions
            result = function(*given, **named)
            occasions += 1
            if occasions == number:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(10)
            return result

        return watched

    if mode == "committed":
        CatalogueLedger.commit = dying(CatalogueLedger.commit)  # type: ignore[method-assign]
    elif mode == "writing":
        Writer.write = dying(Writer.write)  # type: ignore[method-assign]
    elif mode == "fetched":
        banks.Banks.put = dying(banks.Banks.put)  # type: ignore[method-assign]
    elif mode == "fetching":
        banks.count = dying(banks.count)
    elif mode == "moving":
        bank_rows.count = dying(bank_rows.count)
    elif mode == "indexed":
        search_backlog.step = dying(search_backlog.step)
    elif mode == "indexing":
        search.renew = dying(search.renew)


def main() -> None:
    mode, number, _, *arguments = sys.argv[1:]
    setup = django.setup

    def armed() -> None:
        setup()
        arm(mode, int(number))

    django.setup = armed
    sys.argv = ["amparo", *arguments]
    cli.main()


if __name__ == "__main__":
    main()
