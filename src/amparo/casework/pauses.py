"""Pauses: a person looks at nothing for a while, or for today. Offered, never forced; nobody is asked why."""

import datetime

from django.db import transaction

from amparo.accounts.models import User
from amparo.casework.installation import Installation
from amparo.catalogue.models import Pause
from amparo.evidence.errors import BadInput

KINDS = ("pause", "not-today")


def open_pause(user: User) -> Pause | None:
    """The pause that this person takes now. One for today ends with the day (UTC)."""
    now = datetime.datetime.now(datetime.UTC)
    newest = Pause.objects.filter(user=user, ended=None).order_by("-pk").first()
    if newest is not None and newest.kind == "not-today" and newest.begun.date() != now.date():
        return None
    return newest


def begin_pause(installation: Installation, user: User, kind: str) -> Pause:
    """Take a pause; another that is open ends with it. Raises BadInput."""
    if kind not in KINDS:
        raise BadInput("There is no such pause.", "Use the buttons of the page.")
    now = datetime.datetime.now(datetime.UTC)
    recorder = installation.acting(user.actor).recorder()
    with transaction.atomic():
        Pause.objects.filter(user=user, ended=None).update(ended=now)
        row = Pause.objects.create(user=user, kind=kind, begun=now)
        recorder.record("pause.begun", {"person": str(user.uuid), "kind": kind})
    installation.sealer.seal()
    return row


def end_pause(installation: Installation, user: User) -> None:
    """Go on. Nothing happens without an open pause."""
    now = datetime.datetime.now(datetime.UTC)
    recorder = installation.acting(user.actor).recorder()
    with transaction.atomic():
        for row in Pause.objects.filter(user=user, ended=None):
            recorder.record("pause.ended", {"person": str(user.uuid), "kind": row.kind})
        Pause.objects.filter(user=user, ended=None).update(ended=now)
    installation.sealer.seal()
