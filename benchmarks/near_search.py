"""Search of 256-bit hashes within 31 bits: our index against faiss and python-threatexchange, on the same data.

Two sets of each size: ``uniform``, random hashes; and ``clustered``, as lists of altered copies are: a twentieth of
seeds with 20 copies each of 0 to 24 flipped bits, and 1 % near-duplicates (0 to 8 bits) of 50 very common hashes, in
random order. Queries: half are 0 to 31 bits from a random entry, half unrelated, mixed.

Ours is built into a file in /dev/shm and searched by ``NearIndex.search``. The peers search in their own memory:
faiss ``IndexBinaryFlat``; faiss ``IndexBinaryMultiHash`` with the parameters of the installed threatexchange; and up to
a million hashes threatexchange's own ``PDQIndex.query``, which adds Python objects to it. One query per call, then
calls of 20 and of all, one thread. Rounds are interleaved and limited in time; a ratio is over the queries that both
sides answered, and a peer is left out of calls that would take it many times the limit. Results are compared with those
of the flat index; memory is that of a fresh process.
"""

import argparse
import dataclasses
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amparo.media.near_index import RADIUS, NearIndex, build, layout_for

SEED = 20261123
ROUNDS = 3
CHECKED = 200  # queries whose results are compared
_COPIES, _COMMON, _COMMON_HASHES = 20, 0.01, 50
_COPY_BITS, _COMMON_BITS = 24, 8
_WARM_UP = 20  # queries, not counted
_WRAPPED = 1_000_000  # hashes up to which PDQIndex is built: about 700 bytes of Python objects each
_PATIENCE = 4  # times the limit of a round that one call may take
_PART = 1 << 20

Hashes = NDArray[np.uint8]  # [n, 32]


@dataclasses.dataclass(frozen=True, slots=True)
class Engine:
    """``search(first, last)`` answers these queries in one call; ``most``: how many a call takes."""

    name: str
    build_seconds: float
    search: Callable[[int, int], Any]
    most: int = sys.maxsize


def main() -> None:
    """Make the sets, build the indexes, compare, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, nargs="+", default=[1_000_000], help="hashes in a set")
    parser.add_argument("--peers", action="store_true", help="measure the peers, too")
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=10, help="most of a round for each index")
    parser.add_argument("--fresh", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fresh:
        print(json.dumps(_fresh(given.fresh)))
        return
    import faiss  # not in the process whose memory is measured

    faiss.omp_set_num_threads(1)
    print(f"faiss {faiss.__version__}, {faiss.get_compile_options().strip()}; one thread")
    for number in given.n:
        for name, make in (("uniform", _uniform), ("clustered", _clustered)):
            chance = np.random.default_rng([SEED, number])
            _measure(name, make(chance, number), chance, given)
    print("goals, uniform, one query per call: 1,000,000 at least 3 x flat and 4 x multihash; 10,000,000 at least 20 x "
          "multihash; found all")  # fmt: skip


def _measure(name: str, hashes: Hashes, chance: np.random.Generator, given: argparse.Namespace) -> None:
    queries = _queries(chance, hashes, given.queries)
    print(f"{name}, {len(hashes):,} hashes, {len(queries):,} queries, seed {SEED}, {layout_for(len(hashes))}")
    with tempfile.TemporaryDirectory(prefix="amparo-bench-", dir="/dev/shm") as folder:
        path = Path(folder) / "index"
        start = time.perf_counter()
        with path.open("wb") as stream:
            build(stream, hashes)
        seconds = time.perf_counter() - start
        np.save(Path(folder) / "queries.npy", queries)
        # Before this process maps the file, so that no page is shared, which would halve PSS.
        command = [sys.executable, __file__, "--fresh", folder]
        fresh = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        print(f"  ours: file {path.stat().st_size / 1e6:.0f} MB; fresh process: {json.dumps(fresh)}")
        flat, build_seconds = _timed(lambda: _flat(hashes))
        index = NearIndex(path)
        _compare(index, flat, queries)
        texts = [each.tobytes() for each in queries]
        engines = [Engine("ours", seconds, lambda first, last: index.search(texts[first:last]))]
        if given.peers:
            engines += [_engine("faiss flat", build_seconds, flat, queries), *_multihashes(hashes, queries)]
        _report(engines, len(queries), given.seconds)
    gc.collect()


def _report(engines: Sequence[Engine], queries: int, limit: float) -> None:
    print("  build seconds: " + ", ".join(f"{each.name} {each.build_seconds:.1f}" for each in engines))
    rates: dict[str, float] = {}  # of one query per call
    for batch in sorted({1, min(20, queries), queries}):
        asked = [each for each in engines if each.most >= batch]
        # One call cannot be stopped, so a peer is not asked what would take many times its limit.
        asked = [each for each in asked if batch == 1 or batch / rates[each.name] <= _PATIENCE * limit]
        times: dict[str, list[list[float]]] = {each.name: [] for each in asked}
        for _ in range(ROUNDS):
            for each in asked:
                each.search(0, min(_WARM_UP, each.most))
                times[each.name].append(_round(each, queries, batch, limit))
        for name, rounds in times.items():
            rate = statistics.median(min(len(took) * batch, queries) / sum(took) for took in rounds)
            rates.setdefault(name, rate)
            print(f"  {batch:,} per call, {name}: {rate:,.0f} queries/s "
                  f"({' '.join(f'{min(len(took) * batch, queries):,}' for took in rounds)} asked)", end="")  # fmt: skip
            pairs = [(took, ours[: len(took)]) for took, ours in zip(rounds, times["ours"], strict=True)]
            ratio = statistics.median(sum(took[: len(ours)]) / sum(ours) for took, ours in pairs)
            print("" if name == "ours" else f"; ours {ratio:.1f} x")


def _round(engine: Engine, queries: int, batch: int, limit: float) -> list[float]:
    """Seconds of each call, until all queries are answered or the limit is over."""
    took = []
    end = time.perf_counter() + limit
    for first in range(0, queries, batch):
        start = time.perf_counter()
        engine.search(first, min(first + batch, queries))
        now = time.perf_counter()
        took.append(now - start)
        if now > end:
            break
    return took


def _compare(index: NearIndex, flat: Any, queries: Hashes) -> None:
    """Print how much of what is near was found. Ends the run where anything differs."""
    some = queries[:CHECKED]
    ends, distances, rows = flat.range_search(some, RADIUS + 1)  # faiss means nearer than
    owners = np.repeat(np.arange(len(some)), np.diff(ends.astype(np.int64)))
    truth = set(zip(owners.tolist(), rows.tolist(), distances.astype(int).tolist(), strict=True))
    near = index.search([each.tobytes() for each in some])
    found = set(zip(near.query.tolist(), near.row.tolist(), near.distance.tolist(), strict=True))
    print(f"  found {len(found & truth):,} of {len(truth):,} pairs of {len(some)} queries, {len(found - truth)} others")
    if found != truth or len(near.row) != len(found):
        raise SystemExit("our index does not find what the flat index finds")


def _engine(name: str, seconds: float, index: Any, queries: Hashes) -> Engine:
    return Engine(name, seconds, lambda first, last: index.range_search(queries[first:last], RADIUS + 1))


def _flat(hashes: Hashes) -> Any:
    import faiss

    index = faiss.IndexBinaryFlat(256)
    index.add(hashes)
    return index


def _multihashes(hashes: Hashes, queries: Hashes) -> list[Engine]:
    """The engine of threatexchange as faiss offers it, and where the set is small enough as threatexchange does."""
    import faiss
    from threatexchange.signal_type.pdq.pdq_faiss_matcher import PDQMultiHashIndex
    from threatexchange.signal_type.pdq.pdq_index import PDQIndex

    stated = PDQMultiHashIndex().mih_index
    flips = int(PDQIndex.get_match_threshold()) // stated.nhash  # type: ignore[no-untyped-call]

    def multihash() -> Any:
        index = faiss.IndexBinaryMultiHash(256, stated.nhash, stated.b)
        index.nflip = flips
        index.add(hashes)
        return index

    index, seconds = _timed(multihash)
    name = f"faiss multihash {stated.nhash} x {stated.b}, {flips} flip"
    engines = [_engine(name, seconds, index, queries)]
    if len(hashes) <= _WRAPPED:
        whole, seconds = _timed(lambda: PDQIndex((each.tobytes().hex(), row) for row, each in enumerate(hashes)))
        texts = [each.tobytes().hex() for each in queries]
        search = lambda first, last: [whole.query(each) for each in texts[first:last]]  # noqa: E731
        engines.append(Engine("threatexchange PDQIndex", seconds, search, 1))
    return engines


def _fresh(folder: Path) -> dict[str, float]:
    """Open the index and ask every query; what this process holds before and after, in MB."""
    queries = [each.tobytes() for each in np.load(folder / "queries.npy")]
    before = _resident()
    index, seconds = _timed(lambda: NearIndex(folder / "index"))
    for each in queries:
        index.search([each])
    after = _resident()
    found = {"open_ms": seconds * 1e3, "rss_before_mb": before["Rss"]}
    found |= {f"{name.lower()}_mb": after[name] for name in ("Rss", "Pss", "Anonymous")}
    return {name: round(value, 1) for name, value in found.items()}


def _resident() -> dict[str, float]:
    """Megabytes by kind."""
    lines = [line.split() for line in Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()[1:]]
    return {kind.rstrip(":"): int(size) * 1024 / 1e6 for kind, size, *_ in lines}


def _timed(make: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    made = make()
    return made, time.perf_counter() - start


def _uniform(chance: np.random.Generator, number: int) -> Hashes:
    return np.frombuffer(chance.bytes(number * 32), np.uint8).reshape(number, 32)


def _clustered(chance: np.random.Generator, number: int) -> Hashes:
    common = int(number * _COMMON)
    seeds = _uniform(chance, -(-(number - common) // _COPIES))
    hashes = np.empty((number, 32), np.uint8)
    hashes[common:] = np.repeat(seeds, _COPIES, axis=0)[: number - common]
    hashes[:common] = _uniform(chance, _COMMON_HASHES)[chance.integers(_COMMON_HASHES, size=common)]
    flips = chance.integers(_COPY_BITS + 1, size=number)
    flips[:common] = chance.integers(_COMMON_BITS + 1, size=common)
    altered = _flipped(chance, hashes, flips)
    return altered[chance.permutation(number)]


def _queries(chance: np.random.Generator, hashes: Hashes, number: int) -> Hashes:
    planted = hashes[chance.integers(len(hashes), size=number // 2)]
    near = _flipped(chance, planted, chance.integers(RADIUS + 1, size=len(planted)))
    return chance.permutation(np.concatenate([near, _uniform(chance, number - len(near))]))


def _flipped(chance: np.random.Generator, hashes: Hashes, flips: NDArray[np.int64]) -> Hashes:
    """Row by row the hashes with exactly that many random bits changed."""
    changed = np.zeros((len(hashes), 32), np.uint8)
    for at in range(0, len(hashes), _PART):
        part, left = changed[at : at + _PART], flips[at : at + _PART].copy()
        while len(rows := np.flatnonzero(left)):
            bit = chance.integers(256, size=len(rows))
            byte, mask = bit >> 3, (1 << (bit & 7)).astype(np.uint8)
            fresh = part[rows, byte] & mask == 0
            rows = rows[fresh]
            part[rows, byte[fresh]] |= mask[fresh]
            left[rows] -= 1
    return hashes ^ changed


if __name__ == "__main__":
    main()
