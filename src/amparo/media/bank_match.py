"""The Analyser of exact matches: whether a Bank knows these bytes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from amparo.evidence.finding import Finding
from amparo.evidence.outcome import Ok, Outcome
from amparo.media.bank_index import ALGORITHMS, BankIndex, Hit
from amparo.pipeline.analyser import Analyser
from amparo.pipeline.stage import Visit, canonical_json
from amparo.pipeline.view import View

MATCH = "match.bank"


def lookup(index: BankIndex, digests: Mapping[str, bytes]) -> tuple[Hit, ...]:
    """What the Banks say about digests by algorithm: one Hit per Bank, by the strongest digest that equals.

    O(log n) per algorithm. Raises BadInput for a damaged index.
    """
    hits: dict[str, Hit] = {}
    for algorithm in ALGORITHMS:
        if algorithm in digests:
            for hit in index.find(algorithm, digests[algorithm]):
                hits.setdefault(str(hit.bank.uuid), hit)
    return tuple(hits[key] for key in sorted(hits))


def finding(hit: Hit) -> Finding:
    """A ``match.bank`` Finding. ``collision_prone`` ones may order work and do nothing else."""
    return Finding(
        MATCH,
        {
            "bank": str(hit.bank.uuid),
            "bank_name": hit.bank.name,
            "bank_version": hit.bank.version,
            "entry": hit.entry,
            "algorithm": hit.algorithm,
            "collision_prone": hit.collision_prone,
            "labels": hit.labels,
            "owner": hit.owner,
        },
    )


class BankMatch(Analyser):
    """Looks the digests of a Content up in the index at ``path`` whose SHA-256 is ``digest`` (hex). Reads no bytes."""

    name: ClassVar[str] = "bank_match"
    version: ClassVar[str] = "1"
    visit: ClassVar[Visit] = Visit.SECOND

    def __init__(self, path: str, digest: str) -> None:
        super().__init__(path=path, digest=digest)
        self._path = Path(path)
        self._digest = digest

    @property
    def config_digest(self) -> str:
        """Of the index's content only: the same Banks in another place are no new work."""
        return hashlib.sha256(canonical_json({"digest": self._digest})).hexdigest()

    def wants(self, view: View) -> bool:
        """Every Content."""
        return view.task.content is not None

    def setup(self) -> BankIndex:
        """Map the index, checked against its digest once per worker. Raises BadInput."""
        return BankIndex(self._path, self._digest)

    def analyse(self, view: View, state: Any) -> Outcome:
        """One ``match.bank`` Finding per Bank that knows this Content."""
        known = view.task.content
        if known is None:
            raise TypeError("BankMatch belongs to the second visit")
        digests = {"sha256": known.sha256, "sha1": known.sha1, "md5": known.md5}
        return Ok(tuple(finding(hit) for hit in lookup(state, digests)))
