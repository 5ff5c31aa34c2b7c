"""Which memberships hold now, and what each allows: one rule for pages, the API, and work that is done later."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import CASE, GRANTS, LEADING, Permission, Role
from amparo.catalogue.models import Case, Member


def holding() -> QuerySet[Member]:
    """Of people who may log in, in a role that they still hold. Broken glass ends by itself."""
    held = RoleGrant.objects.filter(user=OuterRef("user"), role=OuterRef("role"), ended=None)
    lasting = Q(until=None) | Q(until__gt=timezone.now())
    return Member.objects.filter(lasting, Exists(held), ended=None, user__is_active=True)


def memberships(user: User) -> QuerySet[Member]:
    """Those of a person."""
    return holding().filter(user=user)


def of_case(case: Case) -> QuerySet[Member]:
    """Those in a Case."""
    return holding().filter(case=case)


def leading(case: Case) -> QuerySet[Member]:
    """Of those who lead a Case."""
    return of_case(case).filter(owner=True, until=None)


def allowed(member: Member) -> frozenset[Permission]:
    """What a membership that holds gives in its Case. Broken glass never leads."""
    granted = GRANTS[Role(member.role)] & CASE
    return granted if member.until is None else granted - LEADING


def may(user: User, case: Case, permission: Permission) -> bool:
    """Whether a person may do this in a Case now."""
    member = memberships(user).filter(case=case).first()
    return member is not None and permission in allowed(member)
