"""EXIF as the picture states it (CIPA DC-008, EXIF 2.32): camera, times, position. Nothing here is verified."""

import contextlib
import dataclasses
import datetime
import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image

from amparo.evidence.finding import Fact, Finding
from amparo.evidence.moment import SECOND, Moment
from amparo.media.decoding import Damaged, decoder, exif_block

EXIF = "picture.exif"
EXIF_DAMAGED = "picture.exif_damaged"
_LONGEST = 500  # characters of one text
_BLOCK = 16 * 1024 * 1024  # bytes of one EXIF block; JPEG's own limit is 64 KiB per segment

_Tags = Mapping[int, Any]
_CAMERA = {"make": 0x010F, "model": 0x0110, "software": 0x0131}
_SHOT = {"lens": 0xA434, "serial": 0xA431, "lens_serial": 0xA435}
# fact: (EXIF name, date and time, fraction of the second, offset); DateTime itself lies in IFD0
_TIMES = {
    "taken": ("DateTimeOriginal", 0x9003, 0x9291, 0x9011),
    "digitised": ("DateTimeDigitized", 0x9004, 0x9292, 0x9012),
    "modified": ("DateTime", 0x0132, 0x9290, 0x9010),
}
_WHEN = re.compile(r"([0-9]{4})[:/-]([0-9]{2})[:/-]([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})")
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})|Z")


def exif_findings(image: Image.Image) -> tuple[Finding, ...]:
    """``picture.exif`` if anything is stated, ``picture.exif_damaged`` {problems} if part of it cannot be read.

    Problems: ``size`` (above 16 MiB, not read), ``directory``, ``values`` (entries that point outside or
    contradict themselves), ``position``. Takes time linear in the EXIF block.
    """
    problems: set[str] = set()
    main, shot, gps = _directories(image, problems)
    facts: dict[str, Fact] = {}
    for name, tag in _CAMERA.items():
        _put(facts, name, _text(main.get(tag)))
    for name, tag in _SHOT.items():
        _put(facts, name, _text(shot.get(tag)))
    turned = image.info.get("original_orientation") or main.get(0x0112)  # pillow-heif resets the tag
    if isinstance(turned, int) and 1 <= turned <= 8:
        facts["orientation"] = turned
    for name, (field, tag, fraction, offset) in _TIMES.items():
        _time(facts, name, field, _text((main if name == "modified" else shot).get(tag)),
              _text(shot.get(fraction)), _text(shot.get(offset)))  # fmt: skip
    _position(facts, gps, problems)
    found = [Finding(EXIF, facts)] if facts else []
    if problems:
        found.append(Finding(EXIF_DAMAGED, {"problems": tuple(sorted(problems))}))
    return tuple(found)


def _directories(image: Image.Image, problems: set[str]) -> tuple[_Tags, _Tags, _Tags]:
    """IFD0, Exif IFD and GPS IFD; empty where absent or unreadable. No directory is followed twice."""
    parts: list[dict[int, Any]] = [{}, {}, {}]
    raw = exif_block(image)
    if raw is not None and len(raw) > _BLOCK:
        problems.add("size")
        return {}, {}, {}
    try:
        with decoder("directory") as told:
            if raw is not None:
                exif = Image.Exif()
                exif.load(raw)
            else:
                for name in ("xmp", "XML:com.adobe.xmp"):  # getexif() would pass XMP's orientation off as EXIF's
                    image.info.pop(name, None)
                exif = Image.Image.getexif(image)  # PNG's own one decodes all pixels, whatever their number
            parts[0] = dict(exif)
            parts[1] = exif.get_ifd(ExifTags.IFD.Exif)
            parts[2] = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Damaged:
        problems.add("directory")
    if told:
        problems.add("values")
    return parts[0], parts[1], parts[2]


def _put(facts: dict[str, Fact], name: str, fact: Fact) -> None:
    if fact is not None and fact != "":
        facts[name] = fact


def _text(value: object) -> str | None:
    """Readable text of an ASCII field; cameras put UTF-8 there too. Control and format characters become spaces."""
    if isinstance(value, str):
        value = value.encode("latin-1", "replace")  # undo Pillow's decoding
    if not isinstance(value, bytes):
        return None
    value = value.partition(b"\0")[0][: 4 * _LONGEST]
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    text = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)  # control, format, separators
    return " ".join(text.split())[:_LONGEST]


def _time(
    facts: dict[str, Fact], name: str, field: str, text: str | None, fraction: str | None, offset: str | None
) -> None:
    """Facts of one time; where the text is no time, only the text as it stands."""
    if not text or not any(c.isdigit() for c in text):
        return  # blanks between the colons mean "unknown" (EXIF 2.32, 4.6.5)
    digits = fraction if fraction and re.fullmatch("[0-9]{1,9}", fraction) else ""
    facts[f"{name}_raw"] = text + (f".{digits}" if digits else "") + (f" {offset}" if offset else "")
    parts, zone = _WHEN.fullmatch(text), _zone(offset)
    if parts is None:
        return
    with contextlib.suppress(ValueError):
        year, month, day, hour, minute, second = map(int, parts.groups())
        when = datetime.datetime(year, month, day, hour, minute, second, tzinfo=zone)
        moment = Moment.wall_clock(when, f"exif.{field}", SECOND // 10 ** len(digits))
        _moment(facts, name, dataclasses.replace(moment, ns=moment.ns + int(digits.ljust(9, "0") if digits else 0)))


def _moment(facts: dict[str, Fact], name: str, moment: Moment) -> None:
    facts[name] = moment.text()
    facts[f"{name}_ns"] = moment.ns
    facts[f"{name}_basis"] = moment.basis.value
    facts[f"{name}_precision_ns"] = moment.precision
    if moment.offset_minutes is not None:
        facts[f"{name}_offset_minutes"] = moment.offset_minutes


def _zone(offset: str | None) -> datetime.timezone | None:
    parts = _OFFSET.fullmatch(offset or "")
    if parts is None:
        return None
    if parts[1] is None:
        return datetime.UTC
    minutes = int(parts[2]) * 60 + int(parts[3])
    if minutes > 14 * 60 or int(parts[3]) > 59:  # no zone on Earth
        return None
    return datetime.timezone(datetime.timedelta(minutes=-minutes if parts[1] == "-" else minutes))


def _position(facts: dict[str, Fact], gps: _Tags, problems: set[str]) -> None:
    """Decimal degrees (WGS 84 unless ``gps_datum`` says otherwise), accuracy, metres above the sea, UTC of the fix."""
    latitude = _degrees(gps.get(2), _text(gps.get(1)), "NS", 90)
    longitude = _degrees(gps.get(4), _text(gps.get(3)), "EW", 180)
    if latitude is not None and longitude is not None:
        facts["gps_latitude"], facts["gps_longitude"] = latitude, longitude
        _put(facts, "gps_datum", _text(gps.get(18)))
    elif 2 in gps or 4 in gps:
        problems.add("position")
    for name, tag in (("gps_error_m", 31), ("gps_dop", 11)):  # GPSHPositioningError, GPSDOP
        if (stated := _number(gps.get(tag))) is not None and stated > 0:
            facts[name] = round(stated, 3)
    altitude, side = _number(gps.get(6)), gps.get(5, b"\0")
    if altitude is not None and side in (b"\0", b"\1", 0, 1):
        facts["gps_altitude_m"] = round(-altitude if side in (b"\1", 1) else altitude, 3)
    day, clock = _text(gps.get(29)), _three(gps.get(7))
    parts = re.fullmatch("([0-9]{4})[:/-]([0-9]{2})[:/-]([0-9]{2})", day or "")
    if parts and clock and clock[0] < 24 and clock[1] < 60 and clock[2] < 60:
        with contextlib.suppress(ValueError, OverflowError):
            when = datetime.datetime(*map(int, parts.groups()), tzinfo=datetime.UTC)  # type: ignore[misc,arg-type]
            when += datetime.timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2])
            whole = clock[2].is_integer()
            moment = Moment.wall_clock(when, "exif.GPSTimeStamp", SECOND if whole else SECOND // 1000)
            _moment(facts, "gps_time", Moment.utc(moment.ns, moment.field, moment.precision))


def _degrees(value: object, side: str | None, sides: str, most: int) -> float | None:
    """Degrees, minutes and seconds as one signed number to 6 decimals (about 0.1 m); None unless all is sound."""
    parts = _three(value)
    if parts is None or side not in tuple(sides) or parts[1] >= 60 or parts[2] >= 60:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    return None if degrees > most else round(-degrees if side == sides[1] else degrees, 6)


def _three(value: object) -> tuple[float, float, float] | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    first, second, third = (_number(part) for part in value)
    if first is None or second is None or third is None or min(first, second, third) < 0:
        return None
    return first, second, third


def _number(value: Any) -> float | None:
    """A finite float, or None: EXIF has zero denominators."""
    try:
        number = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None
