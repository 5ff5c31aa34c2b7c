"""The port of a hash exchange: what one looks like to whoever keeps a Bank up to date from it."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Protocol

from amparo.evidence.errors import BadInput
from amparo.exchange.known import KnownEntry

MOST = 5_000  # entries of one Delta


class CheckpointTooOld(BadInput):
    """The exchange no longer tells what changed since: remove its entries and fetch from the beginning."""


@dataclasses.dataclass(frozen=True, slots=True)
class Delta:
    """At most MOST changes. An entry replaces the one of the same key; a withdrawn one removes it.

    Apply ``entries`` in their order and store ``checkpoint`` with them in one transaction. Empty bytes stand for the
    beginning. ``done``: there was nothing newer when the fetch began; the last Delta of it, and no other.
    """

    entries: tuple[KnownEntry, ...]
    checkpoint: bytes
    done: bool


class Exchange(Protocol):
    """One exchange with its settings."""

    @property
    def name(self) -> str:
        """The kind of ``make_exchange``."""

    @property
    def host(self) -> str:
        """Name or address of the machine it connects to, which an Authority must cover; "" where there is none."""

    def fetch(self, checkpoint: bytes | None) -> Iterator[Delta]:
        """What changed since ``checkpoint``; all, where it is None or empty. Connects only while iterated.

        Stopping after any Delta and going on with its checkpoint gives the same end as one run. An entry may come
        again unchanged. Raises NotAuthorised where the credentials are refused, BadInput for a checkpoint, secret or
        answer that is not what it should be, CheckpointTooOld, and AmparoError where trying again later may help.
        After an error the last checkpoint is still good.
        """


def in_parts(entries: Sequence[KnownEntry], before: bytes, after: bytes, done: bool) -> Iterator[Delta]:
    """One page of an exchange as Deltas. ``before`` and ``after`` are its checkpoints, ``done`` is of the last.

    A page that is too long for one Delta is fetched again where a run stops inside it.
    """
    for start in range(0, max(len(entries), 1), MOST):
        last = start + MOST >= len(entries)
        yield Delta(tuple(entries[start : start + MOST]), after if last else before, done and last)
