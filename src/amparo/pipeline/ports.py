"""Ports of the pipeline: what it needs from others, and the two ways in which reading ends early."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from amparo.evidence.item import Child, Locator
from amparo.pipeline.task import Task, Visited


class Unreadable(Exception):
    """We could not read on: becomes ``Failed(reason)``. Reasons are short codes: ``permission``, ``limit-ratio``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Declined(Exception):
    """A rule says not to read: becomes ``Skipped(reason)``. Reasons are short codes: ``encrypted``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Reader(Protocol):
    """Reads the bytes of Items of one Source by their Locator. Made once per worker process."""

    def open(self, locator: Locator, size: int | None = None) -> BinaryIO:
        """A readable, seekable stream at its start; ``size`` is what was listed, where that must still hold.

        Raises OSError, Unreadable or Declined.
        """

    def entries(self, locator: Locator) -> Iterator[Child]:
        """The entries of the directory at this place, sorted by raw name. Raises Unreadable."""

    def members(self, locator: Locator, media_type: str, budget: int | None) -> Iterator[Child]:
        """The members of the container at this place; may raise Unreadable or Declined after some have come."""

    def opens(self, media_type: str) -> bool:
        """Whether content of this media type is a container this Reader can list."""

    def close(self) -> None:
        """Give everything back."""


class Ledger(Protocol):
    """Remembers what is done. Hands out each due subject once per run, and stores each result once for ever."""

    def next_tasks(self) -> Sequence[Task]:
        """The next chunk of due subjects, empty when none is due now (results under way may bring more)."""

    def commit(self, visited: Sequence[Visited]) -> None:
        """Store results and done marks in one transaction. A repeated delivery changes nothing."""


class Engine(Protocol):
    """Gives parallelism and isolation, nothing else."""

    def room(self) -> bool:
        """Whether another chunk would be accepted now."""

    def busy(self) -> bool:
        """Whether anything is under way."""

    def submit(self, tasks: Sequence[Task]) -> None:
        """Take a chunk."""

    def wait(self, seconds: float) -> Sequence[Sequence[Visited]]:
        """Batches that have ended, waiting up to so long for the first."""

    def close(self) -> None:
        """Stop at once; what was under way is not delivered."""
