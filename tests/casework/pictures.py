"""Generated pictures, altered copies of them, and Banks that know them."""

from pathlib import Path

import numpy as np
import pdqhash
from PIL import Image, ImageOps

from amparo.casework.banks.importing import import_bank
from amparo.casework.installation import Installation
from amparo.catalogue.models import Case, Finding
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify

SIZE = (320, 240)
STATED = {"owner": "Amparo tests", "terms": "none", "dated": "2026-01-31"}


def picture(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Smooth noise: as unlike any other seed's as two photographs are."""
    grid = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), np.uint8)
    return Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC)


def copies(folder: Path, seed: int, number: int = 6) -> list[Path]:
    """So many files, each with another altered copy of one picture, all of them nearer than the radius to it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for each in range(number):
        path = folder / f"copy{seed}-{each}.jpg"
        width = 300 - 20 * each
        picture(seed).resize((width, width * 3 // 4)).save(path, quality=70 + each)
        made.append(path)
    return made


def mirrored(path: Path, seed: int) -> Path:
    """A mirrored copy."""
    ImageOps.mirror(picture(seed)).save(path)
    return path


def pdq_of(image: Image.Image) -> str:
    """By the peer."""
    return np.packbits(pdqhash.compute(np.asarray(image.convert("RGB")))[0]).tobytes().hex()


def plain_bank(
    installation: Installation, folder: Path, *seeds: int, name: str = "Looks", kind: str | None = None
) -> None:
    """A Bank of the PDQ of the original pictures."""
    path = folder / f"{name}.txt"
    path.write_text("".join(f"{pdq_of(picture(seed))}\n" for seed in seeds))
    import_bank(installation, str(path), name, "plain", stated(algorithm="pdq"), kind)


def stated(**more: str) -> dict[str, object]:
    """What a plain list has to be told."""
    from amparo.casework.banks.formats import stated as told

    given = {**STATED, **more}
    return told(given["owner"], given["terms"], given["dated"], (), given.get("algorithm"))


def kinds(case: Case, start: str = "match.") -> dict[str, int]:
    """How many current Findings there are of each kind that begins so."""
    found = Finding.objects.filter(case=case, kind__startswith=start, current=True).values_list("kind", flat=True)
    return {kind: list(found).count(kind) for kind in set(found)}


def verified(installation: Installation, case: Case | None) -> None:
    """The chain of a Case, or of the installation, checks out."""
    verify(chain_path(installation.settings.home, case.uuid if case else None))
