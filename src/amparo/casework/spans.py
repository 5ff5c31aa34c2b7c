"""Spans of the calendar: all, a year, a month, a day, an hour or a minute, each cut into those below it."""

import calendar
import dataclasses
import datetime
import re

SECOND = 10**9
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2})(?::([0-9]{2}))?)?)?)?")
FIRST_YEAR, LAST_YEAR = 1678, 2261  # whole years that 64 bits of nanoseconds hold
_LOWEST, _BEYOND = -(2**63), 2**63 - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """``parts``: year, month, day, hour, minute, as many as are given; none is all of time. Raises ValueError."""

    parts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.parts:
            if not FIRST_YEAR <= self.parts[0] <= LAST_YEAR or len(self.parts) > 5:
                raise ValueError(f"no span of the calendar: {self.parts}")
            self._begin()

    @property
    def start(self) -> int:
        """Its first nanosecond since 1970, as its own clock counts."""
        return _LOWEST if not self.parts else _ns(self._begin())

    @property
    def end(self) -> int:
        """The first nanosecond behind it."""
        if not self.parts:
            return _BEYOND
        year, begin = self.parts[0], self._begin()
        if len(self.parts) == 1:
            return _ns(begin.replace(year=year + 1))
        if len(self.parts) == 2:
            return _ns(begin) + calendar.monthrange(year, self.parts[1])[1] * 86_400 * SECOND
        return _ns(begin) + (86_400, 3_600, 60)[len(self.parts) - 3] * SECOND

    @property
    def text(self) -> str:
        """``2024-05-17T13:05``, as far as it goes; empty for all of time."""
        if not self.parts:
            return ""
        marks = ("", "-", "-", "T", ":")
        return f"{self.parts[0]:04}" + "".join(
            f"{mark}{part:02}" for mark, part in zip(marks[1:], self.parts[1:], strict=False)
        )

    @property
    def above(self) -> "tuple[Span, ...]":
        """The spans around it, the widest first: all of time, the year, ..."""
        return tuple(Span(self.parts[:each]) for each in range(len(self.parts)))

    @property
    def below(self) -> "tuple[Span, ...]":
        """What it is cut into; nothing for all of time, which has too many years, and for a minute."""
        numbers: range
        match len(self.parts):
            case 1:
                numbers = range(1, 13)
            case 2:
                numbers = range(1, calendar.monthrange(*self.parts)[1] + 1)
            case 3:
                numbers = range(24)
            case 4:
                numbers = range(60)
            case _:
                return ()
        return tuple(Span((*self.parts, each)) for each in numbers)

    def _begin(self) -> datetime.datetime:
        year, month, day, hour, minute = (*self.parts, *(1, 1, 1, 0, 0)[len(self.parts) :])
        return datetime.datetime(year, month, day, hour, minute, tzinfo=datetime.UTC)


def parse(text: str) -> Span:
    """A span from its text; all of time for whatever else stands in an address."""
    found = _FORM.fullmatch(text)
    if found is None or not text.isascii():
        return Span()
    try:
        return Span(tuple(int(part) for part in found.groups() if part is not None))
    except ValueError:
        return Span()


def minute_of(ns: int) -> Span | None:
    """The minute that holds a time; None beyond the years that have spans."""
    try:
        when = _EPOCH + datetime.timedelta(seconds=ns // SECOND)
        return Span((when.year, when.month, when.day, when.hour, when.minute))
    except (ValueError, OverflowError):
        return None


def _ns(when: datetime.datetime) -> int:
    since = when - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND
