"""Times of a tar member: seconds in its header, fractions in pax records."""

from amparo.evidence.moment import SECOND, Moment
from amparo.sources.containers.tar_header import Header

_TIMES = ((b"mtime", "tar.mtime"), (b"atime", "tar.atime"), (b"LIBARCHIVE.creationtime", "tar.btime"))


def moments(header: Header, records: dict[bytes, bytes]) -> tuple[Moment, ...]:
    """mtime always; atime and creation time where pax has them; a pax time that is none is left out."""
    found = []
    for key, field in _TIMES:
        if (moment := _pax_time(records[key], field) if key in records else None) is not None:
            found.append(moment)
        elif key == b"mtime":
            found.append(Moment.utc(header.mtime * SECOND, field, SECOND))
    return tuple(found)


def _pax_time(value: bytes, field: str) -> Moment | None:
    """Decimal seconds with any number of digits behind the point, cut at nanoseconds."""
    sign = -1 if value.startswith(b"-") else 1
    whole, _, fraction = value.lstrip(b"-").partition(b".")
    fraction = fraction[:9]
    if not whole.isdigit() or len(whole) > 19 or (fraction and not fraction.isdigit()):
        return None
    precision = 10 ** (9 - len(fraction))
    return Moment.utc(sign * (int(whole) * SECOND + int(fraction or b"0") * precision), field, precision)
