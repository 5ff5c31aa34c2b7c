"""Runs ``amparo`` and kills itself with SIGKILL in a change of a Bank: ``bank_kill_driver.py MODE N SEED -- ARGS...``.

MODE is ``sealing`` (half of a sealed file is written), ``stored`` (a file is sealed, no row names it),
``transaction`` (rows written, not committed), ``sweeping`` (committed, nothing swept), ``sealed`` (custody is sealed)
or ``random`` (up to half a second after the command began to work); each at its N-th occasion, from 1.
"""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from amparo import cli
from amparo.cli import start as cli_start


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(10)


def arm(mode: str, number: int, seed: int) -> None:
    from amparo.catalogue import bank_files, banks
    from amparo.catalogue.outbox import Sealer

    occasions = 0

    def occasion() -> bool:
        nonlocal occasions
        occasions += 1
        return occasions == number

    def dying(function: Callable[..., Any], before: bool = False) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            last = occasion()
            if last and before:
                die()
            result = function(*given, **named)
            if last:
                die()
            return result

        return watched

    def half(source: Any, target: Any, key: bytes) -> None:
        if occasion():
            target.write(b"AMPSEAL\0half")
            target.flush()
            die()
        seal(source, target, key)

    seal = bank_files.seal
    if mode == "random":
        threading.Timer(random.Random(seed).uniform(0, 0.5), die).start()
    elif mode == "sealing":
        bank_files.seal = half
    elif mode == "stored":
        bank_files.BankFiles.add = dying(bank_files.BankFiles.add)  # type: ignore[method-assign]
    elif mode == "transaction":
        banks.count = dying(banks.count)
    elif mode == "sweeping":
        banks.Banks.sweep = dying(banks.Banks.sweep, before=True)  # type: ignore[method-assign]
    elif mode == "sealed":
        Sealer.seal = dying(Sealer.seal)  # type: ignore[method-assign]


def main() -> None:
    mode, number, seed, _, *arguments = sys.argv[1:]
    start = cli_start.start

    def armed() -> Any:
        installation = start()
        arm(mode, int(number), int(seed))
        return installation

    sys.modules["amparo.cli.bank"].start = armed  # type: ignore[attr-defined]
    sys.argv = ["amparo", *arguments]
    cli.main()


if __name__ == "__main__":
    main()
