"""Moment: a time as the evidence states it, never converted on the way in."""

import dataclasses
import datetime
import enum

NANOSECOND = 1
MICROSECOND = 1_000
SECOND = 1_000_000_000

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Basis(enum.StrEnum):
    """What the integer counts from."""

    UTC = "utc"
    OFFSET = "offset"  # the field states an offset; the integer is UTC after applying it
    LOCAL_UNKNOWN = "local_unknown"  # wall clock of an unknown zone, counted as if it were UTC


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """One time: nanoseconds since 1970-01-01, its basis, the field it came from, and how fine that field is.

    ``precision`` is in nanoseconds: a ZIP's DOS time has 2 s, an ext4 inode 1 ns. ``offset_minutes`` is set only
    with ``Basis.OFFSET``.
    """

    ns: int
    basis: Basis
    field: str
    precision: int = NANOSECOND
    offset_minutes: int | None = None

    def __post_init__(self) -> None:
        if (self.offset_minutes is not None) != (self.basis is Basis.OFFSET):
            raise ValueError("offset_minutes goes with Basis.OFFSET, and only with it")
        if self.precision < 1:
            raise ValueError("precision is at least one nanosecond")

    @classmethod
    def utc(cls, ns: int, field: str, precision: int = NANOSECOND) -> "Moment":
        """A time the field itself counts in UTC."""
        return cls(ns, Basis.UTC, field, precision)

    @classmethod
    def wall_clock(cls, when: datetime.datetime, field: str, precision: int = SECOND) -> "Moment":
        """A wall-clock time: with its offset if ``when`` has one, else of unknown zone."""
        if when.tzinfo is None:
            return cls(_ns(when.replace(tzinfo=datetime.UTC)), Basis.LOCAL_UNKNOWN, field, precision)
        offset = when.utcoffset()
        if offset is None:
            raise ValueError("a zone without an offset")
        return cls(_ns(when), Basis.OFFSET, field, precision, int(offset.total_seconds() // 60))

    def as_json(self) -> dict[str, object]:
        """The row form of DESIGN section 4; the text carries its basis, because a bare time is never printed."""
        row: dict[str, object] = {
            "field": self.field,
            "ns": self.ns,
            "basis": self.basis.value,
            "precision_ns": self.precision,
            "text": self.text(),
        }
        if self.offset_minutes is not None:
            row["offset_minutes"] = self.offset_minutes
        return row

    def text(self) -> str:
        """Readable form that always says what the time is relative to."""
        try:
            when = _EPOCH + datetime.timedelta(microseconds=self.ns // 1000)
            local = when + datetime.timedelta(minutes=self.offset_minutes or 0)
        except OverflowError:
            return f"{self.ns} ns since 1970 ({self.basis.value})"
        if self.basis is Basis.LOCAL_UNKNOWN:
            return f"{when:%Y-%m-%d %H:%M:%S} (local, zone unknown)"
        if self.offset_minutes is None:
            return f"{when:%Y-%m-%d %H:%M:%S} UTC"
        sign, minutes = ("-", -self.offset_minutes) if self.offset_minutes < 0 else ("+", self.offset_minutes)
        return f"{local:%Y-%m-%d %H:%M:%S} {sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _ns(when: datetime.datetime) -> int:
    delta = when - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds * MICROSECOND
