"""Near matches: at most one per Bank and kind of looks, the nearest entry that may match, and what a person is told."""

import datetime
import pickle
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media.test_near_index import flipped
from pipeline.subjects import DictReader, task

from amparo.evidence.errors import BadInput
from amparo.evidence.outcome import Ok
from amparo.exchange.known import KnownEntry
from amparo.media.bank_segment import SegmentBuilder, Stored
from amparo.media.known_banks import BankState, Kind, KnownBanks, manifest
from amparo.media.near_index import RADIUS, build
from amparo.media.near_match import (
    NEAR,
    NEAR_FLAT,
    NEAR_NEGATED,
    NEAR_QUARANTINED,
    NearMatch,
    NearMatcher,
    compare,
    near_finding,
)
from amparo.media.parts import FULL, WHOLE, Rectangle
from amparo.media.pdq import DOUBTFUL, TRANSFORMS
from amparo.media.picture_hash import _VIEW as VIEW
from amparo.media.picture_hash import VARIANTS, Looks
from amparo.pipeline.stage import Factory, Visit
from amparo.pipeline.task import KnownContent, KnownPicture
from amparo.pipeline.view import View

DAY = datetime.date(2026, 11, 23)
RNG = np.random.default_rng(1)
ONE, TWO, THREE, MIRRORED = (RNG.integers(0, 256, 32, np.uint8).tobytes() for _ in range(4))
Line = tuple[int, bytes | None, bool]  # entry, PDQ, withdrawn


def far(one: bytes, distance: int) -> bytes:
    """A hash ``distance`` bits from ``one``."""
    return flipped(one, range(0, distance * 7, 7))


def entry(pdq: bytes | None, withdrawn: bool = False, key: str = "") -> KnownEntry:
    digests = {"sha256": b"x" * 32} if pdq is None else {"pdq": pdq}
    return KnownEntry(key or f"k{pdq!r}"[:90], digests, ("one", "two"), "Owner", "Terms", DAY, "Line 1", withdrawn)


class Folder:
    """Writes Banks into a directory, one segment for each list of lines."""

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, 0

    def bank(self, *segments: Sequence[Line], kind: Kind = "known", **state: Any) -> BankState:
        files = []
        for lines in segments:
            builder, self.number = SegmentBuilder(), self.number + 1
            for number, pdq, withdrawn in lines:
                builder.add(Stored(number, 1, entry(pdq, withdrawn, f"key {number}"), ""))
            segment, near = self.path / f"{self.number}.segment", self.path / f"{self.number}.near"
            with segment.open("wb") as stream:
                builder.write(stream)
            hashes = b"".join(pdq for _, pdq, _ in lines if pdq is not None)
            with near.open("wb") as stream:
                build(stream, np.frombuffer(hashes, np.uint8).reshape(-1, 32))
            files.append((segment, near if hashes else None))
        name = f"Bank {self.number}"
        return BankState(uuid.UUID(int=self.number), name, 3, kind, tuple(files), **state)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def picture(pdq: bytes, quality: int = 90, *looks: Looks, pdq_512: bytes | None = None) -> KnownPicture:
    views = b"".join(
        VIEW.pack(VARIANTS.index(each.variant), TRANSFORMS.index(each.transform), each.quality, *each.part, each.hash)
        for each in looks
    )
    return KnownPicture(pdq, quality, pdq_512, views)


def matches(asked: KnownPicture, *banks: BankState, radius: int = RADIUS) -> list[tuple[str, str, int, int]]:
    """Kind, Bank, entry and distance of each match."""
    found = compare(asked, KnownBanks(banks), radius)
    return [(each.kind, each.hit.bank.name, each.hit.entry, each.hit.distance) for each in found]


@pytest.mark.parametrize(("distance", "radius", "near"), [(0, 0, 1), (1, 0, 0), (31, 31, 1), (32, 31, 0), (9, 8, 0)])
def test_an_entry_within_the_radius_matches(folder: Folder, distance: int, radius: int, near: int) -> None:
    bank = folder.bank([(4, ONE, False)])
    assert matches(picture(far(ONE, distance)), bank, radius=radius) == [(NEAR, bank.name, 4, distance)] * near


def test_each_bank_gives_its_nearest_entry_and_counts_the_others(folder: Folder) -> None:
    first = folder.bank(
        [(1, far(ONE, 9), False), (2, far(ONE, 3), False), (5, THREE, False)], [(9, far(ONE, 6), False)]
    )
    second, third = folder.bank([(1, far(ONE, 20), False)]), folder.bank([(1, TWO, False)])
    found = compare(picture(ONE), KnownBanks([first, second, third]), RADIUS)
    assert [(each.hit.bank, each.hit.entry, each.hit.distance, each.entries) for each in found] == [
        (first, 2, 3, 3), (second, 1, 20, 1),
    ]  # fmt: skip
    assert found[0].hit.digest == far(ONE, 3)


def test_of_entries_as_near_the_oldest_matches_whatever_segment_it_is_in(folder: Folder) -> None:
    bank = folder.bank([(5, ONE, False), (6, ONE, False)], [(2, ONE, False)])
    assert matches(picture(ONE), bank) == [(NEAR, bank.name, 2, 0)]


def test_the_look_that_is_near_is_named(folder: Folder) -> None:
    part = Rectangle(0, FULL // 2, FULL // 2, FULL)
    looks = (Looks(THREE, 80, "pdq", "rotated-90"), Looks(MIRRORED, 70, "pdq", "mirrored", part))
    bank = folder.bank([(1, far(MIRRORED, 5), False)])
    (found,) = compare(picture(ONE, 90, *looks), KnownBanks([bank]), RADIUS)
    assert found == NearMatch(NEAR, found.hit, looks[1], 1)
    (squashed,) = compare(picture(ONE, 90, pdq_512=far(MIRRORED, 5)), KnownBanks([bank]), RADIUS)
    assert (squashed.looks.variant, squashed.looks.part, squashed.hit.distance) == ("pdq_512", WHOLE, 0)


def test_the_whole_picture_comes_first_where_several_looks_are_as_near(folder: Folder) -> None:
    bank = folder.bank([(1, far(ONE, 4), False)])
    (found,) = compare(picture(ONE, 90, Looks(ONE, 90, "pdq", "mirrored"), pdq_512=ONE), KnownBanks([bank]), RADIUS)
    assert (found.looks.variant, found.looks.transform, found.entries) == ("pdq", "none", 1)


def test_flat_looks_and_solid_ones_match_apart(folder: Folder) -> None:
    bank = folder.bank([(1, ONE, False), (2, far(MIRRORED, 8), False)])
    solid, flat = Looks(MIRRORED, DOUBTFUL, transform="mirrored"), Looks(MIRRORED, DOUBTFUL - 1, transform="mirrored")
    assert matches(picture(ONE, DOUBTFUL, solid), bank) == [(NEAR, bank.name, 1, 0)]
    assert matches(picture(ONE, DOUBTFUL - 1, flat), bank) == [(NEAR_FLAT, bank.name, 1, 0)]
    both = [(NEAR, bank.name, 2, 8), (NEAR_FLAT, bank.name, 1, 0)]
    assert matches(picture(ONE, DOUBTFUL - 1, solid), bank) == both


@pytest.mark.parametrize(
    ("known", "negative", "kind"),
    [(5, 0, NEAR_NEGATED), (5, 5, NEAR_NEGATED), (5, 6, NEAR), (0, 0, NEAR_NEGATED), (31, 31, NEAR_NEGATED)],
)
def test_a_negative_entry_negates_what_is_no_nearer(folder: Folder, known: int, negative: int, kind: str) -> None:
    bank = folder.bank([(1, far(ONE, known), False)])
    against = folder.bank([(1, far(ONE, negative), False)], kind="negative")
    for banks in ((bank, against), (against, bank)):
        assert matches(picture(ONE), *banks) == [(kind, bank.name, 1, known)]


def test_a_negative_entry_beyond_the_radius_negates_nothing(folder: Folder) -> None:
    bank, against = folder.bank([(1, far(ONE, 5), False)]), folder.bank([(1, far(ONE, 9), False)], kind="negative")
    assert matches(picture(ONE), bank, against, radius=8) == [(NEAR, bank.name, 1, 5)]


def test_a_negative_entry_negates_banks_one_by_one_and_looks_of_its_kind(folder: Folder) -> None:
    nearer, further = folder.bank([(1, far(ONE, 2), False)]), folder.bank([(1, far(ONE, 9), False)])
    against = folder.bank([(1, far(ONE, 5), False)], kind="negative")
    banks = (nearer, against, further)
    assert [each[0] for each in matches(picture(ONE), *banks)] == [NEAR, NEAR_NEGATED]
    flat = Looks(TWO, 0, transform="mirrored")
    other = folder.bank([(1, far(TWO, 9), False)])
    assert matches(picture(ONE, 90, flat), other, against) == [(NEAR_FLAT, other.name, 1, 9)]


def test_banks_of_known_good_and_negative_content_give_no_near_match(folder: Folder) -> None:
    banks = [folder.bank([(1, ONE, False)], kind=kind) for kind in ("known-good", "negative")]
    assert matches(picture(ONE), *banks) == []


def test_denied_entries_do_not_match(folder: Folder) -> None:
    lines = [(1, ONE, False), (2, far(ONE, 7), False)]
    bank = folder.bank(lines, denied=(1,))
    assert matches(picture(ONE), bank) == [(NEAR, bank.name, 2, 7)]
    assert compare(picture(ONE), KnownBanks([bank]), RADIUS)[0].entries == 1
    assert matches(picture(ONE), folder.bank(lines, denied=(1, 2))) == []
    bank, against = folder.bank(lines), folder.bank([(1, ONE, False)], kind="negative", denied=(1,))
    assert matches(picture(ONE), bank, against) == [(NEAR, bank.name, 1, 0)]


def test_quarantined_entries_match_only_where_no_other_is_near_and_say_so(folder: Folder) -> None:
    lines = [(1, ONE, False), (2, far(ONE, 7), False)]
    bank = folder.bank(lines, quarantined=(1,))
    assert matches(picture(ONE), bank) == [(NEAR, bank.name, 2, 7)]
    alone = folder.bank(lines, quarantined=(1, 2))
    assert matches(picture(ONE), alone) == [(NEAR_QUARANTINED, alone.name, 1, 0)]


def test_withdrawn_entries_do_not_match(folder: Folder) -> None:
    bank = folder.bank([(1, ONE, True), (2, far(ONE, 7), False)])
    assert matches(picture(ONE), bank) == [(NEAR, bank.name, 2, 7)]
    assert matches(picture(ONE), folder.bank([(1, ONE, False)], [(1, ONE, True)])) == []
    again = folder.bank([(1, ONE, True)], [(1, ONE, False)])
    assert matches(picture(ONE), again) == [(NEAR, again.name, 1, 0)]


def test_a_newer_segment_speaks_for_its_entries(folder: Folder) -> None:
    """Also where it took the PDQ away, so that it has no near index at all."""
    bank = folder.bank([(1, ONE, False), (3, THREE, False)], [(1, TWO, False)], [(3, None, False)])
    assert matches(picture(ONE), bank) == matches(picture(THREE), bank) == []
    assert matches(picture(TWO), bank) == [(NEAR, bank.name, 1, 0)]


def test_nothing_to_compare_with_is_no_match(folder: Folder) -> None:
    assert matches(picture(ONE)) == []
    assert matches(picture(ONE), folder.bank()) == []
    assert matches(picture(ONE), folder.bank([(1, None, False)])) == []


def test_a_finding_says_all_a_person_needs(folder: Folder) -> None:
    bank = folder.bank([(4, far(MIRRORED, 5), False)], confirmed=(4,))
    part = Rectangle(0, FULL // 2, FULL // 3, FULL)
    looks = Looks(MIRRORED, 70, "pdq_512", "mirrored", part)
    (match,) = compare(picture(ONE, 90, looks), KnownBanks([bank]), 30)
    finding = near_finding(match, 30)
    assert finding.kind == NEAR
    assert dict(finding.facts) == {
        "bank": str(bank.uuid), "bank_name": bank.name, "bank_version": 3, "entry": 4, "algorithm": "pdq",
        "labels": ("one", "two"), "owner": "Owner", "terms": "Terms", "dated": "2026-11-23", "confirmed": True,
        "distance": 5, "radius": 30, "entries": 1, "variant": "pdq_512", "transform": "mirrored",
        "part": ("0.0", "50.0", "33.3", "100.0"), "quality": 70,
    }  # fmt: skip


def view(known: KnownPicture | None, media_type: str = "image/png") -> View:
    content = KnownContent(b"a" * 32, b"b" * 20, b"c" * 16, 1, media_type, picture=known)
    return View(task(visit=Visit.SECOND, content=content), DictReader())


def matcher(path: Path, *banks: BankState, radius: int = RADIUS) -> NearMatcher:
    path.write_bytes(manifest(banks))
    return NearMatcher(str(path), "d" * 64, radius)


def test_the_analyser_compares_what_this_visit_or_an_earlier_one_hashed(folder: Folder, tmp_path: Path) -> None:
    bank = folder.bank([(1, ONE, False)])
    analyser = matcher(tmp_path / "m", bank)
    state = analyser.setup()
    earlier = analyser.analyse(view(picture(far(ONE, 6))), state)
    assert isinstance(earlier, Ok)
    assert [(each.kind, each.facts["distance"]) for each in earlier.findings] == [(NEAR, 6)]
    seen = view(None)
    seen.cached("picture_hash", lambda: picture(far(ONE, 6)))
    assert analyser.analyse(seen, state) == earlier
    assert matcher(tmp_path / "n", bank, radius=5).analyse(view(picture(far(ONE, 6))), state) == Ok()


def test_what_was_not_hashed_is_no_match(folder: Folder, tmp_path: Path) -> None:
    analyser = matcher(tmp_path / "m", folder.bank([(1, ONE, False)]))
    assert analyser.analyse(view(None), analyser.setup()) == Ok()
    assert analyser.wants(view(None))
    assert not analyser.wants(view(None, "text/plain"))
    assert not analyser.wants(View(task(), DictReader()))


def test_only_banks_radius_and_hashes_make_matching_due_again() -> None:
    here, there = (NearMatcher(path, "a" * 64) for path in ("/here", "/there"))
    assert here.config_digest == there.config_digest
    assert len({each.config_digest for each in (here, NearMatcher("/", "b" * 64), NearMatcher("/", "a" * 64, 30))}) == 3
    factory = Factory("amparo.media.near_match:NearMatcher", {"path": "/x", "digest": "a" * 64, "radius": RADIUS})
    assert pickle.loads(pickle.dumps(factory))().config_digest == here.config_digest


def test_banks_that_cannot_be_opened_are_bad_input(folder: Folder, tmp_path: Path) -> None:
    bank = folder.bank([(1, ONE, False)])
    analyser = matcher(tmp_path / "m", bank)
    near = bank.segments[0][1]
    assert near is not None
    near.write_bytes(near.read_bytes()[:-40])
    with pytest.raises(BadInput, match="is damaged"):
        analyser.setup()
    (tmp_path / "m").unlink()
    with pytest.raises(BadInput, match="cannot be read"):
        analyser.setup()
