"""Fields, spans and degrees in words."""

from django.utils.translation import gettext, gettext_noop

from amparo.casework.spans import Span
from amparo.catalogue.grid import Cell
from amparo.catalogue.models.marks import Field
from amparo.catalogue.review import MOST
from amparo.evidence.moment import Basis, Moment
from amparo.ui.templatetags.amparo import number

_FIELDS = {
    Field.MODIFIED: gettext_noop("Changed last"),
    Field.CREATED: gettext_noop("Created"),
    Field.ACCESSED: gettext_noop("Read last"),
    Field.ENTRY_CHANGED: gettext_noop("Entry changed"),
    Field.TAKEN: gettext_noop("Taken (stated in the picture)"),
    Field.DIGITISED: gettext_noop("Digitised (stated in the picture)"),
    Field.EDITED: gettext_noop("Edited (stated in the picture)"),
    Field.POSITIONED: gettext_noop("Position measured (stated in the picture)"),
}
TOKENS = {each.name.lower().replace("_", "-"): each for each in Field}


def field(which: Field) -> str:
    """What a field of times is called."""
    return gettext(_FIELDS[which])


def token(which: Field) -> str:
    """What stands for it in an address."""
    return next(name for name, each in TOKENS.items() if each is which)


def capped(count: int) -> str:
    """A number that was counted to 10,001."""
    return gettext("more than %(count)s") % {"count": number(MOST)} if count > MOST else number(count)


def span(which: Span) -> str:
    """``2024-05-17 13:05``; ``all years`` for all of time."""
    if not which.parts:
        return gettext("All years")
    text = which.text.replace("T", " ")
    return f"{text}:00 - {text[-2:]}:59" if len(which.parts) == 4 else text


def short(which: Span) -> str:
    """The last part of a span, as a label below a bar."""
    if len(which.parts) == 4:
        return f"{which.parts[3]:02}:00"
    return which.text if len(which.parts) < 5 else which.text[-5:]


def moment(ns: int, local: bool) -> str:
    """A time that says what it is relative to."""
    return Moment(ns, Basis.LOCAL_UNKNOWN if local else Basis.UTC, "").text()


def degrees(latitude: float, longitude: float) -> str:
    """``48.8584° N, 2.2945° E``."""
    return f"{_one(latitude, 'N', 'S')}, {_one(longitude, 'E', 'W')}"


def cell(which: Cell | None) -> str:
    """From corner to corner."""
    if which is None:
        return gettext("The whole Earth")
    south, west, north, east = which.box
    return gettext("%(from)s to %(to)s") % {"from": degrees(south, west), "to": degrees(north, east)}


def _one(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.6f}".rstrip("0").rstrip(".") + f"° {negative if value < 0 else positive}"
