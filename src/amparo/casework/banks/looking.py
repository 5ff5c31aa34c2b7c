"""Looking one file or digest up in all Banks. The look-up itself is recorded: Banks are no oracle."""

import os
from collections.abc import Iterator, Mapping

from django.db import transaction

from amparo.casework.banks.store import Compared, compared, open_banks
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.limits import worker_limits
from amparo.casework.one_file import OneFile
from amparo.casework.plan import LOOKING, our_plan
from amparo.evidence.errors import BadInput
from amparo.evidence.finding import Finding
from amparo.exchange.hash_list import parse_digest
from amparo.media.bank_match import finding
from amparo.media.known_banks import KnownBanks
from amparo.media.near_match import compare, near_finding
from amparo.pipeline.task import KnownPicture

_ORDER = (
    "match.bank", "match.near", "match.near_flat", "match.near_quarantined", "match.near_negated", "match.negative",
    "match.known_good",
)  # fmt: skip


def match_rows(installation: Installation, target: str, algorithm: str | None = None) -> Iterator[dict[str, object]]:
    """What the Banks know of a file, or of a digest in hex (schema ``match``). Records that someone looked.

    A file is read, and decoded if it is a picture, in a worker with limits. 64 digits are looked up as SHA-256 and as
    PDQ unless ``algorithm`` says which. Raises BadInput.
    """
    with storage_errors():
        store = open_banks(installation.settings)
        with store.files.in_use():
            banks = compared(installation.settings, store)
            if os.path.exists(target):
                found = _of_file(installation, target, banks)
                looked = ""
            else:
                found, looked = _of_digest(installation, target, algorithm, banks)
        found = sorted((each for each in found if each[0] in _ORDER), key=lambda each: _ORDER.index(each[0]))
        with transaction.atomic():
            installation.recorder().record(
                "bank.looked_up", {"banks": banks.digest, "hits": len(found)}, {"digest": looked} if looked else None
            )
        installation.sealer.seal()
    for kind, facts in found:
        yield {
            "v": 1,
            "kind": kind,
            **{name: list(fact) if isinstance(fact, tuple) else fact for name, fact in facts.items()},
        }


def _of_file(installation: Installation, target: str, banks: Compared) -> list[tuple[str, Mapping[str, object]]]:
    settings = installation.settings
    with OneFile(our_plan(settings, banks, LOOKING), worker_limits(settings, banks.size)) as files:
        return list(files.look(target).findings)


def _of_digest(
    installation: Installation, target: str, algorithm: str | None, banks: Compared
) -> tuple[list[tuple[str, Mapping[str, object]]], str]:
    try:
        named, digest = parse_digest(target, algorithm)
    except BadInput as error:
        hint = "Give a path, or 64, 40 or 32 hex digits."
        raise BadInput(f"Neither a file here nor a digest: {target!r}", hint) from error
    known = KnownBanks(banks.states)
    found: list[Finding] = []
    if named != "pdq":
        found += [finding(hit) for hit in known.exact({named: digest})]
    if named == "pdq" or (named == "sha256" and algorithm is None):
        radius = installation.settings.match_radius
        picture = KnownPicture(digest, 100, None, b"")
        found += [near_finding(each, radius) for each in compare(picture, known, radius)]
    return [(each.kind, each.facts) for each in found], f"{named}:{digest.hex()}"
