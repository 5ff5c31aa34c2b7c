"""What overview and first page say of retention, without a view of theirs knowing."""

from collections.abc import Sequence

from django import template
from django.utils import timezone

from amparo.accounts.models import User
from amparo.accounts.permissions import Permission
from amparo.casework.retention import Kept, due, kept
from amparo.catalogue.models import Case
from amparo.workbench.access import Access

register = template.Library()
_MOST = 100


@register.simple_tag
def kept_until(case: Case) -> Kept:
    """How long a Case is kept: three queries."""
    return kept(case, timezone.now().date())


@register.simple_tag
def kept_due(user: User) -> Sequence[Kept]:
    """Cases that this person leads and whose last day is near or over: at most 100, in two queries."""
    return due(user, timezone.now().date(), _MOST)


@register.simple_tag(takes_context=True)
def may_erase(context: template.Context) -> bool:
    """Whether this person finds the form that asks for an erasure on the page Retention."""
    access: Access | None = context.get("access")
    if access is None or access.member is None or not access.member.owner:
        return False
    return access.may(Permission.RETENTION_SET) and access.may(Permission.ERASURE_ASK)


@register.filter
def days_over(days: int) -> int:
    """Days since a day that lies so many days ahead."""
    return -days
