"""Windows FILETIME: 100 ns since 1601-01-01 UTC ([MS-DTYP] 2.3.3)."""

from amparo.evidence.moment import Moment

_SINCE_1601 = 116_444_736_000_000_000
_STEP = 100


def filetime(value: int, field: str) -> Moment | None:
    """The Moment, None for the two values that mean not set."""
    if value in (0, 0xFFFF_FFFF_FFFF_FFFF):
        return None
    return Moment.utc((value - _SINCE_1601) * _STEP, field, _STEP)
