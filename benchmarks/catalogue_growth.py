"""Does cataloguing stay flat? 300,000 synthetic Items through the real Ledger, writer, counters, outbox and seals.

Prints, per round, microseconds per Item for each 50,000, the ratio last/first, the driver's memory, and the time of a
keyset page at the end. No file is read: an engine in this process makes up what workers would send, so this is the
cost of the driver alone. Run on SQLite, or on PostgreSQL through scripts/postgres.py.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PER_FOLDER = 1_000
STEP = 50_000


def main() -> None:
    """Run the rounds in processes of their own, so that memory is measured cleanly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_round(given.items)))
        return
    import subprocess

    found = []
    for number in range(given.rounds):
        command = [sys.executable, __file__, "--one", "--items", str(given.items)]
        row = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
        found.append(row)
        print(f"round {number + 1}, {row['store']}: us per item {row['us']}, last/first {row['ratio']:.2f}, "
              f"memory MiB {row['memory']}, page p95 {row['page_p95_ms']:.2f} ms", flush=True)  # fmt: skip
    print(f"{found[0]['store']}: last 50,000 / first 50,000, median of {len(found)}: "
          f"{statistics.median(row['ratio'] for row in found):.2f} (goal: at most 1.2)")  # fmt: skip
    growth = statistics.median(row["memory"][-1] / row["memory"][1] for row in found)
    print(f"{found[0]['store']}: memory at {given.items:,} / at 100,000, median: {growth:.2f} (goal: at most 1.1)")


def _round(items: int) -> dict[str, object]:
    home = tempfile.mkdtemp(prefix="amparo-bench-")
    os.environ["AMPARO_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.web.settings"
    try:
        return _measure(items, Path(home))
    finally:
        shutil.rmtree(home)


def _measure(items: int, home: Path) -> dict[str, object]:
    import django

    django.setup()
    from django.db import connection

    from amparo import config
    from amparo.casework.cases import NewAuthority, create_case
    from amparo.casework.installation import prepare
    from amparo.catalogue import lease, models
    from amparo.catalogue.ledger import CatalogueLedger
    from amparo.catalogue.outbox import Recorder
    from amparo.catalogue.pages import page
    from amparo.catalogue.roots import create_source
    from amparo.evidence.finding import Finding
    from amparo.evidence.item import Child, Entry, Step
    from amparo.evidence.moment import Moment
    from amparo.evidence.outcome import Ok
    from amparo.pipeline.record import DIGESTS, MEDIA_TYPE
    from amparo.pipeline.run import run
    from amparo.pipeline.stage import Factory, Plan, Visit
    from amparo.pipeline.task import Task, Visited

    installation, _ = prepare(config.load())
    case = create_case(installation, f"bench-{time.time_ns()}", NewAuthority("benchmark"))
    authority = case.authorities.get()
    recorder = Recorder("os:bench", case, authority.uuid)
    moments = tuple(Moment.utc(1_700_000_000_000_000_000, field) for field in ("modified", "accessed", "changed"))
    root = Child(Step("folder", b"."), Entry.DIRECTORY, None, moments)
    source = create_source(case, authority.uuid, "folder", os.fsencode(home), root, recorder)
    plan = Plan.of(
        Factory("amparo.sources.analysers:Walk"),
        Factory("amparo.sources.analysers:DigestsOf"),
        Factory("amparo.sources.analysers:MediaType"),
        Factory("amparo.media.picture:Picture", {"pixels": 1}),
    )
    ledger = CatalogueLedger(source, plan, lease.take(source), recorder)
    folders = items // PER_FOLDER

    def visit(task: Task) -> Visited:
        path = task.locator.path
        if task.visit is Visit.WALK:
            if path == b".":
                names = [(b"folder%05d" % n, Entry.DIRECTORY) for n in range(folders)]
            else:
                names = [(path + b"/IMG_%08d.jpg" % n, Entry.FILE) for n in range(PER_FOLDER)]
            children = tuple(Child(Step("folder", name), entry, 9_000, moments) for name, entry in names)
            return Visited(task, ((0, Ok(children=children)),))
        if task.visit is Visit.FIRST:
            seed = hashlib.sha256(path).digest()
            facts = {"sha256": seed.hex(), "sha1": seed[:20].hex(), "md5": seed[:16].hex(), "size": 9_000}
            kind = Finding(MEDIA_TYPE, {"media_type": "image/jpeg"})
            return Visited(task, ((1, Ok((Finding(DIGESTS, facts),))), (2, Ok((kind,)))))
        facts = {"width": 320, "height": 240, "format": "JPEG"}
        return Visited(task, ((3, Ok((Finding("picture.properties", facts),))),))

    class Engine:
        def __init__(self) -> None:
            self.tasks: Sequence[Task] = ()

        def room(self) -> bool:
            return not self.tasks

        def busy(self) -> bool:
            return bool(self.tasks)

        def submit(self, tasks: Sequence[Task]) -> None:
            self.tasks = tasks

        def wait(self, seconds: float) -> Sequence[Sequence[Visited]]:
            tasks, self.tasks = self.tasks, ()
            return [[visit(task) for task in tasks]]

        def close(self) -> None:
            pass

    # The lanes run one after another here; a step of every lane belongs to each 50,000 Items. So the cost of a step
    # is the sum over the three visits of those Items, taken at the same position of each lane.
    spent: dict[str, list[float]] = {}
    memory: list[int] = []
    count = {"walk": 0, "first": 0, "second": 0}
    last = time.perf_counter()
    sealed = last

    def beat() -> None:
        nonlocal sealed
        if time.perf_counter() - sealed > 1:
            installation.sealer.seal(case)
            sealed = time.perf_counter()

    class Timed:
        def next_tasks(self) -> Sequence[Task]:
            return ledger.next_tasks()

        def commit(self, visited: Sequence[Visited]) -> None:
            nonlocal last
            ledger.commit(visited)
            lane = visited[0].task.visit.value
            count[lane] += len(visited) * (PER_FOLDER if lane == "walk" else 1)
            steps = spent.setdefault(lane, [0.0])
            now = time.perf_counter()
            steps[-1] += now - last
            last = now
            if count[lane] >= STEP * len(steps) and count[lane] < items:
                steps.append(0.0)
                if lane == "first":
                    memory.append(_resident())

    run(Timed(), Engine(), beat)
    installation.sealer.seal(case)
    memory.append(_resident())
    per_step = [sum(parts) / STEP * 1e6 for parts in zip(*spent.values(), strict=True)]
    times = []
    for n in range(200):
        start = time.perf_counter()
        page(models.Item.objects.filter(case=case), (100, (n * 7919) % items), 60)
        times.append((time.perf_counter() - start) * 1e3)
    return {
        "store": connection.vendor,
        "us": [round(each) for each in per_step],
        "ratio": per_step[-1] / per_step[0],
        "memory": [each // 1024 for each in memory],
        "page_p95_ms": sorted(times)[int(len(times) * 0.95)],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _resident() -> int:
    """Resident KiB now."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
