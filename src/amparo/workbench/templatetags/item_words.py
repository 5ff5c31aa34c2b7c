"""Words for what Items state: findings, facts, fields of times, states. Templates ask for them by code."""

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext, gettext_noop

from amparo.ui.matches import TITLES

register = template.Library()

_FINDINGS = {
    "picture.properties": gettext_noop("Size and format"),
    "picture.exif": gettext_noop("Camera, time and place, as the file states"),
    "picture.damaged": gettext_noop("The picture is damaged"),
    "picture.exif_damaged": gettext_noop("Notes on camera and time are damaged"),
    "picture.flat": gettext_noop("The picture has little detail"),
    "file.symlink": gettext_noop("A link to another place"),
    "archive.damaged": gettext_noop("The archive is damaged"),
    "archive.trailing_bytes": gettext_noop("More bytes after the end of the archive"),
    "archive.member_name": gettext_noop("A name that would write outside its folder"),
    "media_type.mismatch": gettext_noop("The name says another type than the bytes"),
}
_FACTS = {
    "format": gettext_noop("Format"),
    "width": gettext_noop("Width in pixels"),
    "height": gettext_noop("Height in pixels"),
    "mode": gettext_noop("Colour mode"),
    "frames": gettext_noop("Frames"),
    "problem": gettext_noop("Problem"),
    "problems": gettext_noop("Problems"),
    "make": gettext_noop("Camera maker"),
    "model": gettext_noop("Camera model"),
    "software": gettext_noop("Program"),
    "lens": gettext_noop("Lens"),
    "serial": gettext_noop("Serial number of the camera"),
    "lens_serial": gettext_noop("Serial number of the lens"),
    "orientation": gettext_noop("Orientation (EXIF)"),
    "taken": gettext_noop("Taken"),
    "digitised": gettext_noop("Digitised"),
    "modified": gettext_noop("Changed"),
    "gps_latitude": gettext_noop("Latitude in degrees"),
    "gps_longitude": gettext_noop("Longitude in degrees"),
    "gps_altitude_m": gettext_noop("Metres above sea level"),
    "gps_datum": gettext_noop("Map datum"),
    "gps_time": gettext_noop("Time of the position"),
}
_FIELDS = {
    "modified": gettext_noop("Changed"),
    "created": gettext_noop("Created"),
    "accessed": gettext_noop("Read last"),
    "changed": gettext_noop("Entry changed"),
}
_STATES = {
    "pending": gettext_noop("Not looked at yet"),
    "ok": gettext_noop("Looked at"),
    "skipped": gettext_noop("Skipped"),
    "failed": gettext_noop("Failed"),
}
_ORIGINS = {
    "allocated": gettext_noop("an ordinary entry"),
    "deleted": gettext_noop("deleted, recovered"),
    "carved": gettext_noop("carved out of free space"),
    "cache": gettext_noop("in a cache"),
    "thumbnail": gettext_noop("a small copy that a program made"),
}
_FILTERS = {
    "type": gettext_noop("Type"),
    "outcome": gettext_noop("Outcome"),
    "source": gettext_noop("Source"),
    "lead": gettext_noop("Finding"),
    "q": gettext_noop("Words"),
}


@register.filter
def finding_title(kind: str) -> str:
    """What a kind of Finding is called; the kind itself where it has no words yet."""
    return gettext(TITLES.get(kind) or _FINDINGS.get(kind, kind))


@register.filter
def fact_name(name: str) -> str:
    """What a fact is called."""
    return gettext(_FACTS.get(name, name.removesuffix("_raw").replace("_", " ")))


@register.filter
def field_name(field: str) -> str:
    """The field that a time came from."""
    return gettext(_FIELDS.get(field, field))


@register.filter
def outcome(code: str) -> str:
    """A state, or ``state:reason``."""
    state, _, why = code.partition(":")
    word = gettext(_STATES.get(state, state))
    return f"{word}: {why}" if why else word


@register.filter
def origin(code: str) -> str:
    """How an entry came to lie where it lies."""
    return gettext(_ORIGINS.get(code, code))


@register.filter
def filter_name(name: str) -> str:
    """A filter of the list."""
    return gettext(_FILTERS[name])


@register.filter
def named(names: Mapping[str, str], actor: str) -> str:
    """The name of an actor."""
    return names.get(actor, actor)
