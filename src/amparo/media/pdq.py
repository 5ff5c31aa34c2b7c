"""PDQ, the perceptual hash that hash lists exchange, exact at full resolution (Meta, "The TMK+PDQF Video-Hashing
Algorithm and the PDQ Image-Hashing Algorithm", 2019).

The reference blurs the luma twice with a box as long as a 128th of the side ("Jarosz filter"), samples 64 x 64, takes
16 x 16 low frequencies of a discrete cosine transform, and keeps which of them exceed their median. Blur and sampling
are linear and separable, so they are one banded matrix per side: O(pixels), each pixel read once or twice. Only the
samples are computed, never the blurred picture.
"""

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray

SAMPLES = 64  # per side
FREQUENCIES = 16  # per side
SQUASHED = 512  # pixels; the C++ reference squashes any picture with a longer side to this square before it hashes
MIRRORED = 2048  # pixels; above, half a blur window is so small a part of a sample's distance that it is left out
DOUBTFUL = 50  # a quality below: flat; the threshold of the reference (ThreatExchange, QUALITY_THRESHOLD)

Luma = NDArray[np.uint8] | NDArray[np.float32]
_Floats = NDArray[np.float32]
_Bands = tuple[tuple[int, _Floats], ...]  # for each sample its first pixel, and the weights from there on

# What was done to a picture to make it look like the other one.
TRANSFORMS = (
    "none", "rotated-90", "rotated-180", "rotated-270", "flipped", "mirrored", "transposed", "transversed",
)  # fmt: skip
INVERTED = "inverted"  # a negative: every frequency changes its sign, so its hash is the complement
_SHORTEST = 5  # pixels; of a side below the reference makes the zero hash of quality 0
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


@dataclasses.dataclass(frozen=True, slots=True)
class Pdq:
    """``hash``: 32 bytes whose hex is the reference's. ``quality``: 0 to 100. ``dct``: float32[16, 16]."""

    hash: bytes
    quality: int
    dct: _Floats


class Hasher:
    """Computes PDQ. Keeps one buffer, so one object belongs to one thread; memory of a 64th of the largest picture."""

    def __init__(self) -> None:
        self._buffer = np.empty(0, np.float32)

    def luma(self, luma: Luma) -> Pdq:
        """Of luma[height, width], 0 to 255, in any strides."""
        return _finish(_columns(self._rows(luma, _bands(luma.shape[0])), _bands(luma.shape[1])), luma.shape)

    def rgb(self, rgb: NDArray[np.uint8]) -> Pdq:
        """Of uint8[height, width, 3], mixed to luma after the blur, which is the same because both are linear."""
        height, width, _ = rgb.shape
        rows = self._rows(np.ascontiguousarray(rgb).reshape(height, width * 3), _bands(height))
        return _finish(_columns(rows.reshape(SAMPLES, width, 3) @ _LUMA, _bands(width)), (height, width))

    def turned(self, luma: Luma) -> tuple[Pdq, tuple[bytes, ...]]:
        """PDQ of the picture, and the hashes of it turned and mirrored in the order of TRANSFORMS, itself first.

        Each is as if the turned picture had been hashed.

        The reference changes signs in the transform of the picture, which mirrors its samples. Where a blur window is
        even, or a sample lies on the edge of a pixel, that is off by up to a pixel: dozens of bits on pictures of up to
        1,000 pixels (docs/benchmarks.md). So up to MIRRORED pixels a side is sampled from both ends: two passes, not
        eight.
        """
        height, width = luma.shape
        down, across = _mirrored_bands(height), _mirrored_bands(width)
        rows = self._rows(luma, _bands(height))
        upside = rows[::-1] if down is None else self._rows(luma, down)
        plain: list[_Floats] = []
        for each in (rows, upside):
            samples = _columns(each, _bands(width))
            plain += [samples, samples[:, ::-1] if across is None else _columns(each, across)]
        none, mirrored, flipped, both = plain
        # A quarter turn to the left is the mirrored picture transposed, one to the right the flipped one.
        ways = (none, mirrored.T, both, flipped.T, flipped, mirrored, none.T, both.T)
        return _finish(none, luma.shape), tuple(
            _hash((_DCT @ samples @ _DCT.T).astype(np.float32, copy=False)) for samples in ways
        )

    def _rows(self, pixels: Luma, bands: _Bands) -> _Floats:
        """float32[64, width]: blurred and sampled from top to bottom."""
        width = pixels.shape[1]
        longest = max(len(weights) for _, weights in bands) * width
        if self._buffer.size < longest:
            self._buffer = np.empty(longest, np.float32)
        rows = np.empty((SAMPLES, width), np.float32)
        for row, (start, weights) in zip(rows, bands, strict=True):
            part = self._buffer[: len(weights) * width].reshape(len(weights), width)
            np.copyto(part, pixels[start : start + len(weights)])
            np.dot(weights, part, out=row)
        return rows


def squashed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """uint8[512, 512, ...] as the C++ reference resizes uint8[height, width, ...]; None where it does not.

    CImg's default, nearest neighbour: pixel i of 512 is pixel floor(i * side / 512) of the side, also where the other
    side is shorter than 512.
    """
    height, width = pixels.shape[:2]
    if max(height, width) <= SQUASHED:
        return None
    index = np.arange(SQUASHED)
    rows = pixels[index * height // SQUASHED]
    square: NDArray[np.uint8] = rows.take(index * width // SQUASHED, axis=1)
    return square


def _columns(rows: _Floats, bands: _Bands) -> _Floats:
    """float32[64, 64]: rows blurred and sampled from left to right."""
    samples = np.empty((SAMPLES, SAMPLES), np.float32)
    for column, (start, weights) in enumerate(bands):
        samples[:, column] = rows[:, start : start + len(weights)] @ weights
    return samples


def _finish(samples: _Floats, shape: tuple[int, ...]) -> Pdq:
    if min(shape) < _SHORTEST:
        return Pdq(bytes(32), 0, np.zeros((FREQUENCIES, FREQUENCIES), np.float32))
    dct: _Floats = (_DCT @ samples @ _DCT.T).astype(np.float32, copy=False)
    return Pdq(_hash(dct), _quality(samples), dct)


def _hash(dct: _Floats) -> bytes:
    """Bit 1 where a frequency exceeds the lower median; the last frequency comes first."""
    flat = dct.ravel()
    return np.packbits((flat > np.partition(flat, 127)[127])[::-1]).tobytes()


def _quality(samples: _Floats) -> int:
    """Sum of the steps between neighbouring samples in whole percent of the range; 90 of them make one point."""
    steps = sum(float(np.abs(np.trunc(np.diff(samples, axis=axis) * (100 / 255))).sum()) for axis in (0, 1))
    return min(int(steps / 90), 100)


@functools.lru_cache(1024)
def _bands(side: int) -> _Bands:
    """For each sample of a side of this many pixels: the first pixel it depends on, and the weights from there on."""
    width = -(-side // (2 * SAMPLES))
    half = (width + 2) // 2
    pixel = np.arange(side)
    first, last = np.maximum(pixel - (width - half), 0), np.minimum(pixel + half - 1, side - 1)
    bands = []
    for sample in ((np.arange(SAMPLES) + 0.5) * side / SAMPLES).astype(int):
        once = range(first[sample], last[sample] + 1)
        start = int(first[once[0]])
        weights = np.zeros(int(last[once[-1]]) + 1 - start)
        for each in once:
            weights[first[each] - start : last[each] + 1 - start] += 1 / (last[each] + 1 - first[each])
        bands.append((start, (weights / len(once)).astype(np.float32)))
    return tuple(bands)


def _mirrored_bands(side: int) -> _Bands | None:
    """The bands of the mirrored side, seen from this end; None where they are, or count as, the bands mirrored."""
    symmetric = (
        -(-side // (2 * SAMPLES)) % 2 == 1 and side % (2 * SAMPLES) != 0
    )  # an odd window, and no sample on an edge
    if side > MIRRORED or symmetric:
        return None
    return tuple((side - start - len(weights), weights[::-1]) for start, weights in _bands(side))


_DCT: _Floats = np.array(
    [
        [np.sqrt(2 / SAMPLES) * np.cos(np.pi / (2 * SAMPLES) * k * (2 * j + 1)) for j in range(SAMPLES)]
        for k in range(1, FREQUENCIES + 1)
    ],
    np.float32,
)
