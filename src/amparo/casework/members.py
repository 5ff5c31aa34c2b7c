"""Members of a Case: need-to-know, given by who leads it; or taken by breaking the glass, with a reason, for a day."""

import datetime

from django.db import transaction

from amparo.accounts.models import User
from amparo.accounts.permissions import ON_CASES, Role
from amparo.casework.cases import find_case
from amparo.casework.installation import Installation
from amparo.catalogue.models import Case, Member, Notice
from amparo.evidence.errors import BadInput

BROKEN = datetime.timedelta(hours=24)  # how long broken glass gives access
_REASON = range(20, 1001)  # characters


def add_member(installation: Installation, case: Case, user: User, role: Role, owner: bool = False) -> Member:
    """Give a person access to a Case in one of the roles that the person holds. Raises BadInput."""
    if role not in ON_CASES:
        raise BadInput("Nobody works on a case in this role.", "Choose another role.")
    if role not in user.held() or not user.is_active:
        raise BadInput(f"{user} does not hold this role.", "Ask an administrator to give it, or choose another role.")
    recorder = installation.recorder(case)
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        for old in Member.objects.select_for_update().filter(case=case, user=user, ended=None):
            if old.until is None:
                raise BadInput(f"{user} is a member already.", "End the membership first to change the role.")
            _end(old, recorder.operator, now)  # broken glass gives way
        row = Member.objects.create(case=case, user=user, role=role, owner=owner, since=now, given_by=recorder.operator)
        recorder.record("member.added", {"person": str(user.uuid), "role": role, "owner": int(owner)})
        if recorder.operator != user.actor:
            Notice.objects.create(user=user, case=case, kind="member.added", facts={"role": role}, made=now)
    installation.sealer.seal(case)
    return row


def end_member(installation: Installation, member: Member) -> None:
    """Take access away. The last owner stays. Raises BadInput."""
    recorder = installation.recorder(member.case)
    owners = Member.objects.filter(case=member.case, owner=True, ended=None).exclude(pk=member.pk)
    with transaction.atomic():
        if member.owner and not owners.exists():
            raise BadInput("Nobody else leads this case.", "Make another member lead it first.")
        _end(member, recorder.operator, datetime.datetime.now(datetime.UTC))
        recorder.record("member.ended", {"person": str(member.user.uuid), "role": member.role})
    installation.sealer.seal(member.case)


def break_glass(installation: Installation, user: User, reference: str, role: Role, reason: str) -> Member:
    """Take access to a Case for a day, in a role that the person holds. Its owners are told. Raises BadInput."""
    reason = " ".join(reason.split())
    if len(reason) not in _REASON:
        raise BadInput("Write why you need access now, in at least 20 characters.", "The owners of the case read it.")
    if role not in ON_CASES or role not in user.held():
        raise BadInput("You do not hold this role.", "Choose another role.")
    case = find_case(reference)
    recorder = installation.recorder(case)
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        if Member.objects.filter(case=case, user=user, ended=None, until=None).exists():
            raise BadInput("You are a member of this case already.", "Open it from your list of cases.")
        for old in Member.objects.filter(case=case, user=user, ended=None):
            _end(old, recorder.operator, now)
        row = Member.objects.create(
            case=case, user=user, role=role, since=now, given_by=recorder.operator, reason=reason, until=now + BROKEN
        )
        facts: dict[str, str | int | None] = {"person": str(user.uuid), "role": role, "member": row.pk}
        recorder.record("glass.broken", facts, {"reason": reason})
        told = {"person": str(user), "role": role, "reason": reason}
        for owner in Member.objects.filter(case=case, owner=True, ended=None).select_related("user"):
            Notice.objects.create(user=owner.user, case=case, kind="glass.broken", facts=told, made=now)
    installation.sealer.seal(case)
    return row


def _end(member: Member, by: str, now: datetime.datetime) -> None:
    member.ended, member.ended_by = now, by
    member.save(update_fields=["ended", "ended_by"])
