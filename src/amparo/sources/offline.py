"""A Reader for work on what is stored already: the evidence is not there, and is not needed."""

from collections.abc import Iterator
from typing import BinaryIO

from amparo.evidence.item import Child, Locator
from amparo.pipeline.ports import Unreadable


class OfflineReader:
    """Refuses to read: whatever asks for bytes ends as Failed("offline")."""

    def open(self, locator: Locator, size: int | None = None) -> BinaryIO:
        """Raises Unreadable."""
        raise Unreadable("offline")

    def entries(self, locator: Locator) -> Iterator[Child]:
        """Raises Unreadable."""
        raise Unreadable("offline")

    def opens(self, media_type: str) -> bool:
        """Nothing is opened."""
        return False

    def members(self, locator: Locator, media_type: str, budget: int | None) -> Iterator[Child]:
        """Raises Unreadable."""
        raise Unreadable("offline")

    def close(self) -> None:
        """Nothing is open."""
