"""A store as a Bank keeps it, and runs that stop."""

import itertools
from collections.abc import Mapping

from amparo.exchange.known import KnownEntry
from amparo.media.exchanges.port import MOST, Delta, Exchange

State = Mapping[str, KnownEntry]


class Store:
    """Live entries by key, and the last checkpoint."""

    def __init__(self) -> None:
        self.live: dict[str, KnownEntry] = {}
        self.checkpoint: bytes | None = None

    def apply(self, delta: Delta) -> None:
        """In one transaction."""
        assert len(delta.entries) <= MOST
        for entry in delta.entries:
            if entry.withdrawn:
                self.live.pop(entry.key, None)
            else:
                self.live[entry.key] = entry
        self.checkpoint = delta.checkpoint

    def fetch(self, exchange: Exchange, deltas: int | None = None) -> list[Delta]:
        """Apply a whole fetch, or so many Deltas and stop there."""
        taken = []
        for delta in itertools.islice(exchange.fetch(self.checkpoint), deltas):
            self.apply(delta)
            taken.append(delta)
        return taken

    def fetch_stopping(self, exchange: Exchange) -> int:
        """A fetch that is stopped after every Delta; how often it was."""
        for times in range(1_000):
            (delta,) = self.fetch(exchange, 1)
            if delta.done:
                return times
        raise AssertionError("it does not come to an end")


def changes(deltas: list[Delta]) -> set[str]:
    """The keys of all entries."""
    return {entry.key for delta in deltas for entry in delta.entries}


def digest(name: str, size: int = 16) -> str:
    """A made-up hash of so many bytes, in hex."""
    return (name.encode().hex() * 64)[: 2 * size]
