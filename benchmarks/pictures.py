"""Hashing of JPEG pictures against python-threatexchange, on the same files and cores, in the same run.

Four sides take turns, each in a pool of its own of spawned processes, each given the same bytes from the page cache:

- ``ours``: SHA-256, SHA-1, MD5; decoding as the product does it (EXIF included); PDQ, and PDQ of the 512-pixel square.
- ``ours, as in a scan``: the same, and everything else `hash_picture` gives: all turned and mirrored views, parts.
- ``threatexchange``: ``PdqSignal.hash_from_bytes``; the three digests by hashlib.
- ``floor``: the luma of the JPEG decoded by Pillow; the three digests by hashlib. Nobody can do less.

Cold: all pictures once, from before the pool is made. Warm: then three times over in that pool. Every process computes
with one thread (OMP_NUM_THREADS and OPENBLAS_NUM_THREADS are 1), also those of the peer. The pictures are generated,
benign and textured, about 6.5 megapixels each; they stay in a cache folder and are made again if that is removed.
"""

import argparse
import hashlib
import io
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

CACHE = Path.home() / ".cache" / "amparo-benchmarks" / "generated-jpeg-1"  # count up when `_generate` changes
SEED = 20261123
WARM = 3  # times over
OURS, SCAN, PEER, FLOOR = "ours", "ours, as in a scan", "threatexchange", "floor"
_SHAPES = ((4, 3), (3, 2), (16, 9))
_CHUNK = 2  # pictures sent to a process at once

Digests = tuple[bytes, bytes, bytes]
Work = Callable[[bytes], tuple[Digests, str]]  # a file's bytes to its digests and the hex of its PDQ, empty: none
_loaded: list[Work] = []  # in a spawned process: what its one side does


def main() -> None:
    """Make the pictures, run the rounds, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    for library in ("OPENBLAS", "OMP"):  # read by the spawned processes when they load numpy and faiss
        os.environ[f"{library}_NUM_THREADS"] = "1"
    paths = _pictures(given.pictures, given.processes)
    cold: dict[str, list[float]] = {name: [] for name in _SIDES}
    warm: dict[str, list[float]] = {name: [] for name in _SIDES}
    results: dict[str, list[tuple[Digests, str]]] = {}
    names = list(_SIDES)
    for number in range(given.runs):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            results[name], first, again = _run(name, paths, given.processes)
            cold[name].append(first)
            warm[name].append(again)
    _compare(results)
    for kind, times, count in (("cold", cold, len(paths)), ("warm", warm, WARM * len(paths))):
        for name, took in times.items():
            rounds = " ".join(f"{each:.2f}" for each in took)
            print(f"{kind}, {name}: median {count / statistics.median(took):.1f} pictures/s ({count} in {rounds} s)")
    for name in (OURS, SCAN):
        peer = [statistics.median(times[PEER]) / statistics.median(times[name]) for times in (cold, warm)]
        floor = statistics.median(warm[name]) / statistics.median(warm[FLOOR])
        print(f"{name} / threatexchange: cold {peer[0]:.2f} x, warm {peer[1]:.2f} x; time / floor, warm: {floor:.2f}")
    print("goals: ours / threatexchange cold at least 4, warm at least 6; time / floor at most 1.35")


def _run(name: str, paths: Sequence[Path], processes: int) -> tuple[list[tuple[Digests, str]], float, float]:
    """Results in the order of ``paths``, seconds cold, seconds warm."""
    start = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(processes, _begin, (name,)) as pool:
        results = list(pool.imap(_work, paths, _CHUNK))
        warmed = time.perf_counter()
        for _ in pool.imap_unordered(_work, [*paths] * WARM, _CHUNK):
            pass
        return results, warmed - start, time.perf_counter() - warmed


def _begin(name: str) -> None:
    """Once per process: load what this side needs, and nothing of the others."""
    _loaded.append(_SIDES[name]())


def _work(path: Path) -> tuple[Digests, str]:
    return _loaded[0](path.read_bytes())


def _ours() -> Work:
    from amparo.media.decoded import pixels_of
    from amparo.media.pdq import Hasher, squashed

    hasher = Hasher()

    def hashed(image: Image.Image) -> str:
        pixels = pixels_of(image)
        compute = hasher.rgb if pixels.ndim == 3 else hasher.luma
        square = squashed(pixels)
        if square is not None:
            compute(square)
        return compute(pixels).hash.hex()

    return _as_shipped(hashed)


def _scan() -> Work:
    from amparo.media.decoded import pixels_of
    from amparo.media.pdq import Hasher
    from amparo.media.picture_hash import hash_picture

    hasher = Hasher()
    return _as_shipped(lambda image: hash_picture(pixels_of(image), hasher).pdq.hex())


def _as_shipped(hashed: Callable[[Image.Image], str]) -> Work:
    from amparo.evidence.digests import digest_stream
    from amparo.media.decoded import PIXELS, decode
    from amparo.media.decoding import prepare

    prepare()

    def work(data: bytes) -> tuple[Digests, str]:
        digests, _ = digest_stream(io.BytesIO(data))
        image = decode(data, "image/jpeg", PIXELS).image
        if image is None:
            raise SystemExit(f"a generated picture does not decode: remove {CACHE}")
        return (digests.sha256, digests.sha1, digests.md5), hashed(image)

    return work


def _peer() -> Work:
    from threatexchange.signal_type.pdq.signal import PdqSignal

    return lambda data: (_digests(data), PdqSignal.hash_from_bytes(data))  # no hash below a quality of 50


def _floor() -> Work:
    def work(data: bytes) -> tuple[Digests, str]:
        digests = _digests(data)
        image = Image.open(io.BytesIO(data), formats=("JPEG",))
        image.draft("L", image.size)
        image.load()
        return digests, ""

    return work


_SIDES: dict[str, Callable[[], Work]] = {OURS: _ours, SCAN: _scan, PEER: _peer, FLOOR: _floor}


def _digests(data: bytes) -> Digests:
    return hashlib.sha256(data).digest(), hashlib.sha1(data).digest(), hashlib.md5(data).digest()


def _compare(results: dict[str, list[tuple[Digests, str]]]) -> None:
    """Print how far our PDQ is from the peer's, in bits. Ends the run where the sides did not do the same."""
    if len({tuple(digests for digests, _ in each) for each in results.values()}) != 1:
        raise SystemExit("the digests of the sides differ")
    if any(ours != scan for ours, scan in zip(results[OURS], results[SCAN], strict=True)):
        raise SystemExit("a scan gives another PDQ than the hasher alone")
    pairs = zip(results[OURS], results[PEER], strict=True)
    bits = [(int(ours, 16) ^ int(peer, 16)).bit_count() for (_, ours), (_, peer) in pairs if peer]
    print(f"PDQ against threatexchange: {len(bits)} of {len(results[OURS])} pictures have quality >= 50; equal in "
          f"{bits.count(0)}, mean {statistics.fmean(bits):.2f} bits, most {max(bits)} (goal: at most 2)")  # fmt: skip


def _pictures(number: int, processes: int) -> list[Path]:
    """Paths of the first ``number`` pictures; makes those that the cache lacks."""
    CACHE.mkdir(parents=True, exist_ok=True)
    paths = [CACHE / f"{each:04}.jpg" for each in range(number)]
    if lacking := [each for each, path in enumerate(paths) if not path.exists()]:
        print(f"making {len(lacking)} pictures in {CACHE}", flush=True)
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            pool.map(_make, lacking, 1)
    pixels = 0
    for path in paths:
        with Image.open(path) as image:
            pixels += image.width * image.height
    size = sum(path.stat().st_size for path in paths)
    print(f"{number} generated JPEG, seed {SEED}: mean {pixels / number / 1e6:.1f} megapixels, {size / 1e6:.0f} MB, "
          f"{size * 8 / pixels:.2f} bits per pixel; {processes} processes of {os.cpu_count()} cores")  # fmt: skip
    return paths


def _make(number: int) -> None:
    path = CACHE / f"{number:04}.jpg"
    part = path.with_suffix(f".part-{os.getpid()}")
    part.write_bytes(_generate(number))
    part.rename(path)  # a run that was stopped leaves no half picture


def _generate(number: int) -> bytes:
    """A JPEG of clouds at all sizes, overlaid shapes and grain; 2 to 12 megapixels, quality 80 to 95."""
    chance = np.random.default_rng([SEED, number])
    across, down = _SHAPES[chance.integers(len(_SHAPES))]
    unit = (chance.triangular(2e6, 5.5e6, 12e6) / (across * down)) ** 0.5
    size = round(across * unit), round(down * unit)
    if chance.random() < 0.3:
        size = size[::-1]
    luma = 128 + chance.uniform(20, 60) * _clouds(chance, size, 2, chance.uniform(0.53, 0.7))
    luma += np.asarray(_shapes(chance, size)) - np.float32(128)
    luma += chance.uniform(2, 7) * chance.standard_normal(luma.shape, np.float32)
    planes = [luma, *(128 + 18 * _clouds(chance, size, 24, 0.5) for _ in range(2))]
    bands = [Image.fromarray(plane.clip(0, 255).astype(np.uint8)) for plane in planes]
    exif = Image.Exif()
    exif.update({0x010F: "Generated", 0x0110: "Benchmark", 0x0132: "2026:11:23 12:00:00"})  # make, model, date
    stream = io.BytesIO()
    Image.merge("YCbCr", bands).convert("RGB").save(  # as in cameras, what no screen can show is gone
        stream, "JPEG", quality=int(chance.integers(80, 96)), subsampling=("4:4:4", "4:2:0")[chance.integers(2)],
        exif=exif,
    )  # fmt: skip
    return stream.getvalue()


def _clouds(chance: np.random.Generator, size: tuple[int, int], finest: int, fall: float) -> NDArray[np.float32]:
    """float32[height, width] of deviation 1: layers of noise, each twice as fine and ``fall`` times as strong."""
    width, height = size
    total: NDArray[np.float32] = np.zeros((height, width), np.float32)
    cells, weight = 3, 1.0
    while min(size) / cells >= finest:
        shape = max(2, cells * height // min(size)), max(2, cells * width // min(size))
        layer = Image.fromarray(chance.standard_normal(shape, np.float32)).resize(size, Image.Resampling.BICUBIC)
        total += np.float32(weight) * np.asarray(layer)
        cells, weight = cells * 2, weight * fall
    total /= total.std()
    return total


def _shapes(chance: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Thirty ellipses and rectangles around a middle grey: sharp edges."""
    image = Image.new("L", size, 128)
    draw = ImageDraw.Draw(image)
    for _ in range(30):
        left, top = chance.uniform(-0.1, 1, 2) * size
        width, height = chance.uniform(0.02, 0.3, 2) * size
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((left, top, left + width, top + height), fill=int(chance.integers(90, 166)))
    return image


if __name__ == "__main__":
    main()
