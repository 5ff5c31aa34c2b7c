"""Somebody else at work meanwhile: a process that writes, or reads, a row every 20 ms and notes how long each took.

``with Bystander("write", case) as other: ...`` and then ``other.waits``, milliseconds. An act that the database
refuses (SQLite after 30 seconds, by the setting of Amparo) counts among ``other.refused``. Started by itself with its
two arguments it acts until its input ends.
"""

import json
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

PAUSE = 0.02  # seconds between two acts


class Bystander:
    """Acts on the Case with this key from here to the end of the block."""

    def __init__(self, act: str, case: int) -> None:
        self.waits: list[float] = []
        self.refused = 0
        self._command = [sys.executable, __file__, act, str(case)]

    def __enter__(self) -> "Bystander":
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._line()
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self.waits, self.refused = json.loads(self._line())
        self._process.wait()

    def _line(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise SystemExit("The bystander ended.")
        return line

    def __str__(self) -> str:
        return f"{spread(self.waits)}, of {len(self.waits):,}; refused {self.refused}"


def spread(milliseconds: list[float]) -> str:
    """For people."""
    p95 = statistics.quantiles(milliseconds, n=20, method="inclusive")[18] if len(milliseconds) > 1 else milliseconds[0]
    return f"p50 {statistics.median(milliseconds):.1f} ms, p95 {p95:.1f} ms, longest {max(milliseconds):.1f} ms"


def main() -> None:
    """Act until the input ends."""
    import django

    django.setup()
    from django.db import OperationalError

    act, waits, refused = _acts(sys.argv[1], int(sys.argv[2])), [], 0
    act()  # the first connects
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        began = time.perf_counter()
        try:
            act()
        except OperationalError:
            refused += 1
        waits.append((time.perf_counter() - began) * 1e3)
    print(json.dumps((waits, refused)), flush=True)


def _acts(name: str, case: int) -> Callable[[], Any]:
    from django.db.models import F

    from amparo.catalogue.models import Case, Item

    if name == "write":
        return lambda: Case.objects.filter(pk=case).update(two_people=F("two_people"))
    return lambda: list(Item.objects.filter(case=case).order_by("pk")[:60])


if __name__ == "__main__":
    main()
