"""Port of the containers: an archive is opened once, lists its members and opens them one by one."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Step
from amparo.sources.containers.limits import Limits


class Archive(Protocol):
    """An open archive over a stream that the caller keeps open and closes. One user at a time: it moves the stream.

    A member's Step has the container's name as opener, its raw name, and its index from 0 in archive order as record.
    """

    def members(self) -> Iterator[Child]:
        """Every member in archive order; may be asked for again. Raises Unreadable after what could be listed."""

    def open(self, step: Step) -> BinaryIO:
        """A readable, seekable stream over the member ``step.record``; needs no listing before.

        Raises Unreadable or Declined; the stream raises Unreadable at read time: ``damaged`` (also for a bad
        checksum, at the latest with the last byte), ``limit-size``, ``limit-ratio``, ``read-error``.
        """

    def findings(self) -> Sequence[Finding]:
        """What was noticed so far about the archive itself; more may come while members are read."""

    def close(self) -> None:
        """Give back what was cached. Member streams end with it; the archive's own stream stays open."""


class Container(Protocol):
    """One archive format."""

    @property
    def name(self) -> str:
        """The Step's opener."""

    @property
    def media_types(self) -> frozenset[str]:
        """What it opens; document formats that are containers too are in ``media_types.CONTAINER_TYPES``."""

    def open_archive(self, stream: BinaryIO, name: bytes, limits: Limits) -> Archive:
        """Open; ``name`` is the container's own raw name. Raises Unreadable, or Declined for an encrypted listing."""
