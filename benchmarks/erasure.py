"""An erasure writes the whole SQLite database anew: for how long, with how much room, and who waits meanwhile?

A Case of ``--erased`` Items is erased by the Job of ``amparo worker``, beside another Case of ``--n`` Items that stays,
in the same database. Printed: seconds of the whole Job and, of these, of VACUUM and of emptying the write-ahead log;
how much larger the files of the database became meanwhile, unlinked ones included (sampled every 2 ms); how long other
processes waited that read or write a row every 20 ms, and how often they were refused. VACUUM is beside a floor,
copying the same file and syncing the copy. The rate says what a million Items take if it stays the same. SQLite only:
PostgreSQL is left to its administrator.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the rounds in processes of their own, print each and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, nargs="+", default=[10_000, 100_000], help="Items of the Case that stays")
    parser.add_argument("--erased", type=int, default=1_000, help="Items of the Case that goes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(given.n[0], given.erased)))
        return
    for number in sorted(given.n):
        rounds: list[dict[str, Any]] = []
        for _ in range(given.rounds):
            with tempfile.TemporaryDirectory(prefix="amparo-bench-") as home:
                environment = os.environ | {"AMPARO_HOME": home, "DJANGO_SETTINGS_MODULE": "amparo.web.settings"}
                environment.pop("DATABASE_URL", None)
                command = [sys.executable, __file__, "--one", "--n", str(number), "--erased", str(given.erased)]
                done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            rounds.append(json.loads(done.stdout.splitlines()[-1]))
            print(f"  {number:,}: another writes: {rounds[-1]['writer']}", flush=True)
            print(f"  {number:,}: another reads: {rounds[-1]['reader']}", flush=True)
        names = ("job", "vacuum", "log", "copy", "size", "room")
        job, vacuum, log, copy, size, room = (statistics.median(each[name] for each in rounds) for name in names)
        single = " ".join(f"{each['vacuum']:.2f}" for each in rounds)
        print(
            f"{number:,} Items stay, {size:.0f} MB afterwards: the Job {job:.2f} s, of these VACUUM {vacuum:.2f} s "
            f"({single}; {vacuum / copy:.1f} x copying the file), {size / vacuum:.0f} MB/s, emptying the log "
            f"{log:.2f} s; {room:.0f} MB of room beyond the database ({room / size:.2f} x its size afterwards)",
            flush=True,
        )
    print(f"A million at the last rate: VACUUM {vacuum * 1e6 / number:.0f} s, {room / number * 1e3:.1f} GB of room")


def _one(number: int, erased: int) -> dict[str, Any]:
    from amparo.cli.start import start

    installation = start()
    from bystander import Bystander
    from django.db import connection
    from seeded_case import judge, lead, seed

    from amparo.casework.erasure import ask, carry_out
    from amparo.casework.worker import run_next
    from amparo.catalogue.models import JobState, Member

    stays, goes = seed(installation, "STAYS", number), seed(installation, "GOES", erased)
    judge(installation, stays)
    people = [lead(installation, goes) for _ in range(2)]
    asks, carries = (Member.objects.get(case=goes, user=user) for user in people)
    erasure = ask(installation.acting(people[0].actor), asks, "Benchmark of erasure")
    carry_out(installation.acting(people[1].actor), carries, erasure, goes.reference)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database = Path(connection.settings_dict["NAME"])
    copy = _copied(database)
    took = {"VACUUM": 0.0, "PRAGMA wal_checkpoint": 0.0}
    held = _Held()
    with Bystander("write", stays.pk) as writer, Bystander("read", stays.pk) as reader, held.watched():
        began = time.perf_counter()
        with connection.execute_wrapper(_timing(took)):
            job = run_next(installation)
        seconds = time.perf_counter() - began
    if job is None:
        raise SystemExit("There was no job.")
    job.refresh_from_db()
    if job.state != JobState.DONE:
        raise SystemExit(f"The job ended as {job.state}: {job.problem}")
    vacuum, log = took.values()
    return {
        "job": seconds, "vacuum": vacuum, "log": log, "copy": copy, "size": database.stat().st_size / 1e6,
        "room": held.most / 1e6, "writer": str(writer), "reader": str(reader),
    }  # fmt: skip


def _copied(database: Path) -> float:
    """Seconds of copying a file beside it and syncing the copy."""
    other = database.with_suffix(".copy")
    began = time.perf_counter()
    with database.open("rb") as stream, other.open("xb") as copy:
        shutil.copyfileobj(stream, copy, 2**20)
        copy.flush()
        os.fsync(copy.fileno())
    seconds = time.perf_counter() - began
    other.unlink()
    return seconds


def _timing(took: dict[str, float]) -> Callable[..., object]:
    """Adds the seconds of each statement to that of ``took`` with which it begins."""

    def timed(execute: Callable[..., object], sql: str, params: Any, many: bool, context: Any) -> object:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            for name in took:
                if sql.startswith(name):
                    took[name] += time.perf_counter() - began

    return timed


class _Held:
    """``most``: bytes of disk that open files of this process took beyond those at the beginning."""

    def __init__(self) -> None:
        self.most = 0

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        over, first = threading.Event(), _held()

        def watch() -> None:
            while not over.wait(0.002):
                self.most = max(self.most, _held() - first)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _held() -> int:
    """Bytes of disk under the regular files that this process holds open; SQLite's temporary ones have no name."""
    sizes = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # closed since
            found = os.stat(f"/proc/self/fd/{name}")
            target = os.readlink(f"/proc/self/fd/{name}")
            if target.startswith("/") and not target.startswith(("/dev/", "/proc/")):
                sizes[found.st_dev, found.st_ino] = found.st_blocks * 512
    return sum(sizes.values())


if __name__ == "__main__":
    main()
