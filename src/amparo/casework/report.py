"""The report of a Case: gathers the numbers, renders the page, writes it in one piece, records that it was made."""

import contextlib
import datetime
import hashlib
import locale
import os
import shlex
from pathlib import Path

from django.db import transaction
from django.db.models import Count

from amparo import __version__
from amparo.casework.cases import authorities, find_case
from amparo.casework.installation import Installation, storage_errors
from amparo.catalogue import counters, models
from amparo.catalogue.models import Finding, Item, Shortfall, State
from amparo.evidence.custody import verify
from amparo.evidence.custody.verify import Anchored
from amparo.evidence.errors import BadInput, VerificationFailed
from amparo.evidence.item import Locator
from amparo.media.bank_match import BankMatch
from amparo.media.near_match import LEADS
from amparo.ui import report as page
from amparo.ui.matches import TITLES

_MATCHES = 200
_MARK = b'<meta name="generator" content="Amparo">'  # what a report of ours has in its head
_DAMAGE = ("archive.damaged", "picture.damaged", "picture.exif_damaged")


def write_report(
    installation: Installation, reference: str, output: str | None, language: str | None
) -> dict[str, object]:
    """Write the HTML report of a Case; returns the row of ``amparo report --json`` (schema ``report``)."""
    case = find_case(reference)
    made = datetime.datetime.now(datetime.UTC)
    with storage_errors():
        data = rendered(installation, case, made, language)
        default = installation.settings.home / "cases" / str(case.uuid) / f"report-{made:%Y%m%dT%H%M%SZ}.html"
        path = Path(output) if output else default
        _write(path, data)
        digest = hashlib.sha256(data).hexdigest()
        with transaction.atomic():
            installation.recorder(case).record("report.written", {"sha256": digest, "bytes": len(data)})
        installation.sealer.seal(case)
    return {"v": 1, "path": str(path), "sha256": digest, "bytes": len(data)}


def rendered(installation: Installation, case: models.Case, made: datetime.datetime, language: str | None) -> bytes:
    """The page, in ``language``, else that of the settings, else the system's."""
    chosen = language or installation.settings.language or (locale.getlocale()[0] or "en").split("_")[0]
    return page.render(_gather(installation, case, made), chosen).encode("utf-8")


def _gather(installation: Installation, case: models.Case, made: datetime.datetime) -> page.Report:
    numbers = counters.read(source__case=case)
    states, skipped, failed = _states(case)
    return page.Report(
        reference=case.reference,
        uuid=case.uuid,
        operator=installation.settings.operator,
        made=made,
        version=__version__,
        authorities=tuple(
            page.Authority(a.text, a.valid_from, a.until, a.scope.paths, a.kind, a.instrument, a.issuer)
            for a in reversed(authorities(case))
        ),
        sources=tuple(_source(row) for row in case.sources.order_by("pk")),
        totals=page.Totals(
            entries=tuple(sorted(numbers["entry"].items(), key=lambda pair: -pair[1])),
            items=states,
            items_with_content=numbers["item"].get("with_content", 0),
            contents=sum(numbers["content"].values()),
            bytes_listed=numbers["bytes"].get("listed", 0),
            bytes_distinct=numbers["bytes"].get("distinct", 0),
        ),
        media_types=tuple(
            (name, number)
            for name, number in sorted(numbers["type"].items(), key=lambda pair: (-pair[1], pair[0]))
            if not name.startswith("inode/") or name == "inode/x-empty"
        ),
        banks=compared_with(case),
        matches=_matches(case),
        skipped=skipped,
        failed=failed,
        failed_items=_failed_items(case),
        damage=tuple(page.Damage(kind, numbers["finding"][kind]) for kind in _DAMAGE if numbers["finding"].get(kind)),
        analysers=analysers_of(case),
        custody=_custody(installation, case),
    )


def _source(row: models.Source) -> page.Source:
    numbers = counters.read(source=row)
    contents = row.items.exclude(content=None).values("content").distinct().count()
    items = sum(numbers["entry"].values())
    return page.Source(row.uuid, bytes(row.root), row.opener, row.created, row.finished, items, contents)


def _states(case: models.Case) -> tuple[page.States, tuple[page.Shortfall, ...], tuple[page.Shortfall, ...]]:
    """Items by the worse of their own state and their Content's, and by reason."""
    groups = Item.objects.filter(case=case).values_list("state", "reason", "content__state", "content__reason")
    states = dict.fromkeys(State, 0)
    reasons: dict[State, dict[str, int]] = {State.SKIPPED: {}, State.FAILED: {}}
    for own, why, of_content, content_why, number in groups.annotate(number=Count("pk")).order_by():
        state, reason = State(own), why
        if of_content is not None and of_content > max(own, State.OK):
            state, reason = State(of_content), content_why
        elif own == State.OK and of_content == State.PENDING:
            state = State.PENDING
        states[state] += number
        if state in reasons:
            reasons[state][reason] = reasons[state].get(reason, 0) + number
    skipped, failed = (
        tuple(page.Shortfall(reason, n) for reason, n in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
        for found in reasons.values()
    )
    named = {state.name.lower(): number for state, number in states.items()}
    return page.States(**named), skipped, failed


def _matches(case: models.Case) -> page.Matches:
    every = Finding.objects.filter(case=case, kind__in=TITLES, current=True)
    found = every.filter(kind__in=LEADS)
    contents = found.values("content").distinct()
    apart = dict(every.exclude(kind__in=LEADS).values_list("kind").annotate(number=Count("content", distinct=True)))
    return page.Matches(
        contents=contents.count(),
        places=Item.objects.filter(content__in=contents).count(),
        shown=tuple(_match(row) for row in found.select_related("content").order_by("kind", "pk")[:_MATCHES]),
        total=found.count(),
        apart=tuple((kind, apart[kind]) for kind in TITLES if kind in apart),
    )


def _match(row: Finding) -> page.Match:
    content = row.content
    if content is None:
        raise VerificationFailed("A match without a content is stored.", "Run: amparo doctor")
    places = Item.objects.filter(content=content)
    first = places.order_by("pk").values_list("locator", flat=True)[: page.PATHS_SHOWN]
    return page.Match(
        sha256=bytes(content.sha256),
        media_type=content.media_type,
        size=content.size,
        kind=row.kind,
        facts=row.facts,
        places=places.count(),
        paths=tuple(Locator.decode(bytes(locator)).path for locator in first),
    )


def _failed_items(case: models.Case) -> tuple[page.FailedItem, ...]:
    own = Shortfall.objects.filter(failed=True, item__case=case).select_related("item", "stage")
    found = [(fall.item, fall) for fall in own.order_by("pk")[: page.FAILED_SHOWN]]
    of_content = Shortfall.objects.filter(failed=True, content__case=case).select_related("stage")
    for fall in of_content.order_by("pk")[: page.FAILED_SHOWN]:
        found.append((Item.objects.filter(content=fall.content_id).order_by("pk").first(), fall))
    at_listing = Item.objects.filter(case=case, state=State.FAILED, shortfalls=None)
    rows = [(item, fall.stage.analyser, fall.reason) for item, fall in found if item is not None]
    rows += [(item, "unpack", item.reason) for item in at_listing.order_by("pk")[: page.FAILED_SHOWN]]
    return tuple(
        page.FailedItem(Locator.decode(bytes(item.locator)).path, stage, reason)
        for item, stage, reason in rows[: page.FAILED_SHOWN]
    )


def compared_with(case: models.Case) -> tuple[page.Bank, ...]:
    """The Banks, at their versions of then, with which every Content of the Case was compared last."""
    sets = models.Content.objects.filter(case=case).values_list("stages__members", flat=True).distinct()
    done = [{int(key) for key in (members or "").split(",") if key} for members in sets]
    common = set.intersection(*done) if done else set()
    stage = models.Stage.objects.filter(pk__in=common, analyser=BankMatch.name).order_by("-pk").first()
    for row in models.Comparison.objects.order_by("-pk"):
        if stage is not None and BankMatch("", row.digest).config_digest == stage.config_digest:
            return tuple(page.Bank(each["name"], each["version"], each["entries"]) for each in row.banks)
    return ()


def analysers_of(case: models.Case) -> tuple[page.Analyser, ...]:
    """Stages done on any Item or Content of the Case."""
    sets = set(Item.objects.filter(case=case).values_list("stages", flat=True).distinct())
    sets |= set(models.Content.objects.filter(case=case).values_list("stages", flat=True).distinct())
    members = models.StageSet.objects.filter(pk__in=sets - {None}).values_list("members", flat=True)
    keys = {int(key) for text in members for key in text.split(",") if key}
    stages = models.Stage.objects.filter(pk__in=keys).order_by("pk")
    return tuple(page.Analyser(stage.analyser, stage.version, stage.config_digest) for stage in stages)


def _custody(installation: Installation, case: models.Case) -> page.Custody:
    installation.sealer.seal(case)
    path, key, head = installation.sealer.path(case), installation.sealer.fingerprint, installation.sealer.head(case)
    anchor = head.anchor if head else None
    command = f"amparo custody verify {shlex.quote(str(path))} --head {anchor} --key {key}"
    try:
        checked = verify(path, head=anchor, key=key)
    except VerificationFailed as error:
        return page.Custody(0, str(anchor), key, Anchored.NOT, command, error.message)
    return page.Custody(checked.entries, str(anchor), key, checked.anchored, command)


def _write(path: Path, data: bytes) -> None:
    """In one piece or not at all; never over something that is no report."""
    if path.is_dir():
        raise BadInput(f"{str(path)!r} is a folder.", "Name a file.")
    if path.exists() and not _is_report(path):
        raise BadInput(f"{str(path)!r} is there already and no report of ours.", "Choose another --output.")
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # the first refusal is the one to tell
            part.unlink()
        if error.errno == 28:  # ENOSPC: said by storage_errors
            raise
        raise BadInput(f"Cannot write {str(path)!r}: {error.strerror}.", "Choose another --output.") from error


def _is_report(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return _MARK in stream.read(4096)
    except OSError:
        return False
