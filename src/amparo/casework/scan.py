"""Scan: a path becomes a Source of a Case, and everything in it is accounted for. Resumable at any moment."""

import contextlib
import dataclasses
import datetime
import hashlib
import os
import time
from collections.abc import Callable

from django.db import transaction

from amparo.casework.banks.flood import Flooded, guard
from amparo.casework.banks.rematch import renew
from amparo.casework.banks.store import Compared, compared, open_banks
from amparo.casework.cases import authorities, find_case
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.limits import worker_limits
from amparo.casework.plan import scan_plan, what_runs
from amparo.catalogue import counters, lease, models
from amparo.catalogue.ledger import CatalogueLedger
from amparo.catalogue.outbox import Recorder
from amparo.catalogue.retry import make_failed_due
from amparo.catalogue.roots import create_source
from amparo.evidence.authority import Authority
from amparo.evidence.errors import BadInput
from amparo.media.near_match import LEADS
from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.run import run
from amparo.pipeline.stage import canonical_json
from amparo.sources.containers import Limits as ContainerLimits
from amparo.sources.opener import Opened, installed, open_source

_SEAL_EVERY = 1.0  # seconds
_SHOW_EVERY = 0.25


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """Where a scan stands. ``total`` grows while directories are walked and containers opened."""

    total: int
    done: int
    skipped: int
    failed: int
    contents: int
    contents_done: int
    matches: int
    bytes: int


@dataclasses.dataclass(frozen=True, slots=True)
class Scanned:
    """How a scan ended."""

    case: models.Case
    source: models.Source
    resumed: bool
    was_finished: bool
    visited: int
    progress: Progress
    flooded: tuple[Flooded, ...] = ()

    @property
    def failed(self) -> int:
        """Items and Contents we could not finish."""
        return self.progress.failed


def scan(
    installation: Installation,
    path: str | bytes,
    reference: str,
    *,
    again: bool = False,
    retry_failed: bool = False,
    show: Callable[[Progress], None] = lambda progress: None,
    check: Callable[[bytes], None] = lambda resolved: None,
) -> Scanned:
    """Scan a folder or file into a Case.

    The same resolved path continues its unfinished Source; a finished one runs only what became due; ``again``
    makes a new Source; ``retry_failed`` makes due again what failed before; ``check`` is given the resolved path before
    anything there is looked at, and may refuse. Raises BadInput, NotAuthorised, MissingComponent; KeyboardInterrupt
    leaves a resumable state.
    """
    with storage_errors():
        settings = installation.settings
        resolved = os.path.realpath(os.fsencode(path))
        check(resolved)
        case = find_case(reference)
        now = datetime.datetime.now(datetime.UTC)
        opened, authority = open_source(resolved, authorities(case), now, installed(settings.plugins))
        recorder = Recorder(settings.operator, case, authority.id)
        with transaction.atomic():
            models.Case.objects.select_for_update().get(pk=case.pk)  # two scans of one path at once: one source
            known = case.sources.filter(root=resolved, opener=opened.opener).order_by("-pk")
            source = None if again else known.first()
            resumed = source is not None
            if source is None:
                source = create_source(case, authority.id, opened.opener, opened.root, opened.item, recorder)
            owner = lease.take(source)
        was_finished = source.finished is not None
        try:
            if retry_failed:
                with transaction.atomic():
                    number = make_failed_due(source)
                    recorder.record("failed.retried", {"source": str(source.uuid), "subjects": number})
            store = open_banks(settings)
            with store.files.in_use():
                banks = compared(settings, store)
                visited = _Run(installation, case, source, owner, recorder, authority, opened, banks, show).work()
        finally:
            lease.give_up(source.pk, owner)
        flooded = guard(installation, case)
        if flooded:  # what they matched is to be marked so, in all Sources of the Case
            with store.files.in_use(), contextlib.suppress(BadInput):  # one that is busy is for its own scan to mark
                renew(installation, case, compared(settings, store))
        return Scanned(case, source, resumed, was_finished, visited, final_numbers(source), tuple(flooded))


def progress_of(source: models.Source) -> Progress:
    """The numbers of a Source now, cheap enough to ask for often. Contents are the Case's: it is looked at once."""
    item = counters.read(source=source)
    case = counters.read(source__case=source.case_id)
    states = ("pending", "ok", "skipped", "failed")
    contents = sum(case["content"].get(state, 0) for state in states)
    return Progress(
        total=sum(item["item"].get(state, 0) for state in states),
        done=sum(item["item"].get(state, 0) for state in states[1:]),
        skipped=item["item"].get("skipped", 0) + case["content"].get("skipped", 0),
        failed=item["item"].get("failed", 0) + case["content"].get("failed", 0),
        contents=contents,
        contents_done=contents - case["content"].get("pending", 0),
        matches=sum(case["finding"].get(kind, 0) for kind in LEADS),
        bytes=item["bytes"].get("listed", 0),
    )


def final_numbers(source: models.Source) -> Progress:
    """The same of this Source alone, also where the Case knew its Contents before: counts rows."""
    here = models.Content.objects.filter(items__source=source).distinct()
    matched = models.Finding.objects.filter(kind__in=LEADS, current=True, content__items__source=source)
    items = counters.read(source=source)["item"]
    return dataclasses.replace(
        progress_of(source),
        contents=here.count(),
        matches=matched.values("content").distinct().count(),
        failed=items.get("failed", 0) + here.filter(state=models.State.FAILED).count(),
        skipped=items.get("skipped", 0) + here.filter(state=models.State.SKIPPED).count(),
    )


class _Run:
    """One driver at work on one Source whose lease it holds."""

    def __init__(
        self,
        installation: Installation,
        case: models.Case,
        source: models.Source,
        owner: str,
        recorder: Recorder,
        authority: Authority,
        opened: Opened,
        banks: Compared,
        show: Callable[[Progress], None],
    ) -> None:
        self._installation = installation
        self._case = case
        self._source = source
        self._owner = owner
        self._recorder = recorder
        self._authority = authority
        self._show = show
        self._sealed = self._shown = 0.0
        settings = installation.settings
        plan = scan_plan(settings, banks)
        self._plan = plan
        self._ledger = CatalogueLedger(source, plan, owner, recorder)
        reader = dataclasses.replace(
            opened.reader,
            arguments={
                **opened.reader.arguments,
                "limits": ContainerLimits(depth=settings.limit_depth),
                "own_home": os.path.realpath(os.fsencode(settings.home)),
            },
        )
        self._engine = PoolEngine(plan, reader, worker_limits(settings, banks.size), settings.workers or None)

    def work(self) -> int:
        """Run until nothing is due; returns how many subjects were visited."""
        rows = what_runs(self._plan)
        self._record(
            "scan.started",
            {"plan": hashlib.sha256(canonical_json(rows)).hexdigest(), "stages": len(self._plan.stages)},
            {"analysers": canonical_json(rows).decode()},
        )
        try:
            run(self._ledger, self._engine, self._beat)
        except BaseException as error:
            # Said even when the disk is full: the next scan seals it.
            self._engine.close()
            self._record("scan.stopped", {"cause": type(error).__name__})
            raise
        self._engine.close()
        with transaction.atomic():
            if self._source.finished is None:
                self._source.finished = datetime.datetime.now(datetime.UTC)
                models.Source.objects.filter(pk=self._source.pk).update(finished=self._source.finished)
            now = progress_of(self._source)
            facts = {"items": now.total, "failed": now.failed, "visited": self._ledger.visited}
            self._recorder.record("scan.finished", {"source": str(self._source.uuid), **facts})
        self._installation.sealer.seal(self._case)
        self._show(now)
        return self._ledger.visited

    def _record(self, action: str, facts: dict[str, str | int | None], payload: dict[str, str] | None = None) -> None:
        with transaction.atomic():
            self._recorder.record(action, {"source": str(self._source.uuid), **facts}, payload)
        self._installation.sealer.seal(self._case)

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._sealed >= _SEAL_EVERY:
            self._sealed = now
            lease.renew(self._source.pk, self._owner)  # one large file may take longer than the lease
            self._authority.check("scan", bytes(self._source.root), datetime.datetime.now(datetime.UTC))
            self._installation.sealer.seal(self._case)
        if now - self._shown >= _SHOW_EVERY:
            self._shown = now
            self._show(progress_of(self._source))
