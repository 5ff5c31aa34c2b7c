"""Entries that say nothing, segments of them in a folder, and Banks of those; nothing is sealed here."""

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from amparo.exchange.known import ALGORITHMS, KnownEntry
from amparo.media import near_index
from amparo.media.bank_edition import Edition
from amparo.media.bank_segment import Segment, SegmentBuilder, Stored
from amparo.media.known_banks import BankState, Kind

DATED = datetime.date(2026, 1, 31)


def digest(algorithm: str, seed: object) -> bytes:
    """A digest of no content that anyone has."""
    return hashlib.shake_128(repr(seed).encode()).digest(ALGORITHMS[algorithm])


def known(
    seed: object, *algorithms: str, owner: str = "Owner", labels: tuple[str, ...] = ("test",), withdrawn: bool = False
) -> KnownEntry:
    """An entry with these digests (SHA-256 if none is named), whose key is ``seed``."""
    digests = {name: digest(name, seed) for name in algorithms or ("sha256",)}
    return KnownEntry(f"key {seed}", digests, labels, owner, "Terms", DATED, f"Line {seed}", withdrawn)


def with_pdq(seed: object, pdq: bytes, withdrawn: bool = False) -> KnownEntry:
    """An entry with this PDQ alone."""
    return KnownEntry(f"key {seed}", {"pdq": pdq}, (), "Owner", "Terms", DATED, f"Line {seed}", withdrawn)


class Shelf:
    """Segments in a folder, newest last, with their near indexes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.paths: list[Path] = []

    def publish(self, builder: SegmentBuilder, frame: str = "") -> Segment:
        """Write and open a segment."""
        path = self._folder / f"segment{len(self.paths)}"
        with path.open("wb") as stream:
            builder.write(stream, frame)
        self.paths.append(path)
        return Segment(path)

    def put(self, *stored: Stored, frame: str = "") -> Segment:
        """A segment of these entries."""
        builder = SegmentBuilder()
        for each in stored:
            builder.add(each)
        return self.publish(builder, frame)

    def edition(self, entries: Iterable[KnownEntry], version: int, next_entry: int, reason: str = "") -> Edition:
        """Apply an edition to what lies here."""
        edition = Edition([Segment(path) for path in self.paths], next_entry, version, self.publish)
        edition.apply(iter(entries), reason)
        edition.close()
        return edition

    def state(
        self, name: str = "Known", version: int = 1, kind: Kind = "known", denied: Sequence[int] = (),
        confirmed: Sequence[int] = (),
    ) -> BankState:  # fmt: skip
        """The Bank of all segments here, its UUID made of its name."""
        files = tuple((path, self._near(path)) for path in self.paths)
        number = uuid.uuid5(uuid.NAMESPACE_OID, name)
        return BankState(number, name, version, kind, files, denied=tuple(denied), confirmed=tuple(confirmed))

    def _near(self, path: Path) -> Path | None:
        hashes = Segment(path).pdq
        if not len(hashes):
            return None
        near = path.with_suffix(".near")
        with near.open("wb") as stream:
            near_index.build(stream, hashes)
        return near
