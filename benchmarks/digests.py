"""Digests of a 2 GB tree against ``hashdeep -c md5,sha1,sha256`` (Debian) on the same cores, in the same run.

Three commands in turn, several rounds after one that is not counted: hashdeep; our digest stage alone (walk and
digests through the pool, results kept in memory); and ``amparo scan`` as shipped (all analysers, catalogue on SQLite
with synchronous=FULL, custody). Whole processes, start-up included. Both of ours read and digest the same bytes as
the peer; ``scan`` also looks at media types, lists containers, matches Banks and decodes pictures.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEED = 20261123


def main() -> None:
    """Make the tree, run the rounds, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage:
        _stage(Path(given.stage))
        return
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        tree = Path(folder) / "tree"
        files, size = _make(tree, given.megabytes * 1_000_000)
        print(f"tree: {files:,} files, {size / 1e9:.2f} GB, seed {SEED}; {os.cpu_count()} cores")
        times: dict[str, list[float]] = {"hashdeep": [], "digest stage": [], "amparo scan": []}
        for number in range(given.rounds + 1):
            for name in times:
                took = _run(name, tree, Path(folder) / "home")
                if number:
                    times[name].append(took)
        peer = statistics.median(times["hashdeep"])
        for name, took in times.items():
            median = statistics.median(took)
            rounds = " ".join(f"{each:.2f}" for each in took)
            print(f"{name}: median {median:.2f} s, {median / peer:.2f} x hashdeep ({rounds})")
        print("goals: digest stage at most 0.8, amparo scan at most 1.1")


def _run(name: str, tree: Path, home: Path) -> float:
    env = {**os.environ, "AMPARO_HOME": str(home), "DATABASE_URL": ""}
    amparo = [sys.executable, "-m", "amparo"]
    if name == "hashdeep":
        command = ["hashdeep", "-r", "-c", "md5,sha1,sha256", str(tree)]
    elif name == "digest stage":
        command = [sys.executable, __file__, "--stage", str(tree)]
    else:
        shutil.rmtree(home, ignore_errors=True)
        create = [*amparo, "case", "create", "BENCH", "--authority", "benchmark"]
        subprocess.run(create, env=env, check=True, capture_output=True)
        command = [*amparo, "scan", str(tree), "--case", "BENCH"]
    start = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def _stage(tree: Path) -> None:
    """Walk and digest with the pool; the results stay in memory."""
    from amparo.pipeline.engines.pool import PoolEngine
    from amparo.pipeline.memory import MemoryLedger
    from amparo.pipeline.run import run
    from amparo.pipeline.stage import Factory, Plan
    from amparo.sources.folder import root_child

    root = os.fsencode(tree)
    plan = Plan.of(Factory("amparo.sources.analysers:Walk"), Factory("amparo.sources.analysers:DigestsOf"))
    engine = PoolEngine(plan, Factory("amparo.sources.reader:SourceReader", {"root": root}))
    run(MemoryLedger(plan, root_child(root)), engine)
    engine.close()


def _make(tree: Path, size: int) -> tuple[int, int]:
    """Files of mixed sizes: most are small, most bytes are in large ones; none above 64 MB."""
    chance = random.Random(SEED)
    written = number = 0
    while written < size:
        folder = tree / f"folder{number // 200:03}"
        folder.mkdir(parents=True, exist_ok=True)
        length = min(64_000_000, int(chance.lognormvariate(10.2, 2.1)) + 1)
        (folder / f"file{number:06}.bin").write_bytes(chance.randbytes(length))
        written += length
        number += 1
    return number, written


if __name__ == "__main__":
    main()
