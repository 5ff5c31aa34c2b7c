"""The Analyser of exact matches: whether a Bank knows these bytes."""

import hashlib
from pathlib import Path
from typing import Any, ClassVar

from amparo.evidence.finding import Fact, Finding
from amparo.evidence.outcome import Ok, Outcome
from amparo.media.known_banks import Hit, KnownBanks
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.stage import Visit, canonical_json
from amparo.pipeline.view import View

MATCH = "match.bank"
KNOWN_GOOD = "match.known_good"
NEGATIVE = "match.negative"
_KIND_OF = {"known": MATCH, "known-good": KNOWN_GOOD, "negative": NEGATIVE}
KINDS = tuple(_KIND_OF.values())


def entry_facts(hit: Hit) -> dict[str, Fact]:
    """What every match says of the entry it is with."""
    return {
        "bank": str(hit.bank.uuid),
        "bank_name": hit.bank.name,
        "bank_version": hit.bank.version,
        "entry": hit.entry,
        "algorithm": hit.algorithm,
        "labels": hit.labels,
        "owner": hit.owner,
        "terms": hit.terms,
        "dated": hit.dated.isoformat(),
        "confirmed": hit.confirmed,
    }


def finding(hit: Hit) -> Finding:
    """A Finding of an exact match. ``collision_prone`` ones may order work and do nothing else."""
    return Finding(_KIND_OF[hit.bank.kind], entry_facts(hit) | {"collision_prone": hit.collision_prone})


class BankAnalyser(Analyser):
    """What compares with the Banks of the manifest at ``path``; ``digest`` (hex) says which versions those are."""

    def __init__(self, path: str, digest: str, **config: Any) -> None:
        super().__init__(path=path, digest=digest, **config)
        self._path = Path(path)
        self._identity = {"digest": digest, **config}

    @property
    def config_digest(self) -> str:
        """Not of the path: the same Banks in another place are no new work."""
        return hashlib.sha256(canonical_json(self._identity)).hexdigest()

    def setup(self) -> KnownBanks:
        """Open the Banks, in milliseconds. Raises BadInput."""
        return KnownBanks.open(self._path)


class BankMatch(BankAnalyser):
    """Looks the digests of a Content up in all Banks. Reads no bytes."""

    name: ClassVar[str] = "bank_match"
    version: ClassVar[str] = "2"
    visit: ClassVar[Visit] = Visit.SECOND

    def wants(self, view: View) -> bool:
        """Every Content."""
        return view.task.content is not None

    def analyse(self, view: View, state: Any) -> Outcome:
        """``match.bank``, ``match.known_good`` or ``match.negative``: one Finding per Bank that knows this Content."""
        known = view.task.content
        if known is None:
            raise TypeError("BankMatch belongs to the second visit")
        banks: KnownBanks = state
        digests = {"sha256": known.sha256, "sha1": known.sha1, "md5": known.md5}
        return Ok(tuple(finding(hit) for hit in banks.exact(digests)))
