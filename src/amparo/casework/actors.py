"""Who the actors of custody entries and rows are, in the names that colleagues know."""

import uuid
from collections.abc import Iterable

from amparo.accounts.models import User
from amparo.config import ACCOUNT


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """A name for each actor: a person's for an account, else the actor itself (``os:ana``). One query."""
    asked = set(actors)
    keys = {found: each for each in asked if (found := _account(each)) is not None}
    names = {each: each for each in asked}
    for user in User.objects.filter(uuid__in=keys):
        names[keys[user.uuid]] = str(user)
    return names


def _account(actor: str) -> uuid.UUID | None:
    if not actor.startswith(ACCOUNT):
        return None
    try:
        return uuid.UUID(actor.removeprefix(ACCOUNT))
    except ValueError:
        return None
