"""Which memberships hold now, and what each allows: one rule for pages, the API, and work that is done later."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import CASE, GRANTS, LEADING, Permission, Role
from amparo.catalogue.models import Case, Member


def memberships(user: User) -> QuerySet[Member]:
    """Of a person who may log in, in a role that the person still holds. Broken glass ends by itself."""
    held = RoleGrant.objects.filter(user=user, ended=None).values("role")
    holding = Member.objects.filter(Q(until=None) | Q(until__gt=timezone.now()), ended=None)
    return holding.filter(user=user, user__is_active=True, role__in=held)


def allowed(member: Member) -> frozenset[Permission]:
    """What a membership that holds gives in its Case. Broken glass never leads."""
    granted = GRANTS[Role(member.role)] & CASE
    return granted if member.until is None else granted - LEADING


def may(user: User, case: Case, permission: Permission) -> bool:
    """Whether a person may do this in a Case now."""
    member = memberships(user).filter(case=case).first()
    return member is not None and permission in allowed(member)
