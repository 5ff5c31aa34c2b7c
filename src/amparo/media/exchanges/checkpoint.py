"""Checkpoints of exchanges: a small JSON object that says which exchange and address it belongs to."""

import json
from collections.abc import Mapping

from amparo.evidence.errors import BadInput

LONGEST = 16 * 1024 * 1024  # bytes
_VERSION = 1
_HINT = "Remove this exchange's entries and fetch from the beginning."


def write(exchange: str, address: str, state: Mapping[str, object]) -> bytes:
    """The checkpoint of ``exchange`` at ``address``."""
    return json.dumps({"v": _VERSION, "exchange": exchange, "at": address, **state}, separators=(",", ":")).encode()


def read(data: bytes, exchange: str, address: str) -> dict[str, object]:
    """What ``write`` was given; raises BadInput where it was another exchange or address, or is damaged."""
    try:
        state = json.loads(data) if len(data) <= LONGEST else None
    except (ValueError, RecursionError):
        state = None
    if not isinstance(state, dict) or state.pop("v", None) != _VERSION:
        raise damaged()
    if (state.pop("exchange", None), state.pop("at", None)) != (exchange, address):
        raise BadInput(f"The checkpoint is not one of {exchange} at {address}.", _HINT)
    return state


def seconds(state: Mapping[str, object], field: str) -> int:
    """A time in seconds since 1970; raises BadInput."""
    value = state.get(field)
    if not isinstance(value, int) or not 0 <= value < 2**40:
        raise damaged()
    return value


def text(state: Mapping[str, object], field: str) -> str:
    """A text, maybe empty; raises BadInput."""
    value = state.get(field)
    if not isinstance(value, str):
        raise damaged()
    return value


def damaged() -> BadInput:
    """The error of a checkpoint that is not whole."""
    return BadInput("The checkpoint of the exchange is damaged.", _HINT)
