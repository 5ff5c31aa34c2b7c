"""How long a Case is kept, and legal holds: while one stands, nothing of the Case is erased."""

import dataclasses
import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext

from amparo.accounts.models import User
from amparo.casework.installation import Installation
from amparo.casework.lines import one_line
from amparo.casework.members import check_leads
from amparo.casework.memberships import memberships
from amparo.catalogue.erasure import lock_case
from amparo.catalogue.models import Case, Erasure, LegalHold, Member, Retention
from amparo.evidence.errors import BadInput

SOON = 90  # days before its end in which pages warn
_YEARS = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """How long a Case is kept. ``row`` None: nobody has said. ``days`` left on the day asked about, negative after.

    ``held``: a legal hold stands. ``erasing``: the erasure of the whole Case has begun.
    """

    case: Case
    row: Retention | None
    days: int
    held: bool
    erasing: bool = False

    @property
    def passed(self) -> bool:
        """Whether the last day is over."""
        return self.row is not None and self.days < 0

    @property
    def soon(self) -> bool:
        """Whether it is near."""
        return self.row is not None and 0 <= self.days <= SOON


def kept(case: Case, today: datetime.date) -> Kept:
    """Of one Case, in three queries."""
    row = case.retentions.order_by("-pk").first()
    erasing = case.erasures.filter(whole=True, begun__isnull=False, done=None).exists()
    return Kept(case, row, _days(row, today), case.holds.filter(lifted=None).exists(), erasing)


def due(user: User, today: datetime.date, most: int) -> Sequence[Kept]:
    """Cases that this person leads and whose last day is near or over, the earliest first; in two queries."""
    newest = Retention.objects.filter(case=OuterRef("case")).order_by("-pk").values("pk")[:1]
    led = memberships(user).filter(owner=True, until=None)
    keys = Retention.objects.filter(
        pk__in=Subquery(led.annotate(newest=Subquery(newest)).values("newest")),
        keep_until__lte=today + datetime.timedelta(days=SOON),
    )
    rows = list(keys.select_related("case").order_by("keep_until", "pk")[:most])
    held = set(
        LegalHold.objects.filter(case__in=[row.case_id for row in rows], lifted=None).values_list("case", flat=True)
    )
    return [Kept(row.case, row, _days(row, today), row.case_id in held) for row in rows]


def set_retention(installation: Installation, member: Member | None, until: datetime.date, ground: str) -> Retention:
    """State anew how long a Case is kept, and on what ground. Raises BadInput."""
    check_leads(member)
    case = _case(member)
    ground = reason_of(ground, gettext("Ground"))
    now = datetime.datetime.now(datetime.UTC)
    if until.year > now.year + _YEARS:
        raise BadInput("This day is too far ahead.", "Check the year.")
    recorder = installation.recorder(case)
    with transaction.atomic():
        row = Retention.objects.create(case=case, keep_until=until, ground=ground, made=now, made_by=recorder.operator)
        recorder.record("retention.set", {"until": until.isoformat()}, {"ground": ground})
    installation.sealer.seal(case)
    return row


def place_hold(installation: Installation, case: Case, reason: str) -> LegalHold:
    """Forbid to erase anything of a Case from now on. Whoever may set its retention may do so. Raises BadInput."""
    reason = reason_of(reason, gettext("Reason"))
    recorder = installation.recorder(case)
    with transaction.atomic():
        lock_case(case.pk)  # an erasure under way ends its transaction first, and finds the hold in its next
        row = LegalHold.objects.create(
            case=case, reason=reason, placed=datetime.datetime.now(datetime.UTC), placed_by=recorder.operator
        )
        recorder.record("hold.placed", {"hold": row.pk}, {"reason": reason})
    installation.sealer.seal(case)
    return row


def lift_hold(installation: Installation, member: Member | None, hold: LegalHold, why: str) -> None:
    """Allow it again, as far as no other hold stands. Raises BadInput."""
    check_leads(member)
    why = reason_of(why, gettext("Why it no longer holds"))
    recorder = installation.recorder(hold.case)
    with transaction.atomic():
        lock_case(hold.case_id)
        hold.refresh_from_db()
        if hold.lifted is not None:
            raise BadInput("This hold was lifted already.", "Load the page again.")
        hold.lifted, hold.lifted_by, hold.lifted_why = datetime.datetime.now(datetime.UTC), recorder.operator, why
        hold.save(update_fields=["lifted", "lifted_by", "lifted_why"])
        recorder.record("hold.lifted", {"hold": hold.pk}, {"reason": why})
    installation.sealer.seal(hold.case)


def erasures(case: Case) -> Sequence[Erasure]:
    """What was asked to be erased, newest first: at most 200."""
    return list(case.erasures.select_related("content").order_by("-pk")[:200])


def reason_of(text: str, field: str) -> str:
    """A reason to keep or to erase, on one line; ``field`` is its label. Raises BadInput."""
    return one_line(text, field, 500, 10, gettext("Name the rule or order. No names of people."))


def _days(row: Retention | None, today: datetime.date) -> int:
    return 0 if row is None else (row.keep_until - today).days


def _case(member: Member | None) -> Case:
    if member is None:
        raise TypeError("this is not below a case")
    return member.case
