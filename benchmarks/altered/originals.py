"""Benign originals: photographs from Debian packages, generated drawings, and decoys for counting false matches.

The photographs were chosen by eye from contact sheets: photographs only, one file per scene; of gnome-backgrounds,
desktop-base and ukui-wallpapers, which hold drawings only, nothing. Nothing of them enters the repository: packages
are fetched without root (``apt-get download``, ``dpkg-deb -x``) into a cache folder.
"""

import dataclasses
import functools
import subprocess
from pathlib import Path

from drawings import drawing
from PIL import Image

CACHE = Path.home() / ".cache" / "amparo-benchmarks"
LONGEST = 1024  # pixels of the longer side of an original
GENERATED = 100  # scenes
DRAWN_DECOYS = 300

_PLASMA = "usr/share/wallpapers/{}/contents/images/2560x1600.jpg"
_LXQT = "usr/share/lxqt/wallpapers/{}"
_MATE = "usr/share/backgrounds/mate/nature/{}.jpg"
_LOMIRI = "usr/share/backgrounds/{}.jpg"

# Package: (path inside it, names).
PHOTOGRAPHS: dict[str, tuple[str, tuple[str, ...]]] = {
    "plasma-workspace-wallpapers": (
        _PLASMA,
        (
            "BytheWater", "ColdRipple", "ColorfulCups", "DarkestHour", "EveningGlow", "FallenLeaf", "Grey", "Kite",
            "OneStandsOut", "Path", "summer_1am",
        ),
    ),
    "lxqt-themes": (
        _LXQT,
        (
            "Butterfly-Kenneth-Wimer.jpg", "Valendas.png", "after-the-rain.jpg", "appleflower.png", "beam.png",
            "butterfly.png", "cloud.png", "drop.png", "flowers.png", "fog.jpg", "this-is-not-windows.jpg",
        ),
    ),
    "mate-backgrounds": (
        _MATE,
        (
            "Aqua", "Blinds", "Dune", "FreshFlower", "Garden", "GreenMeadow", "LadyBird", "RainDrops", "Storm",
            "TwoWings", "Wood", "YellowFlower",
        ),
    ),
    "lomiri-wallpapers-16.04": (
        _LOMIRI,
        (
            "Bridge_by_Sander_Klootwijk", "Dragonfly_by_Bolly", "Picture_0B_by_freespace", "Picture_1A_by_freespace",
            "Wine_by_Jakkub_Mede", "aitzgorri_by_Aitzol_Berasategi", "free_by_Peter_Nerlich",
            "friends_by_Aitzol_Berasategi", "greentock_by_Peter_Nerlich", "life_by_Aitzol_Berasategi",
            "picosdeeuropa_by_Aitzol_Berasategi", "seeding_by_Clements_Engelhardt", "sunset_by_Aitzol_Berasategi",
        ),
    ),
    "lomiri-wallpapers-20.04": (_LOMIRI, ("Kleiber_by_Lukas_Baubkus",)),
    "digikam-data": ("usr/share/digikam/about/images/{}.jpg", ("body-background",)),
}  # fmt: skip

_CROPS = {"top left": (0, 0), "top right": (1, 0), "bottom left": (0, 1), "bottom right": (1, 1)}


@dataclasses.dataclass(frozen=True, slots=True)
class Original:
    """One picture. ``scene`` is the unit of counting: pictures of one scene are never decoys for each other.

    ``source``: a path, or the seed of a drawing. ``crop``: a quarter of the picture, or empty for all of it.
    ``column``: photographs, generated, or decoys, which are only known pictures and never altered.
    """

    column: str
    scene: str
    source: Path | int
    crop: str = ""

    def image(self) -> Image.Image:
        """RGB, the longer side at most LONGEST."""
        image = drawing(self.source) if isinstance(self.source, int) else _decoded(self.source).copy()
        if self.crop:
            (x, y), (width, height) = _CROPS[self.crop], (image.width // 2, image.height // 2)
            image = image.crop((x * width, y * height, (x + 1) * width, (y + 1) * height))
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        return image


def originals(cache: Path, per_column: int | None) -> list[Original]:
    """The scenes of both columns (at most ``per_column`` of each), then their decoys: quarters and further drawings."""
    photographs = [Original("photographs", path.stem if path.stem != "2560x1600" else path.parts[-4], path)
                   for path in _photographs(cache)]  # fmt: skip
    generated = [Original("generated", f"drawing {seed}", seed) for seed in range(GENERATED)]
    if per_column is not None:  # spread over packages and kinds
        photographs = photographs[:: max(1, len(photographs) // per_column)][:per_column]
        generated = generated[:per_column]
    scenes = photographs + generated
    quarters = [Original("decoys", each.scene, each.source, crop) for each in photographs for crop in _CROPS]
    drawn = DRAWN_DECOYS if per_column is None else 5 * per_column
    decoys = [Original("decoys", f"drawing {seed}", seed) for seed in range(GENERATED, GENERATED + drawn)]
    return scenes + quarters + decoys


@functools.lru_cache(1)  # the quarters of a photograph follow each other
def _decoded(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        opened.draft("RGB", (2 * LONGEST, 2 * LONGEST))
        return opened.convert("RGB")


def packages(cache: Path) -> list[str]:
    """File names, with versions, of the packages in use."""
    return sorted(_deb(cache, package).name for package in PHOTOGRAPHS)


def _photographs(cache: Path) -> list[Path]:
    """Paths of the chosen photographs; fetches and unpacks what the cache lacks."""
    paths = []
    for package, (inside, names) in PHOTOGRAPHS.items():
        folder = cache / "unpacked" / package
        files = [folder / inside.format(name) for name in names]
        if not all(file.is_file() for file in files):
            _fetch(cache, package, folder)
        lacking = [file.name for file in files if not file.is_file()]
        if lacking:
            raise SystemExit(f"{_deb(cache, package).name} lacks {', '.join(lacking)}: take the version of Debian 12")
        paths += files
    return paths


def _fetch(cache: Path, package: str, folder: Path) -> None:
    debs = cache / "packages"
    debs.mkdir(parents=True, exist_ok=True)
    if not list(debs.glob(f"{package}_*.deb")):
        subprocess.run(["apt-get", "download", package], cwd=debs, check=True)
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dpkg-deb", "-x", str(_deb(cache, package)), str(folder)], check=True)


def _deb(cache: Path, package: str) -> Path:
    return max((cache / "packages").glob(f"{package}_*.deb"))
