"""Members of a Case: need-to-know, given by who leads it; or taken by breaking the glass, with a reason, for a day."""

import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import GRANTS, ON_CASES, Permission, Role
from amparo.casework.cases import NewAuthority, ReferenceTaken, record_case
from amparo.casework.installation import Installation
from amparo.casework.lines import one_line
from amparo.casework.memberships import leading, of_case
from amparo.casework.notices import tell
from amparo.catalogue import standing
from amparo.catalogue.models import Case, Content, Erasure, Member, Review
from amparo.evidence.errors import BadInput

BROKEN = datetime.timedelta(hours=24)  # how long broken glass gives access
_PAGE = 1_000  # Contents
_UNANSWERED = (Review.SECOND, Review.DISAGREED)


def open_case(installation: Installation, user: User, role: Role, reference: str, authority: NewAuthority) -> Case:
    """A new Case, led by the person who opens it, in a role that the person holds. Raises BadInput.

    Raises ReferenceTaken where another Case has it, which is recorded: it tells of a Case that one may not see.
    """
    if role not in user.held() or Permission.CASE_CREATE not in GRANTS[role]:
        raise BadInput("You cannot open a case in this role.", "Choose another role.")
    try:
        with transaction.atomic():
            case = record_case(installation, reference, authority)
            recorder = installation.recorder(case)
            Member.objects.create(
                case=case, user=user, role=role, owner=True, since=case.created, given_by=recorder.operator
            )
            recorder.record("member.added", {"person": str(user.uuid), "role": role, "owner": 1})
    except ReferenceTaken as taken:
        with transaction.atomic():
            payload = {"reference": reference.strip()}
            installation.recorder().record("case.refused", {"person": str(user.uuid)}, payload)
        installation.sealer.seal()
        hint = "Choose another reference. The attempt was recorded."
        raise ReferenceTaken(taken.texts[0], hint, taken.values) from taken
    installation.sealer.seal(case)
    return case


def adopt_cases(installation: Installation, user: User) -> int:
    """Make a person the owner, as investigator, of every Case that never had a member; returns how many.

    Cases made on the command line have none, and nobody could open them in the browser. Nor have erased ones.
    """
    erased = Erasure.objects.filter(whole=True, done__isnull=False).values("case")
    orphans = Case.objects.filter(members=None).exclude(pk__in=erased).order_by("pk")
    for case in orphans:
        add_member(installation, case, user, Role.INVESTIGATOR, owner=True)
    return len(orphans)


def check_leads(member: Member | None) -> None:
    """Raise BadInput unless this membership leads its Case: broken glass never does."""
    if member is None or not member.owner:
        raise BadInput("Only who leads this case may change this.", "Ask one of those who lead it.")


def find_person(username: str) -> User:
    """The active person with this user name. Raises BadInput."""
    user = User.objects.filter(username=username.strip(), is_active=True).first()
    if user is None:
        raise BadInput("Nobody here has this user name.", "Ask the person for the name they log in with.")
    return user


def add_member(installation: Installation, case: Case, user: User, role: Role, owner: bool = False) -> Member:
    """Give a person access to a Case in one of the roles that the person holds. Raises BadInput."""
    if role not in ON_CASES:
        raise BadInput("Nobody works on a case in this role.", "Choose another role.")
    if role not in user.held() or not user.is_active:
        raise BadInput(
            "%(person)s does not hold this role.",
            "Ask an administrator to give it, or choose another role.",
            {"person": str(user)},
        )
    recorder = installation.recorder(case)
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        _lock(case)
        for old in Member.objects.select_for_update().filter(case=case, user=user, ended=None):
            if old.until is None:
                raise BadInput(
                    "%(person)s is a member already.",
                    "End the membership first to change the role.",
                    {"person": str(user)},
                )
            _end(old, recorder.operator, now)  # broken glass gives way
        row = Member.objects.create(case=case, user=user, role=role, owner=owner, since=now, given_by=recorder.operator)
        recorder.record("member.added", {"person": str(user.uuid), "role": role, "owner": int(owner)})
        if recorder.operator != user.actor:
            tell([user.pk], "member.added", {"role": role}, now, case)
    installation.sealer.seal(case)
    return row


def end_member(installation: Installation, member: Member) -> None:
    """Take access away. The last owner stays. Raises BadInput."""
    recorder = installation.recorder(member.case)
    with transaction.atomic():
        _lock(member.case)
        member.refresh_from_db()
        if member.ended is not None:
            raise BadInput("This membership has ended already.", "Load the page again to see who is a member now.")
        if member.owner and not leading(member.case).exclude(pk=member.pk).exists():
            raise BadInput("Nobody else leads this case.", "Make another member lead it first.")
        _end(member, recorder.operator, datetime.datetime.now(datetime.UTC))
        recorder.record("member.ended", {"person": str(member.user.uuid), "role": member.role})
    installation.sealer.seal(member.case)


class NoSuchReference(BadInput):
    """No Case is called so."""


def break_glass(installation: Installation, user: User, reference: str, role: Role, reason: str) -> Member:
    """Take access to a Case for a day, in a role that the person holds. Its owners are told. Raises BadInput.

    A reference that no Case has is recorded like one that a Case has, so that guessing leaves a trace, and auditors
    are told of it.
    """
    why = gettext("The owners of the case read it.")
    reason = one_line(reason, gettext("Why you need access now"), 1_000, 20, why)
    if role not in user.held() or Permission.GLASS_BREAK not in GRANTS[role]:
        raise BadInput("You cannot take access in this role.", "Choose another role.")
    case = Case.objects.filter(reference=reference.strip()).first()
    if case is None:
        _refused(installation, user, reference, reason)
        raise NoSuchReference("No case has this reference.", "Check each character. The attempt was recorded.")
    recorder = installation.recorder(case)
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        _lock(case)
        if Member.objects.filter(case=case, user=user, ended=None, until=None).exists():
            raise BadInput("You are a member of this case already.", "Open it from your list of cases.")
        for old in Member.objects.filter(case=case, user=user, ended=None):
            _end(old, recorder.operator, now)
        row = Member.objects.create(
            case=case, user=user, role=role, since=now, given_by=recorder.operator, reason=reason, until=now + BROKEN
        )
        facts: dict[str, str | int | None] = {"person": str(user.uuid), "role": role, "member": row.pk}
        recorder.record("glass.broken", facts, {"reason": reason})
        told = {"person": str(user), "uuid": str(user.uuid), "role": role}
        if here := _to_tell(case, user):
            tell(here, "glass.broken", {**told, "reason": reason}, now, case)
        else:  # whose pages name no Case and hold no words from one
            tell(_auditors(user), "glass.broken", {**told, "case": str(case.uuid)}, now)
    installation.sealer.seal(case)
    return row


def _to_tell(case: Case, user: User) -> set[int]:
    """Keys of those who lead the Case and can log in; else of its other members."""
    lasting = of_case(case).filter(until=None)
    return _keys(leading(case).exclude(user=user)) or _keys(lasting.exclude(user=user))


def _auditors(user: User) -> set[int]:
    """Keys of the others who can read every log."""
    return _keys(RoleGrant.objects.filter(role=Role.AUDITOR, ended=None, user__is_active=True).exclude(user=user))


def _keys(found: "QuerySet[Member] | QuerySet[RoleGrant]") -> set[int]:
    return set(found.values_list("user_id", flat=True))


def set_two_people(installation: Installation, case: Case, on: bool) -> None:
    """Let a grade count only once two persons gave it, or no more. Raises BadInput while a second is waited for.

    Switched on, what one person judged waits for a second one, and that grade counts no more until then.
    """
    recorder = installation.recorder(case)
    with transaction.atomic():
        _lock(case)
        case.refresh_from_db(fields=["two_people"])
        if case.two_people == on:
            return
        if not on and Content.objects.filter(case=case, leader=None, review__in=_UNANSWERED).exists():
            raise BadInput(
                "Some grades still wait for a second person, or two people disagree on them.",
                "Finish the queues Second opinion and Disagreements first.",
            )
        case.two_people = on
        case.save(update_fields=["two_people"])
        facts: dict[str, str | int | None] = {"on": int(on)}
        if on:
            facts["reopened"] = _reopen(case)
        recorder.record("two_people.set", facts)
    installation.sealer.seal(case)


def _reopen(case: Case) -> int:
    """Let everything that was judged stand as two people have to judge it; returns how much waits again."""
    reopened = 0
    done = Content.objects.filter(case=case, review=Review.DONE).order_by("pk")
    after = 0
    while keys := list(done.filter(pk__gt=after).values_list("pk", flat=True)[:_PAGE]):
        after = keys[-1]
        locked = list(Content.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
        found = standing.restand(case, locked)
        reopened += sum(each.review is not Review.DONE for each in found.values())
    return reopened


def _refused(installation: Installation, user: User, reference: str, reason: str) -> None:
    with transaction.atomic():
        payload = {"reference": reference.strip()[:200], "reason": reason}
        installation.recorder().record("glass.refused", {"person": str(user.uuid)}, payload)
        facts = {"person": str(user), "uuid": str(user.uuid)}
        tell(_auditors(user), "glass.refused", facts, datetime.datetime.now(datetime.UTC))
    installation.sealer.seal()


def _lock(case: Case) -> None:
    """Memberships of a Case change one after the other: two owners cannot end each other at once."""
    Case.objects.select_for_update().get(pk=case.pk)


def _end(member: Member, by: str, now: datetime.datetime) -> None:
    member.ended, member.ended_by = now, by
    member.save(update_fields=["ended", "ended_by"])
