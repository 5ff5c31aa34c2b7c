"""What speaks against: leads that no person confirmed, grades on which people differed, and what could not be read."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db.models import Q

from amparo.casework.export.disclosure.rows import write_rows
from amparo.casework.export.form import Context
from amparo.catalogue import standing
from amparo.catalogue.models import Case, Category, Content, Decision, Finding, Item, Review, Shortfall, State
from amparo.catalogue.review import category
from amparo.evidence.item import Locator
from amparo.ui.matches import TITLES
from amparo.ui.paths import shown
from amparo.ui.reasons import REASONS

_PAGE = 500
_RELEVANT = (Category.BASELINE, Category.NATIONAL, Category.OTHER)


def unconfirmed(context: Context, folder: Path) -> int:
    """``unconfirmed.csv``: matches, superseded ones too, on Contents that nobody has judged to be material."""
    head = ("sha256", "kind", "current", "judging", "category", "analyser", "version", "config_digest", "facts")
    return write_rows(folder / "unconfirmed.csv", head, _unconfirmed(context.case))


def _unconfirmed(case: Case) -> Iterator[Sequence[object]]:
    found = Finding.objects.filter(case=case, kind__in=TITLES, content__isnull=False)
    found = found.exclude(content__review=Review.DONE, content__category__in=_RELEVANT)
    after = 0
    while page := list(found.filter(pk__gt=after).select_related("content", "stage").order_by("pk")[:_PAGE]):
        after = page[-1].pk
        for row in page:
            content = row.content
            if content is None:
                continue
            judged = Review(content.review)
            yield (
                bytes(content.sha256).hex(),
                row.kind,
                "yes" if row.current else "no",
                judged.name.lower(),
                Category(content.category).name.lower().replace("_", "-") if judged is Review.DONE else "",
                row.stage.analyser,
                row.stage.version,
                row.stage.config_digest,
                json.dumps(row.facts, sort_keys=True),
            )


def disagreements(context: Context, folder: Path) -> int:
    """``disagreements.csv``: every Decision on a Content whose grades ever differed between people, oldest first."""
    head = ("sha256", "decision", "made", "who", "labels", "category", "grades", "withdrawn", "outcome")
    return write_rows(folder / "disagreements.csv", head, _disagreements(context))


def _disagreements(context: Context) -> Iterator[Sequence[object]]:
    """Not those that wait for a second person: the blind rule, as everywhere. Withdrawn Decisions count here, too."""
    case, after = context.case, 0
    judged = Content.objects.filter(case=case, decisions__isnull=False).distinct()
    while page := list(judged.filter(pk__gt=after).order_by("pk")[:_PAGE]):
        after = page[-1].pk
        acts: dict[int, list[Decision]] = {}
        visible = standing.seen(case, "", [each.pk for each in page])  # as somebody who has judged nothing
        for act in visible.order_by("pk"):
            acts.setdefault(act.content_id, []).append(act)
        now = standing.standings(case, page)
        for content in page:
            made = acts.get(content.pk, [])
            who = {(act.operator, category(act.labels)) for act in made}
            if len({each for each, _ in who}) > 1 and len({each for _, each in who}) > 1:
                outcome = _outcome(now[content.pk])
                for act in made:
                    yield _decision(content, act, outcome)


def _outcome(now: standing.Standing) -> str:
    if now.review is Review.DISAGREED:
        return "open: people differ"
    word = now.category.name.lower().replace("_", "-")
    if now.settlers:
        return f"settled as {word} by {' '.join(sorted(now.settlers))}"
    return f"{word}, after a change of mind" if now.review is Review.DONE else "open"


def _decision(content: Content, act: Decision, outcome: str) -> Sequence[object]:
    grades = "; ".join(f"{each['scheme']} {each['version']}: {each['grade'] or 'none'}" for each in act.grades)
    return (
        bytes(content.sha256).hex(),
        act.pk,
        act.made.isoformat(),
        act.operator,
        " ".join(act.labels),
        category(act.labels).name.lower().replace("_", "-"),
        grades,
        "" if act.withdrawn is None else act.withdrawn.isoformat(),
        outcome,
    )


def shortfalls(context: Context, folder: Path) -> int:
    """``shortfalls.csv``: Items that were skipped or not finished, at which stage, why, and what that means."""
    head = ("number", "path", "sha256", "state", "stage", "reason", "meaning")
    return write_rows(folder / "shortfalls.csv", head, _shortfalls(context.case))


def _shortfalls(case: Case) -> Iterator[Sequence[object]]:
    short = (State.SKIPPED, State.FAILED)
    found = Item.objects.filter(case=case).filter(Q(state__in=short) | Q(content__state__in=short))
    after = 0
    while page := list(found.filter(pk__gt=after).select_related("content").order_by("pk")[:_PAGE]):
        after = page[-1].pk
        falls: dict[tuple[str, int | None], list[Shortfall]] = {}
        of = Q(item__in=page) | Q(content__in={row.content_id for row in page if row.content_id is not None})
        for fall in Shortfall.objects.filter(of).select_related("stage").order_by("pk"):
            key = ("content", fall.content_id) if fall.item_id is None else ("item", fall.item_id)
            falls.setdefault(key, []).append(fall)
        for row in page:
            head = (row.pk, shown(Locator.decode(bytes(row.locator)).path))
            digest = "" if row.content is None else bytes(row.content.sha256).hex()
            mine = falls.get(("item", row.pk), []) + falls.get(("content", row.content_id), [])
            for fall in mine:
                state = "failed" if fall.failed else "skipped"
                yield (*head, digest, state, fall.stage.analyser, fall.reason, _meaning(fall.reason))
            if not mine:
                yield (*head, digest, State(row.state).name.lower(), "listing", row.reason, _meaning(row.reason))


def _meaning(reason: str) -> str:
    return REASONS[reason].what if reason in REASONS else ""
