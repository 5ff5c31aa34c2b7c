"""A scanned Case with pictures, texts, an archive, copies and a damaged picture: all generated."""

import hashlib
import zipfile
from pathlib import Path

from casework.installations import bank
from casework.pictures import copies, picture, plain_bank
from PIL import Image

from amparo.casework.groups import make_groups
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Item
from amparo.evidence.item import Locator


def tree(folder: Path) -> Path:
    """``copies/``: three looks of one picture; ``camera.jpg`` with EXIF; ``text.txt`` twice; ``damaged.png``."""
    copies(folder / "copies", 1, 3)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Model 1"
    exif[0x0112] = 6
    for number in (2, 3):
        picture(number).save(folder / f"camera{number}.jpg", exif=exif)
    (folder / "text.txt").write_text("text")
    (folder / "Ordner").mkdir()
    (folder / "Ordner" / "Größe again.txt").write_text("text")
    picture(4).save(folder / "damaged.png")
    whole = (folder / "damaged.png").read_bytes()
    (folder / "damaged.png").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        picture(5).save(folder / "inner.png")
        archive.write(folder / "inner.png", "inner.png")
    (folder / "inner.png").unlink()
    return folder


def scanned(installation: Installation, case: Case, folder: Path) -> Case:
    """The tree scanned into a Case, with a Bank that knows the text and one that knows how picture 1 looks."""
    folder.mkdir(exist_ok=True)
    work = folder.parent
    bank(installation, work, hashlib.sha256(b"text").hexdigest())
    plain_bank(installation, work, 1)
    scan(installation, str(tree(folder)), case.reference)
    make_groups(installation, case.reference)
    return case


def item(case: Case, path: str) -> Item:
    """By path."""
    for row in Item.objects.filter(case=case).select_related("content", "source", "case"):
        if Locator.decode(bytes(row.locator)).path == path.encode():
            return row
    raise AssertionError(path)
