"""What does cataloguing cost a run that has work to do? Analysers of 2 ms per file, with and without a catalogue.

The same small files go through the pool twice per round: into the real Ledger (final schema, counters, outbox, seals,
synchronous=FULL) and into one that keeps results in memory. Prints files per second and the ratio; the goal is 0.9.
The Analysers use processor time, so with one worker per core the driver competes with them: the hard case.
"""

import argparse
import datetime
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def main() -> None:
    """Run the rounds in one process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=6_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="amparo-bench-"))
    os.environ["AMPARO_HOME"] = str(home / "home")
    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.web.settings"
    try:
        _rounds(home, given.files, given.rounds)
    finally:
        shutil.rmtree(home)


def _rounds(home: Path, files: int, rounds: int) -> None:
    import django

    django.setup()
    from django.db import connection

    from amparo import config
    from amparo.casework.installation import prepare
    from amparo.pipeline.stage import Factory, Plan

    tree = home / "tree"
    for number in range(files):
        folder = tree / f"folder{number // 500:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{number:06}").write_bytes(b"small file %d" % number)
    installation, _ = prepare(config.load())
    plan = Plan.of(
        Factory("amparo.sources.analysers:Walk"),
        Factory("amparo.sources.analysers:DigestsOf"),
        Factory("amparo.sources.analysers:MediaType"),
        Factory("busy:Busy"),
    )
    found = []
    for number in range(rounds + 1):
        kept, dropped = (_once(installation, plan, tree, files, stored) for stored in (True, False))
        if number:
            found.append(kept / dropped)
            print(f"{connection.vendor}: {kept:.0f} files/s catalogued, {dropped:.0f} discarded, {kept / dropped:.2f}")
    print(f"{connection.vendor}: median ratio {statistics.median(found):.2f} (goal: at least 0.9)")


def _once(installation: object, plan: object, tree: Path, files: int, stored: bool) -> float:
    """Files per second of one run."""
    from amparo.casework.cases import NewAuthority, create_case
    from amparo.catalogue import lease
    from amparo.catalogue.ledger import CatalogueLedger
    from amparo.catalogue.outbox import Recorder
    from amparo.catalogue.roots import create_source
    from amparo.pipeline.engines.pool import PoolEngine
    from amparo.pipeline.memory import MemoryLedger
    from amparo.pipeline.run import run
    from amparo.pipeline.stage import Factory
    from amparo.sources.folder import root_child

    root = os.fsencode(tree)
    if stored:
        reference = f"{datetime.datetime.now(datetime.UTC).timestamp()}"
        case = create_case(installation, reference, NewAuthority("benchmark"))
        recorder = Recorder("os:bench", case, case.authorities.get().uuid)
        source = create_source(case, case.authorities.get().uuid, "folder", root, root_child(root), recorder)
        ledger = CatalogueLedger(source, plan, lease.take(source), recorder)
    else:
        ledger = MemoryLedger(plan, root_child(root))
    sealed = time.perf_counter()

    def beat() -> None:
        nonlocal sealed
        if stored and time.perf_counter() - sealed > 1:
            installation.sealer.seal(case)
            sealed = time.perf_counter()

    engine = PoolEngine(plan, Factory("amparo.sources.reader:SourceReader", {"root": root}))
    start = time.perf_counter()
    run(ledger, engine, beat)
    if stored:
        installation.sealer.seal(case)
    took = time.perf_counter() - start
    engine.close()
    return files / took


if __name__ == "__main__":
    main()
