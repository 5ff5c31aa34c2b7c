"""Invitations: links by which somebody makes an account, or comes back to one; which are open, and withdrawing one.

A link is made once and kept nowhere: the database holds the SHA-256 of its secret.
"""

import datetime
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from amparo.accounts.models import Invitation, User
from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.evidence.errors import BadInput

VALID = datetime.timedelta(days=3)  # of a link
LISTED = datetime.timedelta(days=30)  # after its end


def make_link(by: str, name: str, roles: list[Role], user: User | None = None) -> tuple[Invitation, str]:
    """A new row and the secret of its link; call it inside the transaction that records it."""
    secret = secrets.token_urlsafe(24)
    until = datetime.datetime.now(datetime.UTC) + VALID
    row = Invitation.objects.create(
        digest=Invitation.digest_of(secret), name=name, roles=roles, made_by=by, until=until, user=user
    )
    return row, secret


def open_invitation(secret: str) -> Invitation | None:
    """The invitation of a link, None if there is none that can be used now."""
    now = datetime.datetime.now(datetime.UTC)
    return Invitation.objects.filter(digest=Invitation.digest_of(secret), used=None, until__gt=now).first()


def usable(secret: str, now: datetime.datetime) -> Invitation:
    """The same, locked until the end of the transaction, so that a link works once. Raises BadInput."""
    found = Invitation.objects.select_for_update().filter(digest=Invitation.digest_of(secret), used=None, until__gt=now)
    invitation = found.first()
    if invitation is None:
        raise BadInput("This link was used already, or is too old.", "Ask for another invitation.")
    return invitation


def invitation_page(before: int | None, limit: int) -> Sequence[Invitation]:
    """Links that nobody has used, newest first, with keys below ``before``: open ones, and ended ones for 30 days."""
    since = datetime.datetime.now(datetime.UTC) - LISTED
    found = Invitation.objects.filter(used=None, until__gt=since).select_related("user").order_by("-pk")
    return list((found if before is None else found.filter(pk__lt=before))[:limit])


def withdraw(installation: Installation, key: int) -> Invitation:
    """Let a link open nothing any more. Raises BadInput if it has ended, or there is none."""
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        row = Invitation.objects.select_for_update().filter(pk=key).first()
        if row is None or row.used is not None or row.until <= now:
            raise BadInput("This link opens nothing any more.", "Load the list again.")
        row.until = row.withdrawn = now
        row.save(update_fields=["until", "withdrawn"])
        installation.recorder().record("invitation.withdrawn", {"invitation": row.pk})
    installation.sealer.seal()
    return row


def end_links_by(user: User) -> None:
    """Links that this person made and nobody has opened open nothing any more."""
    _end(Q(made_by=user.actor))


def end_links_for(user: User) -> None:
    """So do those by which this person could come back."""
    _end(Q(user=user))


def _end(which: Q) -> None:
    now = datetime.datetime.now(datetime.UTC)
    Invitation.objects.filter(which, used=None, until__gt=now).update(until=now, withdrawn=now)
