"""An older version left so many Items without words: how long until a search finds all of them, and who waits?

The database is as the migration of the search index leaves it, and ``amparo worker`` has nothing else to do. Printed:
seconds, Items a second, how long one step takes (goal: p95 at most 200 ms, for others cannot write meanwhile on
SQLite), and how long another process waits that writes a row every 20 ms: SQLite has no queue of those who wait, so
that can be many steps. No peer: what a word is, and the index of
both databases, are Amparo's own (docs/adr/0018), so growth over ``--n`` stands in for one. Each round has a home of its
own. Run on SQLite, or on PostgreSQL through scripts/postgres.py, where a round has a Case of its own in one database.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

GOAL = 200  # ms


def main() -> None:
    """Run the rounds in processes of their own, print each and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, nargs="+", default=[10_000, 100_000], help="Items that wait")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(given.one)))
        return
    before = 0.0
    for number in sorted(given.n):
        rounds: list[dict[str, Any]] = []
        for _ in range(given.rounds):
            with tempfile.TemporaryDirectory(prefix="amparo-bench-") as home:
                environment = os.environ | {"AMPARO_HOME": home, "DJANGO_SETTINGS_MODULE": "amparo.web.settings"}
                command = [sys.executable, __file__, "--one", str(number)]
                done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            rounds.append(json.loads(done.stdout.splitlines()[-1]))
            print(f"  {number:,}, {rounds[-1]['store']}: step {rounds[-1]['step']}", flush=True)
            print(f"    another writes meanwhile: {rounds[-1]['other']}", flush=True)
        seconds, p95 = (statistics.median(each[name] for each in rounds) for name in ("seconds", "p95"))
        rate = number / seconds
        growth = f", {rate / before:.2f} x the rate of the smaller" if before else ""
        single = " ".join(f"{each['seconds']:.1f}" for each in rounds)
        print(f"{number:,} Items, {rounds[0]['store']}: {seconds:.1f} s ({single}), {rate:,.0f} Items/s{growth}; "
              f"step p95 {p95:.0f} ms (goal: at most {GOAL})", flush=True)  # fmt: skip
        before = rate


def _one(number: int) -> dict[str, Any]:
    from amparo.cli.start import start

    installation = start()
    from bystander import Bystander, spread
    from django.db import connection
    from seeded_case import seed_rows

    from amparo.casework.worker import work
    from amparo.catalogue import search_backlog
    from amparo.catalogue.models import Item, SearchText

    case = seed_rows(installation, f"BACKLOG-{number}-{time.time_ns()}", number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    steps: list[float] = []
    step = search_backlog.step

    def timed() -> bool:
        began = time.perf_counter()
        more = step()
        if not more:
            raise KeyboardInterrupt  # as whoever stops a worker
        steps.append((time.perf_counter() - began) * 1e3)
        return more

    search_backlog.step = timed
    with Bystander("write", case.pk) as other:
        began = time.perf_counter()
        with contextlib.suppress(KeyboardInterrupt):
            work(installation)
        seconds = time.perf_counter() - began
    if not SearchText.objects.filter(item__case=case).count() == Item.objects.filter(case=case).count() > number:
        raise SystemExit("Items are still without words.")
    p95 = statistics.quantiles(steps, n=20, method="inclusive")[18]
    return {
        "store": connection.vendor,
        "seconds": seconds,
        "p95": p95,
        "step": spread(steps),
        "other": str(other),
    }


if __name__ == "__main__":
    main()
