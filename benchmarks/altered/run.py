"""Which altered copies of a known picture are still found: plain PDQ, our views, and what they cost in false matches.

``python benchmarks/altered/run.py [--quick] [--out FOLDER]`` writes ``altered.json``, ``altered.md`` and one SVG per
column. Photographs come from Debian packages, the rest is drawn; nothing of it enters the repository.
"""

import argparse
import functools
import importlib.metadata
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import measure
import report
from originals import CACHE, LONGEST, Original, originals, packages
from tally import COLUMNS, tally

QUICK = 10  # scenes per column


def main() -> None:
    """Prepare, hash, alter, count, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=CACHE / "altered", help="folder of the results")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of the fetched packages")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} scenes per column")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    for library in ("OPENBLAS", "OMP"):  # a process each has its own core; read when numpy and faiss are loaded
        os.environ[f"{library}_NUM_THREADS"] = "1"
    start = time.perf_counter()
    listed = originals(given.cache, QUICK if given.quick else None)
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="amparo-altered-") as name, spawn.Pool(given.processes) as pool:
        folder = Path(name)
        prepare = functools.partial(measure.prepare, folder=folder)
        bank = measure.Bank(listed, pool.starmap(prepare, [(each, n) for n, each in enumerate(listed)], chunksize=4))
        print(f"{len(listed)} originals after {time.perf_counter() - start:.0f} s", flush=True)
        queries = _alter(bank, folder, given.processes)
    result = {
        "quick": given.quick,
        "longest_side": LONGEST,
        "within": measure.WITHIN,
        "processes": given.processes,
        "seconds": round(time.perf_counter() - start, 1),
        "versions": {name: importlib.metadata.version(name) for name in ("pdqhash", "pillow", "numpy")},
        "packages": packages(given.cache),
        "tally": tally(bank, queries),
    }
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "altered.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (given.out / "altered.md").write_text(report.markdown(result), "utf-8")
    for column in COLUMNS:
        (given.out / f"altered-{column}.svg").write_text(report.svg(result, column), "utf-8")
    print(report.markdown(result))
    print(f"{result['seconds']} s; written to {given.out}")


def _alter(bank: measure.Bank, folder: Path, processes: int) -> list[measure.Query]:
    companions = _companions(bank.originals)
    tasks = [(number, companions.get(number, ())) for number in range(len(bank.originals))]
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(processes, measure.begin, (bank.originals, bank.hashes, folder)) as pool:
        return [query for found in pool.imap(measure.altered, tasks) for query in found]


def _companions(listed: Sequence[Original]) -> dict[int, tuple[int, ...]]:
    """For each picture to be altered: the next ones of its column, which are of other scenes."""
    found = {}
    for column in COLUMNS:
        numbers = [number for number, original in enumerate(listed) if original.column == column]
        for place, number in enumerate(numbers):
            following = numbers[place + 1 :] + numbers[:place]
            found[number] = tuple(following[: measure.COMPANIONS])
    return found


if __name__ == "__main__":
    main()
