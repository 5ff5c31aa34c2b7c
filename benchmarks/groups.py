"""Groups of near duplicates among generated hashes: time and memory for 25,000 to 200,000 pictures, and their growth.

Of 100,000 pictures 40 % are alone, 3,000 lie in one burst (0 to 6 bits of noise), 500 are the same hash, and the rest
are groups of 2 to 50 altered copies (0 to 24 bits of noise each); other numbers in proportion. Random hashes are what
an exact search by bands finds easiest; ``--shared`` gives all hashes that many bytes in common, which it finds hardest.
One thread; each round in a process of its own, so that the peak of memory is its own. Growth is that of the processor
time of the fastest round, which other work on the machine changes least.
"""

import argparse
import math
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
from numpy.typing import NDArray

from amparo.media.groups import NOT_TURNED, Turned, representatives

SEED = 20261123
BURST_NOISE = 6  # bits
COPY_NOISE = 24


def main() -> None:
    """Group each number of pictures and print time, growth beside that of n log n, and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, nargs="+", default=[25_000, 50_000, 100_000, 200_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shared", type=int, default=0, help="bytes that all hashes have in common")
    parser.add_argument("--turned", action="store_true", help="seven more hashes for each picture")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(*_measured(given.numbers[0], given.shared, given.turned))
        return
    before = None
    for number in given.numbers:
        options = ["--one", "--numbers", str(number), "--shared", str(given.shared)]
        command = [sys.executable, __file__, *options, *(["--turned"] if given.turned else [])]
        rounds = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            for _ in range(given.rounds)
        ]
        took = statistics.median(float(each[0]) for each in rounds)
        worked = min(float(each[3]) for each in rounds)
        growth = ""
        if before:
            expected = number * math.log(number) / (before[0] * math.log(before[0]))
            growth = f", {worked / before[1]:.2f} x the line above (n log n: {expected:.2f})"
        print(
            f"{number:,} pictures: {took:.2f} s ({' '.join(each[0] for each in rounds)}), processor {worked:.2f} s, "
            f"{rounds[0][1]} representatives, {rounds[0][2]} MB more{growth}",
            flush=True,
        )
        before = number, worked


def _measured(number: int, shared: int, turned: bool) -> tuple[str, int, int, str]:
    """Seconds, representatives, megabytes of memory beyond what the data took, seconds of the processor."""
    chance = np.random.default_rng(SEED)
    hashes = _hashes(chance, number)
    hashes[:, :shared] = 0x5A
    quality, pixels = chance.integers(50, 101, number), chance.integers(10_000, 20_000_000, number)
    more = NOT_TURNED
    if turned:
        more = Turned(np.repeat(np.arange(number), 7), chance.integers(0, 256, (7 * number, 32), np.uint8))
    memory, start, worked = _peak(), time.perf_counter(), time.process_time()
    joined = representatives(hashes, quality, pixels, more)
    took, worked = time.perf_counter() - start, time.process_time() - worked
    return f"{took:.2f}", len(np.unique(joined)), _peak() - memory, f"{worked:.2f}"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _hashes(chance: np.random.Generator, number: int) -> NDArray[np.uint8]:
    """uint8[number, 32] in random order."""
    alone, burst, same = number * 2 // 5, number * 3 // 100, number // 200
    sizes: list[int] = []
    while sum(sizes) < number - alone - burst - same:
        sizes.append(int(chance.integers(2, 51)))
    copies = np.repeat(_random(chance, len(sizes)), sizes, axis=0)[: number - alone - burst - same]
    hashes = np.concatenate(
        (
            _random(chance, alone),
            _noisy(chance, np.repeat(_random(chance, 1), burst, axis=0), BURST_NOISE),
            np.repeat(_random(chance, 1), same, axis=0),
            _noisy(chance, copies, COPY_NOISE),
        )
    )
    return hashes[chance.permutation(number)]


def _random(chance: np.random.Generator, number: int) -> NDArray[np.uint8]:
    return chance.integers(0, 256, (number, 32), np.uint8)


def _noisy(chance: np.random.Generator, hashes: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    """Each hash with 0 to ``most`` bits flipped."""
    noisy = hashes.copy()
    for at in range(0, len(hashes), 1000):  # little memory, or its peak would hide that of the grouping
        part = noisy[at : at + 1000]
        places = np.argsort(chance.random((len(part), 256)), axis=1)
        part ^= np.packbits(places < chance.integers(0, most + 1, (len(part), 1)), axis=1)
    return noisy


if __name__ == "__main__":
    main()
