"""How many examples property tests try: a hundred times as many under ``make fuzz``."""

import os

TIMES = 100 if os.environ.get("AMPARO_FUZZ") else 1


def examples(number: int) -> int:
    """``number`` in ``make test``, a hundred times that in ``make fuzz``."""
    return number * TIMES
