"""Sessions of a person, ended where the person must be logged out."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from amparo.accounts.models import User


def end_sessions(user: User) -> None:
    """A session's row does not say whose it is. There are as many rows as people worked in the last half hour."""
    key = str(user.pk)
    for row in Session.objects.iterator():
        if row.get_decoded().get(SESSION_KEY) == key:
            row.delete()
