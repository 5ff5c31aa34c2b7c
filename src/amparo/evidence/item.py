"""Content and Item: what the bytes are, and each place where they lie."""

import dataclasses
import enum
import hashlib
import uuid
from typing import TYPE_CHECKING

from amparo.evidence.errors import BadInput

if TYPE_CHECKING:
    from amparo.evidence.finding import Finding
    from amparo.evidence.moment import Moment
    from amparo.evidence.outcome import Failed, Skipped

MEMBER = b"!/"  # stands between a container and its member in a displayed path


class Entry(enum.StrEnum):
    """What kind of directory entry an Item is."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    FIFO = "fifo"
    SOCKET = "socket"
    BLOCK = "block"
    CHARACTER = "character"
    HARDLINK = "hardlink"  # an archive's link to another of its members; in a folder it is a FILE
    UNKNOWN = "unknown"

    @property
    def media_type(self) -> str | None:
        """The freedesktop.org shared-mime-info name of an entry that is not a file."""
        return _INODE_TYPES.get(self)


_INODE_TYPES = {
    Entry.DIRECTORY: "inode/directory",
    Entry.SYMLINK: "inode/symlink",
    Entry.FIFO: "inode/fifo",
    Entry.SOCKET: "inode/socket",
    Entry.BLOCK: "inode/blockdevice",
    Entry.CHARACTER: "inode/chardevice",
}


class Origin(enum.StrEnum):
    """How the Item came to lie where it lies."""

    ALLOCATED = "allocated"
    DELETED = "deleted"
    CARVED = "carved"
    CACHE = "cache"
    THUMBNAIL = "thumbnail"


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One step of a Locator: which opener, the name exactly as it gave it, and the entry number where names repeat.

    ``path`` is raw bytes relative to what the opener opened. ``record`` is the entry number inside a container, and
    None in a folder, where the path alone is unique.
    """

    opener: str
    path: bytes
    record: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Locator:
    """Where an Item lies in its Source: steps from the outside in, enough to read its bytes again."""

    steps: tuple[Step, ...]

    def child(self, step: Step) -> "Locator":
        """The place of a member of the container that lies here."""
        return Locator((*self.steps, step))

    @property
    def path(self) -> bytes:
        """Raw path relative to the scanned root, members after ``!/``."""
        return MEMBER.join(step.path for step in self.steps)

    @property
    def depth(self) -> int:
        """How many containers have to be opened to get here."""
        return len(self.steps) - 1

    def encode(self) -> bytes:
        """Canonical bytes: per step ``opener NUL record NUL length ':' path``. Equal places have equal bytes."""
        return b"".join(
            b"%s\0%s\0%d:%s"
            % (s.opener.encode("ascii"), b"" if s.record is None else b"%d" % s.record, len(s.path), s.path)
            for s in self.steps
        )

    @classmethod
    def decode(cls, data: bytes) -> "Locator":
        """The inverse of :meth:`encode`; raises BadInput on anything else."""
        steps = []
        rest = data
        try:
            while rest:
                opener, record, rest = rest.split(b"\0", 2)
                digits, rest = rest.split(b":", 1)
                length = int(digits)
                if len(rest) < length:
                    raise ValueError("short")
                steps.append(Step(opener.decode("ascii"), rest[:length], int(record) if record else None))
                rest = rest[length:]
            made = cls(tuple(steps))
            if made.encode() != data:
                raise ValueError("not canonical")
        except ValueError as error:
            raise BadInput("A stored locator cannot be read.", "Run: amparo doctor") from error
        return made


def item_id(source: uuid.UUID, locator: bytes) -> uuid.UUID:
    """The public id of an Item: UUIDv8 (RFC 9562) of SHA-256(source id, encoded locator)."""
    raw = bytearray(hashlib.sha256(source.bytes + locator).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(raw))


@dataclasses.dataclass(frozen=True, slots=True)
class Child:
    """An Item an Analyser found inside another: a directory's entry, an archive's member.

    ``size`` is in bytes as stated by the container, None if it does not say. ``outcome`` is set where it is known
    at once that there are no bytes to look at, and why. ``budget`` is how many bytes may still come out of
    containers below here; None outside containers, where the file's own size decides.
    """

    step: Step
    entry: Entry
    size: int | None
    moments: tuple["Moment", ...] = ()
    origin: Origin = Origin.ALLOCATED
    outcome: "Skipped | Failed | None" = None
    findings: tuple["Finding", ...] = ()
    budget: int | None = None
