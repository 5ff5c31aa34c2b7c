"""Adding pictures a unit holds itself to a Bank: their digests, and hashes that find copies cut out of them."""

import dataclasses
import datetime
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from amparo.casework.banks.importing import checked_kind
from amparo.casework.banks.store import open_banks
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.limits import worker_limits
from amparo.casework.one_file import Looked, OneFile
from amparo.catalogue.banks import ImportResult
from amparo.config import Settings
from amparo.evidence.errors import BadInput
from amparo.exchange.known import KnownEntry
from amparo.media.pdq import DOUBTFUL
from amparo.media.picture_hash import looks_of
from amparo.pipeline.stage import Factory, Plan

PART = "part-of-picture"  # the label of entries that are windows and parts of a picture


def add_files(
    installation: Installation, paths: Sequence[str], name: str, given: Mapping[str, Any], kind: str | None
) -> ImportResult:
    """Add files to a Bank, all of them or none. ``given``: owner, terms, and dated and labels if wanted.

    A picture gets an entry with its digests and its PDQ, and one for each part and window of it, so that copies cut
    out of its middle are found. Lists from others cannot have those. Raises BadInput for a file that cannot be read.
    """
    for needed in ("owner", "terms"):
        if needed not in given:
            raise BadInput(f"Who gave these files, and on what terms? There is no {needed}.", f"Give --{needed}.")
    with storage_errors():
        entries = _entries(installation.settings, paths, given)
        banks = open_banks(installation.settings)
        result = banks.put(name, entries, installation.recorder(), checked_kind(kind), action="bank.imported")
        installation.sealer.seal()
    return result


def _entries(settings: Settings, paths: Sequence[str], given: Mapping[str, Any]) -> Iterator[KnownEntry]:
    plan = Plan.of(
        Factory("amparo.sources.analysers:DigestsOf"),
        Factory("amparo.sources.analysers:MediaType"),
        Factory(
            "amparo.media.picture_hash:PictureHash", {"pixels": settings.limit_pixels, "colour": True, "known": True}
        ),
    )
    with OneFile(plan, worker_limits(settings)) as files:
        for path in paths:
            for each in [path] if not os.path.isdir(path) else sorted(_below(path)):
                yield from _of(files.look(each), each, given)


def _of(looked: Looked, path: str, given: Mapping[str, Any]) -> Iterator[KnownEntry]:
    content, labels = looked.content, tuple(given.get("labels", ()))
    entry = KnownEntry(
        key=f"sha256:{content.sha256.hex()}",
        digests={"sha256": content.sha256, "sha1": content.sha1, "md5": content.md5},
        labels=labels,
        owner=given["owner"],
        terms=given["terms"],
        dated=given.get("dated") or datetime.datetime.now(datetime.UTC).date(),
        place=repr(path),
    )
    if content.picture is None:
        yield entry
        return
    yield dataclasses.replace(entry, digests={**entry.digests, "pdq": content.picture.pdq})
    parts = [each for each in looks_of(content.picture) if not each.is_whole and each.transform == "none"]
    for number, each in enumerate(parts):
        if each.quality >= DOUBTFUL:
            yield dataclasses.replace(
                entry, key=f"{entry.key}#{number}", digests={"pdq": each.hash}, labels=(*labels, PART)
            )


def _below(folder: str) -> Iterator[str]:
    for root, _, names in os.walk(folder):
        yield from (os.path.join(root, name) for name in names)
