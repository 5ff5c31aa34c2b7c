"""Planned enforcement: a safeguarding checklist whose open points are Tasks due on the planned day.

A point is open while nobody answered it, or the newest answer is "not known". It never blocks anything: people decide,
and the pages say what is open.
"""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext

from amparo.casework.installation import Installation
from amparo.casework.lines import several_lines
from amparo.casework.safeguarding import Answer, Checklist, Point, checklist
from amparo.catalogue.models import Case, Enforcement, SafeguardingAnswer, Task
from amparo.evidence.errors import BadInput

RAISED = datetime.timedelta(hours=48)  # after first contact: see the point "dates" and its sources
OUTCOMES = ("held", "called-off")
LONGEST = 1_000  # characters of a note
_AHEAD = datetime.timedelta(days=730)
_MOST_WARNED = 5  # plans that a page warns of
_MOST_PLANS = 20  # at once in one Case


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A point with its answers, newest first."""

    point: Point
    answers: tuple[SafeguardingAnswer, ...]

    @property
    def newest(self) -> SafeguardingAnswer | None:
        """The answer that counts."""
        return self.answers[0] if self.answers else None

    @property
    def open(self) -> bool:
        """Whether it is unanswered, or not known."""
        return self.newest is None or self.newest.answer == Answer.NOT_KNOWN

    @property
    def refused(self) -> bool:
        """Whether it was answered with no."""
        return self.newest is not None and self.newest.answer == Answer.NO


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """A planned enforcement with its checklist."""

    row: Enforcement
    asked: tuple[Asked, ...]

    @property
    def open(self) -> int:
        """How many points are open."""
        return sum(each.open for each in self.asked)

    @property
    def refused(self) -> int:
        """How many points were answered with no."""
        return sum(each.refused for each in self.asked)

    @property
    def raised_until(self) -> datetime.datetime:
        """The end of the first 48 hours, UTC, if it begins as planned."""
        return self.row.planned + RAISED

    def passed(self, now: datetime.datetime) -> bool:
        """Whether its time has come and nobody has said what became of it."""
        return self.row.closed is None and self.row.planned <= now


def plan_enforcement(installation: Installation, case: Case, planned: datetime.datetime) -> Enforcement:
    """Plan for a time (UTC). Every point of the checklist becomes a Task of that day. Raises BadInput."""
    now = datetime.datetime.now(datetime.UTC)
    _check(planned, now)
    recorder = installation.recorder(case)
    points = checklist()
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        if Enforcement.objects.filter(case=case, closed=None).count() >= _MOST_PLANS:
            raise BadInput(
                "This case has %(most)s plans that are not ended.", "End those that are over.", {"most": _MOST_PLANS}
            )
        row = Enforcement.objects.create(case=case, planned=planned, made=now, made_by=recorder.operator)
        for each in points.points:
            Task.objects.create(
                case=case, text=each.title, due=_day(planned), enforcement=row, point=each.id, made=now,
                made_by=recorder.operator,
            )  # fmt: skip
        facts: dict[str, str | int | None] = {"enforcement": row.pk, "tasks": len(points.points)}
        recorder.record("enforcement.planned", facts, {"planned": planned.isoformat(), "checklist": points.version})
    installation.sealer.seal(case)
    return row


def move_enforcement(installation: Installation, enforcement: Enforcement, planned: datetime.datetime) -> None:
    """Plan it for another time; its open Tasks move along. Raises BadInput."""
    _check(planned, datetime.datetime.now(datetime.UTC))
    recorder = installation.recorder(enforcement.case)
    with transaction.atomic():
        row = _locked(enforcement)
        row.planned = planned
        row.save(update_fields=["planned"])
        moved = Task.objects.filter(enforcement=row, done=None).update(due=_day(planned))
        facts: dict[str, str | int | None] = {"enforcement": row.pk, "tasks": moved}
        recorder.record("enforcement.moved", facts, {"planned": planned.isoformat()})
    installation.sealer.seal(enforcement.case)


def close_enforcement(installation: Installation, enforcement: Enforcement, outcome: str) -> None:
    """Say that it was held or called off; its open Tasks end with it, its answers stay. Raises BadInput."""
    if outcome not in OUTCOMES:
        raise BadInput("Say what became of it.", "Choose: it took place, or it was called off.")
    recorder = installation.recorder(enforcement.case)
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        row = _locked(enforcement)
        row.closed, row.closed_by, row.outcome = now, recorder.operator, outcome
        row.save(update_fields=["closed", "closed_by", "outcome"])
        ended = Task.objects.filter(enforcement=row, done=None).update(done=now, done_by=recorder.operator)
        facts: dict[str, str | int | None] = {"enforcement": row.pk, "tasks": ended}
        recorder.record("enforcement.closed", facts, {"outcome": outcome})
    installation.sealer.seal(enforcement.case)


def answer_point(
    installation: Installation, enforcement: Enforcement, point: str, answer: str, note: str
) -> SafeguardingAnswer:
    """Answer a point, again if need be; the newest answer counts. Its Task is done once the point is not open.

    Raises BadInput. "No" and "does not apply" need a note: whoever reads it later has to know why.
    """
    if checklist().point(point) is None:
        raise BadInput("The checklist has no such point.", "Load the page again.")
    if answer not in list(Answer):
        raise BadInput("Choose an answer.", "Yes, no, not known, or does not apply.")
    note = several_lines(note, gettext("Note"), LONGEST, least=0)
    if answer in (Answer.NO, Answer.NOT_APPLICABLE) and not note:
        raise BadInput("This answer needs a note.", "Write why, for whoever decides and reads it later.")
    recorder = installation.recorder(enforcement.case)
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        row = _locked(enforcement)
        made = SafeguardingAnswer.objects.create(
            enforcement=row, point=point, answer=answer, note=note, made=now, author=recorder.operator
        )
        tasks = Task.objects.filter(enforcement=row, point=point)
        if answer == Answer.NOT_KNOWN:
            tasks.exclude(done=None).update(done=None, done_by="")
        else:
            tasks.filter(done=None).update(done=now, done_by=recorder.operator)
        facts: dict[str, str | int | None] = {"enforcement": row.pk, "answer": made.pk}
        recorder.record("safeguarding.answered", facts, {"point": point, "answer": answer, "note": note})
    installation.sealer.seal(enforcement.case)
    return made


def plans(case: Case, before: int | None, most: int) -> Sequence[Plan]:
    """Plans with keys below ``before``, newest first, in two queries."""
    found = Enforcement.objects.filter(case=case).order_by("-pk")
    return _with_answers((found if before is None else found.filter(pk__lt=before))[:most])


def plan_of(enforcement: Enforcement) -> Plan:
    """One plan with its checklist."""
    return _with_answers([enforcement])[0]


def doubtful(case: Case) -> Sequence[Plan]:
    """Plans not ended that have open points or points answered with no, the soonest five, in two queries."""
    rows = Enforcement.objects.filter(case=case, closed=None).order_by("planned", "pk")[:_MOST_PLANS]
    return [each for each in _with_answers(rows) if each.open or each.refused][:_MOST_WARNED]


def _with_answers(rows: Iterable[Enforcement]) -> list[Plan]:
    found = list(rows)
    given: dict[tuple[int, str], list[SafeguardingAnswer]] = {}
    for each in SafeguardingAnswer.objects.filter(enforcement__in=found).order_by("-pk"):
        given.setdefault((each.enforcement_id, each.point), []).append(each)
    return [Plan(row, _asked(checklist(), row, given)) for row in found]


def _asked(
    points: Checklist, row: Enforcement, given: dict[tuple[int, str], list[SafeguardingAnswer]]
) -> tuple[Asked, ...]:
    return tuple(Asked(point, tuple(given.get((row.pk, point.id), ()))) for point in points.points)


def _locked(enforcement: Enforcement) -> Enforcement:
    row = Enforcement.objects.select_for_update().get(pk=enforcement.pk)
    if row.closed is not None:
        raise BadInput("This plan has ended.", "Plan another one.")
    return row


def _check(planned: datetime.datetime, now: datetime.datetime) -> None:
    if not now < planned <= now + _AHEAD:
        raise BadInput("The planned time is not within the next two years.", "Check day and hour; they are in UTC.")


def _day(planned: datetime.datetime) -> datetime.date:
    return planned.astimezone(datetime.UTC).date()
