"""What travels to a worker and back: plain values that pickle."""

import dataclasses

from amparo.evidence.item import Entry, Locator
from amparo.evidence.outcome import Outcome
from amparo.pipeline.stage import Visit


@dataclasses.dataclass(frozen=True, slots=True)
class KnownPicture:
    """Perceptual hashes of a Content that is a picture. ``pdq``: 32 bytes, ``quality``: 0 to 100.

    ``pdq_512``: of the picture squashed to 512 x 512, where that is another hash. ``views``: those of the picture
    turned, and of parts of it, as :mod:`amparo.media.picture_hash` encodes them.
    """

    pdq: bytes
    quality: int
    pdq_512: bytes | None
    views: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class KnownContent:
    """What the first visit recorded of a Content; the second visit checks the bytes against it."""

    sha256: bytes
    sha1: bytes
    md5: bytes
    size: int
    media_type: str
    picture: KnownPicture | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """One subject and the stages due on it.

    ``key`` is the Ledger's number of the subject. ``budget`` is how many bytes may still come out of containers
    below here (None: the file lies outside any). ``ended`` holds outcomes the supervisor has settled already, by stage.
    """

    key: int
    visit: Visit
    locator: Locator
    entry: Entry
    size: int | None
    due: tuple[int, ...]
    budget: int | None = None
    content: KnownContent | None = None
    ended: tuple[tuple[int, Outcome], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Visited:
    """What came of a Task: the outcome of every stage that wanted it; due stages not named did not want it."""

    task: Task
    outcomes: tuple[tuple[int, Outcome], ...]
