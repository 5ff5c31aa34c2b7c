"""Known Banks: all Banks at one version each, opened for search. What a worker needs is the path of one manifest."""

import dataclasses
import datetime
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from amparo.evidence.errors import BadInput
from amparo.media.bank_segment import EXACT, PDQ, Segment, Stored
from amparo.media.near_index import RADIUS, NearIndex

Kind = Literal["known", "known-good", "negative"]
KINDS: tuple[Kind, ...] = ("known", "known-good", "negative")
_HINT = "Run the command again: it writes the file anew."


@dataclasses.dataclass(frozen=True, slots=True)
class BankState:
    """A Bank at a version. ``kind``: what being in it means.

    ``segments``: for each, its file and that of its near index (None: it has no PDQ). Entries that people ``denied``
    match no more; ``quarantined`` ones were near to far too much; ``confirmed`` ones people found right.
    """

    uuid: uuid.UUID
    name: str
    version: int
    kind: Kind
    segments: tuple[tuple[Path, Path | None], ...] = ()
    denied: tuple[int, ...] = ()
    quarantined: tuple[int, ...] = ()
    confirmed: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """An entry that equals, or is near to, what was asked for; ``distance`` in bits, 0 for exact digests."""

    bank: BankState
    entry: int
    algorithm: str
    digest: bytes
    labels: tuple[str, ...]
    owner: str
    terms: str
    dated: datetime.date
    distance: int = 0

    @property
    def collision_prone(self) -> bool:
        """Whether other bytes could have been made to give this digest: such a match never seals or notifies."""
        return self.algorithm in ("sha1", "md5")

    @property
    def quarantined(self) -> bool:
        """Whether the entry was near to far too much, and no person has looked yet."""
        return self.entry in self.bank.quarantined

    @property
    def confirmed(self) -> bool:
        """Whether people here confirmed this entry."""
        return self.entry in self.bank.confirmed


@dataclasses.dataclass(frozen=True, slots=True)
class NearHit:
    """The nearest entry of a Bank: ``query`` is the number of the hash asked for, ``entries`` how many are near."""

    query: int
    hit: Hit
    entries: int


class OpenBank:
    """One Bank, opened."""

    def __init__(self, state: BankState) -> None:
        """Map its files. Raises BadInput."""
        self.state = state
        self._segments = [Segment(path) for path, _ in state.segments]
        self._near = [None if near is None else NearIndex(near) for _, near in state.segments]
        self._denied = np.array(state.denied, np.int64)

    def all(self) -> Iterator[Stored]:
        """Every entry once, as it is now: also those withdrawn, or set aside."""
        for number, segment in enumerate(self._segments):
            rows = np.arange(len(segment))
            for row in rows[self._speaks(number, rows)].tolist():
                yield segment.stored(row)

    def with_digest(self, algorithm: str, digest: bytes) -> list[Stored]:
        """The entries in use with this digest, by an algorithm of EXACT or PDQ, oldest first."""
        found = []
        for number, segment in enumerate(self._segments):
            if algorithm == PDQ:
                rows = segment.pdq_rows(np.flatnonzero((segment.pdq == np.frombuffer(digest, np.uint8)).all(axis=1)))
            else:
                rows = np.array([row for _, row in segment.find(algorithm, [digest])], np.uint32)
            found += [segment.stored(int(row)) for row in rows[self.in_use(number, rows.astype(np.int64))]]
        return sorted(found, key=lambda stored: stored.entry)

    def exact(self, algorithm: str, digest: bytes) -> Hit | None:
        """The entry in use with this digest, the oldest if there are several."""
        hits = []
        for number, segment in enumerate(self._segments):
            rows = np.array([row for _, row in segment.find(algorithm, [digest])], np.int64)
            hits += [(int(segment.entries[row]), number, int(row)) for row in rows[self.in_use(number, rows)]]
        if not hits:
            return None
        _, number, row = min(hits)
        return self._hit(number, row, algorithm, digest, 0)

    def nearest(self, hashes: Sequence[bytes], radius: int) -> NearHit | None:
        """The entry in use whose PDQ is nearest to any of ``hashes``, if one is within ``radius``.

        One that is quarantined only if no other is near. Ties go to the earlier hash, then to the older entry.
        """
        best: tuple[int, int, int, int, int, int] | None = None
        entries: list[NDArray[np.uint32]] = []
        for number, (segment, near) in enumerate(zip(self._segments, self._near, strict=True)):
            if near is None:
                continue
            found = near.search(hashes, radius)
            rows = segment.pdq_rows(found.row).astype(np.int64)
            use = np.flatnonzero(self.in_use(number, rows))
            if not len(use):
                continue
            entry, distance, query = segment.entries[rows[use]], found.distance[use], found.query[use]
            aside = np.isin(entry, self.state.quarantined)
            first = np.lexsort((entry, query, distance, aside))[0]
            this = tuple(int(each[first]) for each in (aside, distance, query, entry))
            place = int(found.row[use[first]])
            best = min(best or (2, 0, 0, 0, 0, 0), (this[0], this[1], this[2], this[3], number, place))
            entries.append(entry)
        if best is None:
            return None
        _, bits, asked, _, number, place = best
        segment = self._segments[number]
        row = int(segment.pdq_rows(np.array([place]))[0])
        hit = self._hit(number, row, "pdq", segment.pdq[place].tobytes(), bits)
        return NearHit(asked, hit, len(np.unique(np.concatenate(entries))))

    def in_use(self, number: int, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which rows of segment ``number`` still speak for their entries, and may match."""
        segment = self._segments[number]
        use: NDArray[np.bool_] = self._speaks(number, rows) & (segment.withdrawn[rows] == 0)
        if len(self._denied):
            use &= ~np.isin(segment.entries[rows], self._denied)
        return use

    def _speaks(self, number: int, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which rows no newer segment has written again."""
        entries = self._segments[number].entries[rows]
        speaks = np.ones(len(rows), np.bool_)
        for later in self._segments[number + 1 :]:
            if len(later):
                place = np.minimum(np.searchsorted(later.entries, entries), len(later) - 1)
                speaks &= later.entries[place] != entries
        return speaks

    def _hit(self, number: int, row: int, algorithm: str, digest: bytes, distance: int) -> Hit:
        segment = self._segments[number]
        facts = segment.facts(row)
        dated = datetime.date.fromisoformat(facts["dated"])
        return Hit(
            self.state, int(segment.entries[row]), algorithm, digest, tuple(facts["labels"]), facts["owner"],
            facts["terms"], dated, distance,
        )  # fmt: skip


class KnownBanks:
    """All Banks, opened in milliseconds whatever their size."""

    def __init__(self, states: Sequence[BankState]) -> None:
        """Map the files of all Banks. Raises BadInput."""
        self.banks = [OpenBank(state) for state in states]

    @classmethod
    def open(cls, manifest: Path) -> "KnownBanks":
        """Those of a manifest. Raises BadInput."""
        try:
            stated = json.loads(manifest.read_bytes())
            return cls([_state(each) for each in stated["banks"]])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BadInput("The list of the Banks cannot be read.", _HINT) from error

    def exact(self, digests: Mapping[str, bytes]) -> list[Hit]:
        """One Hit for each Bank that knows one of the digests, given by algorithm: by the strongest that equals."""
        hits = []
        for bank in self.banks:
            found = (bank.exact(name, digests[name]) for name in EXACT if name in digests)
            hits += [hit for hit in found if hit is not None][:1]
        return hits

    def nearest(self, hashes: Sequence[bytes], radius: int = RADIUS) -> list[NearHit]:
        """For each Bank the entry nearest to any of the hashes, where one is within ``radius``."""
        found = (bank.nearest(hashes, radius) for bank in self.banks)
        return [near for near in found if near is not None]


def manifest(states: Sequence[BankState]) -> bytes:
    """What :meth:`KnownBanks.open` reads."""
    banks = [
        {
            "uuid": str(state.uuid),
            "name": state.name,
            "version": state.version,
            "kind": state.kind,
            "segments": [[str(path), None if near is None else str(near)] for path, near in state.segments],
            "denied": state.denied,
            "quarantined": state.quarantined,
            "confirmed": state.confirmed,
        }
        for state in states
    ]
    return json.dumps({"v": 1, "banks": banks}, sort_keys=True).encode()


def _state(each: Any) -> BankState:
    if each["kind"] not in KINDS:
        raise ValueError("kind")
    segments = tuple((Path(path), None if near is None else Path(near)) for path, near in each["segments"])
    return BankState(
        uuid.UUID(each["uuid"]), str(each["name"]), int(each["version"]), cast(Kind, each["kind"]), segments,
        tuple(each["denied"]), tuple(each["quarantined"]), tuple(each["confirmed"]),
    )  # fmt: skip
