"""Matching anew what is catalogued already: a new Bank needs hashes, which are stored, and no evidence."""

import dataclasses
import functools
from collections.abc import Callable, Iterator

from django.db import transaction

from amparo.casework.banks.flood import Flooded, guard
from amparo.casework.banks.store import Compared, compared, open_banks
from amparo.casework.cases import find_case
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.limits import worker_limits
from amparo.casework.plan import MATCHING, our_plan
from amparo.catalogue import lease, models
from amparo.catalogue.ledger import CatalogueLedger
from amparo.catalogue.queue import hashed
from amparo.media.picture_hash import PictureHash
from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory


@dataclasses.dataclass(frozen=True, slots=True)
class Rematched:
    """What came of one Case. ``unhashed``: Contents that wait for a scan, because they were never hashed."""

    case: models.Case
    compared: int
    unhashed: int
    flooded: tuple[Flooded, ...]

    def row(self) -> dict[str, object]:
        """Schema ``rematch``."""
        return {
            "v": 1,
            "case": self.case.reference,
            "compared": self.compared,
            "unhashed": self.unhashed,
            "set_aside": [dataclasses.asdict(each) for each in self.flooded],
        }


def rematch(
    installation: Installation, reference: str | None, show: Callable[[int], None] = lambda number: None
) -> Iterator[Rematched]:
    """Compare every Content of a Case, or of all, with the Banks of now where that was not done. Resumable.

    Raises BadInput for an unknown Case, or a Source that another process works on.
    """
    cases = [find_case(reference)] if reference else list(models.Case.objects.order_by("pk"))
    store = open_banks(installation.settings)
    for case in cases:
        with storage_errors(), store.files.in_use():
            number = renew(installation, case, compared(installation.settings, store), show)
            flooded = guard(installation, case)
            if flooded:  # what they matched is to be marked so
                renew(installation, case, compared(installation.settings, store), show)
            contents = models.Content.objects.filter(case=case)
            unhashed = contents.exclude(hashed(PictureHash.name, PictureHash.version)).count()
            short = models.Shortfall.objects.filter(content__case=case, failed=True, stage__analyser=PictureHash.name)
            unhashed += short.count()
            yield Rematched(case, number, unhashed, tuple(flooded))


def renew(
    installation: Installation, case: models.Case, banks: Compared, show: Callable[[int], None] = lambda number: None
) -> int:
    """Compare what of a Case was not compared with these Banks; returns how many Contents were."""
    total = 0
    for source in case.sources.order_by("pk"):
        total += _rematch_source(installation, source, banks, functools.partial(_shifted, show, total))
        installation.sealer.seal(case)
    return total


def _rematch_source(
    installation: Installation, source: models.Source, banks: Compared, show: Callable[[int], None]
) -> int:
    settings, recorder = installation.settings, installation.recorder(source.case)
    plan = our_plan(settings, banks, MATCHING)
    owner = lease.take(source)
    try:
        ledger = CatalogueLedger(source, plan, owner, recorder, hashed(PictureHash.name, PictureHash.version))
        reader = Factory("amparo.sources.offline:OfflineReader")
        engine = PoolEngine(plan, reader, worker_limits(settings, banks.size), settings.workers or None)
        try:
            run(ledger, engine, lambda: show(ledger.visited))
        finally:
            engine.close()
        with transaction.atomic():
            recorder.record(
                "matching.renewed", {"source": str(source.uuid), "contents": ledger.visited, "banks": banks.digest}
            )
        return ledger.visited
    finally:
        lease.give_up(source.pk, owner)


def _shifted(show: Callable[[int], None], before: int, number: int) -> None:
    show(before + number)
