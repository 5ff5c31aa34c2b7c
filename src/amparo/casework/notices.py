"""Notices: what a person has to be told stays on every page until the person says that it was read."""

from django.utils import timezone

from amparo.accounts.models import User


def read_notice(user: User, number: int) -> bool:
    """Note that a person has read a notice of theirs; False if there is no such notice of this person."""
    own = user.notices.filter(pk=number)
    own.filter(read=None).update(read=timezone.now())
    return own.exists()
