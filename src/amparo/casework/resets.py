"""Resets: an administrator takes a person's password and second factors away, and is given a link to set new ones.

Who holds the link can become that person. So the person and all administrators are told when it is asked for and when
the link is made, and where a second administrator could agree, or could have in the last seven days, no link is made
before one does.
"""

import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from amparo.accounts.models import Reset, User
from amparo.casework.administrators import administrators, forgotten, lately
from amparo.casework.installation import Installation
from amparo.casework.invitations import VALID, end_links_by, end_links_for, make_link
from amparo.casework.memberships import holding
from amparo.casework.notices import about, tell
from amparo.casework.sessions import end_sessions
from amparo.casework.tokens import end_tokens
from amparo.evidence.errors import BadInput


def open_reset(user: User) -> Reset | None:
    """What was asked for this person in the last three days and has not ended."""
    since = datetime.datetime.now(datetime.UTC) - VALID
    return Reset.objects.filter(user=user, ended=None, asked__gt=since).first()


def needs_second(user: User, asked_by: str) -> bool:
    """Whether an administrator other than the person and than who asks could agree, or was one in the last seven days.

    Else one administrator would end another's role or account, and then need nobody.
    """
    return lately().exclude(user=user).exclude(user=User.of(asked_by)).exists()


def alone_from(user: User, asked_by: str) -> datetime.datetime | None:
    """Where a second one is needed and nobody can agree now: from when on it is not. Else None."""
    asker = User.of(asked_by)
    if administrators().exclude(user=user).exclude(user=asker).exists():
        return None
    return forgotten(lately().exclude(user=user).exclude(user=asker))


def ask_reset(installation: Installation, user: User) -> Reset:
    """Ask for it. Raises BadInput for oneself, a closed account, and where it was asked for already."""
    recorder = installation.recorder()
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        user = _locked(user, recorder.operator)
        if open_reset(user) is not None:
            raise BadInput("This was asked for already.", "Load the page again to see where it stands.")
        Reset.objects.filter(user=user, ended=None).update(ended=now)  # too old
        row = Reset.objects.create(user=user, asked=now, asked_by=recorder.operator)
        recorder.record("reset.asked", {"person": str(user.uuid), "reset": row.pk})
        if needs_second(user, recorder.operator):  # else the link follows at once, and is told
            _tell(user, "reset.asked", recorder.operator, now)
    installation.sealer.seal()
    return row


def agree_reset(installation: Installation, user: User) -> Reset:
    """Agree as a second administrator. Raises BadInput for who asked, and for the person."""
    recorder = installation.recorder()
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        row = _open(_locked(user, recorder.operator))
        if row.asked_by == recorder.operator:
            raise BadInput("You asked for this yourself.", "Another administrator has to agree.")
        if row.agreed is not None:
            raise BadInput("Somebody has agreed already.", "Who asked for it can make the link now.")
        row.agreed, row.agreed_by = now, recorder.operator
        row.save(update_fields=["agreed", "agreed_by"])
        recorder.record("reset.agreed", {"person": str(user.uuid), "reset": row.pk})
        asker = User.of(row.asked_by)
        if asker is not None:
            tell({asker.pk}, "reset.agreed", about(user, recorder.operator), now)
    installation.sealer.seal()
    return row


def refuse_reset(installation: Installation, user: User) -> None:
    """Say no, or take the own question back. Raises BadInput."""
    recorder = installation.recorder()
    with transaction.atomic():
        row = _open(User.objects.select_for_update().get(pk=user.pk))
        row.ended = datetime.datetime.now(datetime.UTC)
        row.save(update_fields=["ended"])
        recorder.record("reset.refused", {"person": str(user.uuid), "reset": row.pk})
    installation.sealer.seal()


def carry_out_reset(installation: Installation, user: User) -> str:
    """Take password and second factors away; returns the secret of a link by which the person sets both up again.

    By who asked for it, after a second administrator agreed where one could. The person is logged out everywhere;
    links made before for this person end. Raises BadInput.
    """
    recorder = installation.recorder()
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        user = _locked(user, recorder.operator)
        reset = _open(user)
        if reset.asked_by != recorder.operator:
            raise BadInput("Somebody else asked for this.", "Who asked for it makes the link.")
        if reset.agreed is None and needs_second(user, recorder.operator):
            raise BadInput(
                "Another administrator has to agree first.",
                "Tell one; they see it on the person's page. If the other one has left, you can go on alone seven days "
                "after that.",
            )
        Authenticator.objects.filter(user=user).delete()
        user.set_unusable_password()
        user.save(update_fields=["password"])
        end_links_for(user)
        reset.ended = now
        reset.save(update_fields=["ended"])
        row, secret = make_link(recorder.operator, name=user.name, roles=[], user=user)
        facts: dict[str, str | int | None] = {"person": str(user.uuid), "invitation": row.pk, "reset": reset.pk}
        recorder.record("second_factor.reset", facts)
        end_sessions(user)
        end_links_by(user)
        end_resets(user)
        end_tokens(recorder, user)
        _tell(user, "account.reset", recorder.operator, now)
    installation.sealer.seal()
    return secret


def end_resets(user: User) -> None:
    """What this person asked for or agreed to counts no more; inside the transaction that takes the role away."""
    now = datetime.datetime.now(datetime.UTC)
    open_now = Reset.objects.filter(ended=None)
    open_now.filter(asked_by=user.actor).update(ended=now)
    open_now.filter(agreed_by=user.actor).update(agreed=None, agreed_by="")


def end_resets_for(user: User) -> None:
    """What was asked for this person is off."""
    Reset.objects.filter(user=user, ended=None).update(ended=datetime.datetime.now(datetime.UTC))


def _open(user: User) -> Reset:
    row = open_reset(user)
    if row is None:
        raise BadInput("Nobody asks for this now.", "Load the page again. What was asked for ends after three days.")
    return row


def _locked(user: User, operator: str) -> User:
    if operator == user.actor:
        raise BadInput("You cannot do this for yourself.", "Ask another administrator, or add a second one yourself.")
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise BadInput("%(person)s cannot log in now.", "Let the person log in again first.", {"person": str(user)})
    return user


def _tell(user: User, kind: str, by: str, now: datetime.datetime) -> None:
    """The person, all others who are or lately were administrators, and those who lead cases with the person."""
    # The person's own role is not asked for: whoever may reset could end it before and give it back afterwards.
    leads = holding().filter(case__members__user=user, case__members__ended=None, owner=True)
    told = {user.pk, *leads.values_list("user_id", flat=True), *lately().values_list("user_id", flat=True)}
    by_whom = User.of(by)
    tell(told - {None if by_whom is None else by_whom.pk}, kind, about(user, by), now)
