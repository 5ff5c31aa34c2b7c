"""Seconds of a large Bank's life: import, merging its files, opening it, with generated entries of PDQ and MD5.

``import`` checks, sorts and writes entries that are in memory; reading a file of them comes on top. ``first opening``
unseals and verifies the Bank's files and makes the index of them all; ``again`` is what every later command pays until
the machine restarts or somebody locks the Bank key; ``after a start`` is the first opening then.
Each round has a home of its own. Nothing is compared: threatexchange keeps an index as one pickle, neither sealed nor
verified (its own opening and search are compared by near_search.py).
"""

import argparse
import hashlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

STEPS = ("import", "merge", "first opening", "again", "after a start")


def main() -> None:
    """Run the rounds, print the median of each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(*_one(given.entries))
        return
    rounds = []
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory(prefix="amparo-bench-") as home:
            command = [sys.executable, __file__, "--one", "--entries", str(given.entries)]
            environment = os.environ | {"AMPARO_HOME": home}
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            rounds.append([float(each) for each in done.stdout.split()])
    print(f"{given.entries:,} entries, median of {given.rounds} rounds")
    for name, seconds in zip(STEPS, zip(*rounds, strict=True), strict=False):
        print(f"  {name}: {statistics.median(seconds):.4f} s ({' '.join(f'{each:.4f}' for each in seconds)})")
    print(f"  most memory of the process: {statistics.median(each[-1] for each in rounds):.0f} MB")


def _one(number: int) -> list[float]:
    """Seconds of STEPS, and the peak of memory in MB."""
    from amparo.cli.start import start

    installation = start()
    from amparo.casework.bank_key import lock
    from amparo.casework.banks.store import compared, memory_of, open_banks

    banks = open_banks(installation.settings)
    opened: Callable[[], Any] = lambda: compared(installation.settings, banks)  # noqa: E731
    took = [_timed(lambda: banks.put("Generated", _entries(number), installation.recorder()))]
    took += [_timed(lambda: banks.merge("Generated")), _timed(opened), _timed(opened)]
    lock(memory_of(installation.settings))
    took.append(_timed(opened))
    lock(memory_of(installation.settings))
    return [*took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]


def _entries(number: int) -> Iterator[Any]:
    from amparo.exchange.known import KnownEntry

    today = datetime.now(UTC).date()
    for row in range(number):
        digest = hashlib.sha256(row.to_bytes(8)).digest()
        yield KnownEntry(f"row-{row}", {"pdq": digest, "md5": digest[:16]}, ("generated",), "us", "any", today, "Row")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
