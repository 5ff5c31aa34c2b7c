"""How many bits lie between our hashes and those of the reference (package pdqhash, Meta's C++), on benign pictures.

Turned: the hashes of a picture turned and mirrored seven ways, beside the reference's hash of the picture that was
really turned. The reference computes them, too (``compute_dihedral``); of its eight the nearest counts, so that nothing
depends on what it calls them. Pictures are grey, each with the longer side of the table.

JPEG: a scan hashes a JPEG's own luma, the reference the RGB pixels made of it. Each picture at its own size (at most
1,024 pixels) and at 40 %, in several JPEG qualities, 4:2:0; those that PDQ calls flat are counted apart.
"""

import argparse
import io
import statistics
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pdqhash
from numpy.typing import NDArray
from originals import CACHE, originals
from PIL import Image

from amparo.media.decoded import decode, pixels_of
from amparo.media.pdq import DOUBTFUL, TRANSFORMS, Hasher

SIDES = (200, 480, 640, 1_000, 1_600)
QUALITIES = (30, 50, 70, 85, 95)
SMALLER = 0.4
_TURNS = (
    Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270, Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.TRANSPOSE, Image.Transpose.TRANSVERSE,
)  # fmt: skip  # in the order of TRANSFORMS, without the first


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--turned", type=int, default=20, help="photographs that are turned")
    given = parser.parse_args()
    scenes = [each for each in originals(given.cache, None) if each.column != "decoys"]
    photographs = [each.image() for each in scenes if each.column == "photographs"]
    generated = [each.image() for each in scenes if each.column == "generated"]
    print(f"turned, {given.turned} photographs; bits, mean and most")
    for side in SIDES:
        print(f"  {side} pixels: {_turned(photographs[: given.turned], side)}", flush=True)
    for name, pictures in (("photographs", photographs), ("generated", generated)):
        print(f"luma of JPEG, {len(pictures)} {name}: {_jpeg(pictures)}", flush=True)


def _turned(pictures: Iterable[Image.Image], side: int) -> str:
    theirs, ours = [], []
    for picture in pictures:
        factor = side / max(picture.size)
        grey = picture.convert("L").resize((round(picture.width * factor), round(picture.height * factor)))
        computed, _ = pdqhash.compute_dihedral(_three(grey))
        _, turned = Hasher().turned(np.asarray(grey))
        for transform, hashed in zip(_TURNS, turned[1:], strict=True):
            expected, _ = pdqhash.compute(_three(grey.transpose(transform)))
            theirs.append(min(int((expected != each).sum()) for each in computed))
            ours.append(int((expected != np.unpackbits(np.frombuffer(hashed, np.uint8))).sum()))
    assert len(_TURNS) + 1 == len(TRANSFORMS)
    return ", ".join(f"{name} {statistics.mean(bits):.1f} {max(bits)}" for name, bits in
                     (("reference", theirs), ("ours", ours)))  # fmt: skip


def _jpeg(pictures: Iterable[Image.Image]) -> str:
    distances = {quality: Counter[int]() for quality in QUALITIES}
    flat = 0
    for picture in pictures:
        small = picture.resize((round(picture.width * SMALLER), round(picture.height * SMALLER)))
        for image in (picture, small):
            for quality in QUALITIES:
                stream = io.BytesIO()
                image.save(stream, "JPEG", quality=quality, subsampling=2)
                luma = decode(stream.getvalue(), "image/jpeg", image.width * image.height).image
                assert luma is not None
                assert luma.mode == "L"
                ours = Hasher().luma(pixels_of(luma))
                theirs, _ = pdqhash.compute(np.asarray(Image.open(stream).convert("RGB")))
                if ours.quality < DOUBTFUL:
                    flat += 1
                    continue
                distances[quality][int((theirs != np.unpackbits(np.frombuffer(ours.hash, np.uint8))).sum())] += 1
    lines = [f"{flat} flat ones left out"]
    for quality, counted in distances.items():
        each = ", ".join(f"{bits} bits {number}" for bits, number in sorted(counted.items()))
        lines.append(f"quality {quality}, {counted.total()} JPEGs: {each}")
    return "\n  ".join(lines)


def _three(grey: Image.Image) -> NDArray[np.uint8]:
    """uint8[height, width, 3]: what the reference takes."""
    return np.asarray(grey.convert("RGB"))


if __name__ == "__main__":
    main()
