"""Pictures that state times, places and cameras: generated, with EXIF written here."""

import os
from pathlib import Path

from casework.pictures import picture
from PIL import ExifTags, Image

PLACES = ((40.4168, -3.7038), (40.4201, -3.7011), (41.3874, 2.1686), (19.4329, -99.1333), (-34.6037, -58.3816))


def exif(at: tuple[float, float] | None, taken: str = "", offset: str = "", serial: str = "") -> Image.Exif:
    """As a camera writes it; ``at`` is latitude and longitude."""
    made = Image.Exif()
    made[0x010F], made[0x0110] = "Maker", "Model 1"
    shot = made.get_ifd(ExifTags.IFD.Exif)
    for tag, text in ((0x9003, taken), (0x9011, offset), (0xA431, serial)):
        if text:
            shot[tag] = text
    gps = made.get_ifd(ExifTags.IFD.GPSInfo)
    for tag, value, sides in ((1, at[0], "NS"), (3, at[1], "EW")) if at else ():
        gps[tag] = sides[value < 0]
        gps[tag + 1] = (int(abs(value)), int(abs(value) % 1 * 60), round(abs(value) * 60 % 1 * 60, 3))
    if at:
        gps[31] = 5.0
    return made


def stating(folder: Path) -> Path:
    """Five pictures: two in Madrid; odd ones state the offset of their clock; all were changed within one minute."""
    folder.mkdir()
    for number, at in enumerate(PLACES):
        taken = f"202{number // 2}:05:{17 + number} 13:22:1{number}"
        path = folder / f"IMG_{number}.jpg"
        picture(number).save(path, exif=exif(at, taken, "+02:00" if number % 2 else ""))
        os.utime(path, (1_600_000_020 + number, 1_600_000_020 + number))
    return folder
