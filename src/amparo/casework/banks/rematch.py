"""Matching anew what is catalogued already: a new Bank needs hashes, which are stored, and no evidence."""

import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import BinaryIO, NoReturn

from django.db import transaction

from amparo.casework.banks.flood import Flooded, guard
from amparo.casework.banks.store import Compared, compared, open_banks
from amparo.casework.cases import find_case
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.plan import MATCHING, our_plan, scan_limits
from amparo.catalogue import lease, models
from amparo.catalogue.ledger import CatalogueLedger
from amparo.catalogue.queue import hashed
from amparo.evidence.item import Child, Locator
from amparo.media.picture_hash import PictureHash
from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.ports import Unreadable
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory


@dataclasses.dataclass(frozen=True, slots=True)
class Rematched:
    """What came of one Case. ``unhashed``: Contents that wait for a scan, because they were never hashed."""

    case: models.Case
    compared: int
    unhashed: int
    flooded: tuple[Flooded, ...]


class NoReader:
    """Stands for evidence that is not there, and is not needed."""

    def open(self, locator: Locator, size: int | None = None) -> BinaryIO:
        """Refused."""
        raise Unreadable("offline")

    def entries(self, locator: Locator) -> Iterator[Child]:
        """Refused."""
        self._refuse()

    def opens(self, media_type: str) -> bool:
        """Nothing is opened."""
        return False

    def members(self, locator: Locator, media_type: str, budget: int | None) -> Iterator[Child]:
        """Refused."""
        self._refuse()

    def close(self) -> None:
        """Nothing is open."""

    def _refuse(self) -> NoReturn:
        raise Unreadable("offline")


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
            number = _rematch(installation, case, compared(installation.settings, store), show)
            flooded = guard(installation, case)
            if flooded:  # what they matched is to be marked so
                _rematch(installation, case, compared(installation.settings, store), show)
            contents = models.Content.objects.filter(case=case)
            unhashed = contents.exclude(hashed(PictureHash.name, PictureHash.version)).count()
            yield Rematched(case, number, unhashed, tuple(flooded))


def _rematch(installation: Installation, case: models.Case, banks: Compared, show: Callable[[int], None]) -> int:
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
        reader = Factory(f"{__name__}:NoReader")
        engine = PoolEngine(plan, reader, scan_limits(settings, banks), settings.workers or None)
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
