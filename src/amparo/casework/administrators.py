"""Administrators among themselves: who is one, who was lately, and telling them when one of them is no more.

Where two people are needed, ending the other's role must not make one of them: who was an administrator in the last
seven days still counts as one who could have agreed. An installation whose other administrators have truly left waits
those seven days once, or makes somebody administrator.
"""

import datetime

from django.db.models import Max, Q, QuerySet

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework.notices import about, tell

FORMER = datetime.timedelta(days=7)  # longer than a reset that was asked for stays open, so none outlasts it
_GRANTS = Q(role=Role.ADMINISTRATOR)
_NOW = Q(ended=None, user__is_active=True)


def administrators() -> QuerySet[RoleGrant]:
    """Grants of those who can act as administrators now."""
    return RoleGrant.objects.filter(_GRANTS, _NOW)


def lately() -> QuerySet[RoleGrant]:
    """The same, and grants that ended in the last seven days."""
    since = datetime.datetime.now(datetime.UTC) - FORMER
    return RoleGrant.objects.filter(_GRANTS, _NOW | Q(ended__gt=since))


def forgotten(grants: QuerySet[RoleGrant]) -> datetime.datetime | None:
    """When the last of these that have ended counts no more; None where none has ended."""
    newest = grants.aggregate(newest=Max("ended"))["newest"]
    return None if newest is None else newest + FORMER


def tell_ended(user: User, by: str, closed: bool, now: datetime.datetime) -> None:
    """Tell a person who was an administrator, and all others, who ended that and whether the account was closed, too.

    Called inside the transaction that ends it. Whoever did it is not told.
    """
    actor = User.of(by)
    keys = {user.pk, *administrators().values_list("user_id", flat=True)} - {None if actor is None else actor.pk}
    tell(keys, "administrator.ended", {**about(user, by), "closed": closed}, now)
