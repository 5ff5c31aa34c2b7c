"""Turns at SQLite's one lock for writers."""

import time

from django.db import connection

_LEAST, _MOST = 0.02, 0.1  # seconds; those who wait for the lock look for it every 1 to 100 ms


def give_way(took: float) -> None:
    """Between two of many transactions in a row, each of which took so many seconds: room for others.

    SQLite keeps no queue. Whoever asks again at once has the lock again, and somebody who judges a picture meanwhile
    waits until all of the work is done, or gives up (measured: 1.5 s of 1.5 s; with this, as long as a transaction or
    two). PostgreSQL locks rows: nothing to do.
    """
    if connection.vendor == "sqlite":
        time.sleep(min(max(took, _LEAST), _MOST))
