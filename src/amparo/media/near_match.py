"""The Analyser of near matches: whether a picture is an altered copy of one that a Bank knows. Reads no bytes."""

import dataclasses
from typing import Any, ClassVar

from amparo.evidence.finding import Finding
from amparo.evidence.outcome import Ok, Outcome
from amparo.media.bank_match import MATCH, BankAnalyser, entry_facts
from amparo.media.decoding import FORMATS
from amparo.media.known_banks import Hit, KnownBanks
from amparo.media.near_index import RADIUS
from amparo.media.parts import FULL
from amparo.media.pdq import DOUBTFUL
from amparo.media.picture_hash import Looks, PictureHash, looks_of
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import KnownPicture
from amparo.pipeline.view import View

NEAR = "match.near"
NEAR_FLAT = "match.near_flat"
NEAR_NEGATED = "match.near_negated"
NEAR_QUARANTINED = "match.near_quarantined"
KINDS = (NEAR, NEAR_FLAT, NEAR_NEGATED, NEAR_QUARANTINED)
LEADS = (MATCH, NEAR)  # kinds that say: a Bank of known content knows this


@dataclasses.dataclass(frozen=True, slots=True)
class NearMatch:
    """The nearest entry of one Bank, and which hash of the picture is near to it.

    ``kind``: NEAR; NEAR_FLAT where that hash is of something flat, to which much is near; NEAR_NEGATED where an entry
    of a negative Bank is at least as near; NEAR_QUARANTINED where the entry is. ``entries``: how many entries of the
    Bank are near.
    """

    kind: str
    hit: Hit
    looks: Looks
    entries: int


def compare(picture: KnownPicture, banks: KnownBanks, radius: int) -> list[NearMatch]:
    """At most one match per Bank and kind of looks; flat looks and solid ones are searched for apart."""
    looks = list(looks_of(picture))
    matches = []
    for flat in (False, True):
        some = [each for each in looks if (each.quality < DOUBTFUL) is flat]
        near = banks.nearest([each.hash for each in some], radius) if some else []
        negative = min((each.hit.distance for each in near if each.hit.bank.kind == "negative"), default=radius + 1)
        for each in near:
            if each.hit.bank.kind == "known":
                matches.append(NearMatch(_kind(each.hit, flat, negative), each.hit, some[each.query], each.entries))
    return matches


def near_finding(match: NearMatch, radius: int) -> Finding:
    """What a person needs to judge it. ``part`` is where in the picture: top, left, bottom, right in percent."""
    looks = match.looks
    return Finding(
        match.kind,
        entry_facts(match.hit)
        | {
            "distance": match.hit.distance,
            "radius": radius,
            "entries": match.entries,
            "variant": looks.variant,
            "transform": looks.transform,
            "part": tuple(f"{edge * 100 / FULL:.1f}" for edge in looks.part),
            "quality": looks.quality,
        },
    )


class NearMatcher(BankAnalyser):
    """Looks every hash of a picture up in all Banks that hold PDQ. ``radius``: the most bits of 256 that differ."""

    name: ClassVar[str] = "near_match"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.SECOND
    follows: ClassVar[str] = PictureHash.name

    def __init__(self, path: str, digest: str, radius: int = RADIUS) -> None:
        super().__init__(path, digest, radius=radius, hashes=PictureHash.version)
        self._radius = radius

    def wants(self, view: View) -> bool:
        """Pictures."""
        return view.task.content is not None and view.task.content.media_type in FORMATS

    def analyse(self, view: View, state: Any) -> Outcome:
        """``match.near``, ``match.near_flat``, ``match.near_negated``; nothing where the picture was not hashed."""
        content = view.task.content
        if content is None:
            raise TypeError("NearMatcher belongs to the second visit")
        picture = view.cached("picture_hash", lambda: content.picture)  # of this very visit, or of an earlier one
        if picture is None:
            return Ok(())
        return Ok(tuple(near_finding(each, self._radius) for each in compare(picture, state, self._radius)))


def _kind(hit: Hit, flat: bool, negative: int) -> str:
    if negative <= hit.distance:
        return NEAR_NEGATED
    if hit.quarantined:
        return NEAR_QUARANTINED
    return NEAR_FLAT if flat else NEAR
