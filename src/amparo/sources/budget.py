"""Budget: how much may come out of nested containers, so that a small bomb cannot become a large one.

Each container gets a budget in bytes and shares what it does not list itself among its members in proportion to
their sizes. The sum over any depth of nesting is thus bounded by the outermost budget, whatever the order of work,
and the same on every run.
"""

import dataclasses
from collections.abc import Iterable, Iterator

from amparo.evidence.item import Child
from amparo.pipeline.ports import Unreadable

FLOOR = 8 * 1024**3  # what any file of the folder may expand to
RATIO = 1000  # or this many times its size, if that is more
ENTRY_COST = 256  # bytes that one listed member counts for, empty or not


def share(members: Iterable[Child], size: int, budget: int | None) -> Iterator[Child]:
    """The members with their budgets, for a container of ``size`` bytes with ``budget`` (None: outermost).

    Raises Unreadable("limit-ratio") after the last member that fits. Members listed before an error of the archive
    itself come out before that error.
    """
    left = max(FLOOR, RATIO * size) if budget is None else budget
    listed: list[Child] = []
    ended: Exception | None = None
    try:
        for child in members:
            left -= ENTRY_COST + (child.size or 0)
            if left < 0:
                ended = Unreadable("limit-ratio")
                break
            listed.append(child)
    except Exception as error:  # noqa: BLE001  # raised again below, after what was listed
        ended = error
    total = sum(ENTRY_COST + (child.size or 0) for child in listed)
    for child in listed:
        yield dataclasses.replace(child, budget=max(0, left) * (ENTRY_COST + (child.size or 0)) // total)
    if ended is not None:
        raise ended
