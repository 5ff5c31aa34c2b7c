"""People: invited by link, given roles, deactivated; never removed, because custody logs name them."""

import datetime
import secrets
from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from amparo.accounts.models import Invitation, RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.evidence.errors import BadInput

VALID = datetime.timedelta(days=3)  # of an invitation
_NAME = 200


def invite(installation: Installation, name: str, roles: Iterable[Role]) -> str:
    """Make an invitation; returns the secret of its link, which is kept nowhere. Raises BadInput."""
    roles = sorted(set(roles))
    if not roles:
        raise BadInput("An invitation needs a role.", "Choose at least one.")
    _check_name(name)
    secret = secrets.token_urlsafe(24)
    recorder = installation.recorder()
    with transaction.atomic():
        row = Invitation.objects.create(
            digest=Invitation.digest_of(secret), name=name.strip(), roles=roles, made_by=recorder.operator,
            until=datetime.datetime.now(datetime.UTC) + VALID,
        )  # fmt: skip
        recorder.record("person.invited", {"invitation": row.pk, "roles": "+".join(roles)}, {"name": row.name})
    installation.sealer.seal()
    return secret


def open_invitation(secret: str) -> Invitation | None:
    """The invitation of a link, None if there is none that can be used now."""
    now = datetime.datetime.now(datetime.UTC)
    return Invitation.objects.filter(digest=Invitation.digest_of(secret), used=None, until__gt=now).first()


def accept(installation: Installation, secret: str, username: str, name: str, password: str) -> User:
    """Make the account of who was invited, with the roles of the invitation. Raises BadInput."""
    username = username.strip()
    _check_name(name)
    if not username.isprintable() or not 1 <= len(username) <= 150 or any(each.isspace() for each in username):
        raise BadInput("A user name has 1 to 150 characters without spaces.", "Choose another user name.")
    user = User(username=username, name=name.strip())
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(
            " ".join(error.messages), "Choose a longer password: several words are easy to remember."
        ) from error
    user.set_password(password)
    now = datetime.datetime.now(datetime.UTC)
    acting = installation.acting(user.actor)
    try:
        with transaction.atomic():
            invitation = (
                Invitation.objects.select_for_update()
                .filter(digest=Invitation.digest_of(secret), used=None, until__gt=now)
                .first()
            )
            if invitation is None:
                raise BadInput("This link was used already, or is too old.", "Ask for another invitation.")
            user.save()
            invitation.used, invitation.user = now, user
            invitation.save(update_fields=["used", "user"])
            facts: dict[str, str | int | None] = {"person": str(user.uuid), "invitation": invitation.pk}
            acting.recorder().record("person.accepted", facts, {"name": str(user), "username": username})
            for role in invitation.roles:
                RoleGrant.objects.create(user=user, role=role, given_by=invitation.made_by)
    except IntegrityError as error:
        raise BadInput("Somebody here has this user name.", "Choose another user name.") from error
    installation.sealer.seal()
    return user


def set_roles(installation: Installation, user: User, roles: Iterable[Role]) -> None:
    """Give and take roles until the person holds exactly these. The last administrator stays one. Raises BadInput."""
    wanted, now = set(roles), datetime.datetime.now(datetime.UTC)
    recorder = installation.recorder()
    with transaction.atomic():
        held = user.held()
        if Role.ADMINISTRATOR in held - wanted and not _other_administrators(user):
            raise BadInput("Nobody else is an administrator.", "Give somebody else the role first.")
        for role in sorted(wanted - held):
            RoleGrant.objects.create(user=user, role=role, given_by=recorder.operator)
            recorder.record("role.given", {"person": str(user.uuid), "role": role})
        for role in sorted(held - wanted):
            user.grants.filter(role=role, ended=None).update(ended=now, ended_by=recorder.operator)
            recorder.record("role.ended", {"person": str(user.uuid), "role": role})
    installation.sealer.seal()


def set_active(installation: Installation, user: User, active: bool) -> None:
    """Let a person log in or not. Who is deactivated is logged out everywhere. Raises BadInput."""
    recorder = installation.recorder()
    with transaction.atomic():
        if not active and Role.ADMINISTRATOR in user.held() and not _other_administrators(user):
            raise BadInput("Nobody else is an administrator.", "Give somebody else the role first.")
        user.is_active = active
        user.save(update_fields=["is_active"])
        action = "person.activated" if active else "person.deactivated"
        recorder.record(action, {"person": str(user.uuid)})
    installation.sealer.seal()


def has_administrator() -> bool:
    """Whether somebody can invite people."""
    return RoleGrant.objects.filter(role=Role.ADMINISTRATOR, ended=None, user__is_active=True).exists()


def _other_administrators(user: User) -> bool:
    grants = RoleGrant.objects.filter(role=Role.ADMINISTRATOR, ended=None, user__is_active=True)
    return grants.exclude(user=user).exists()


def _check_name(name: str) -> None:
    if len(name) > _NAME or not name.isprintable():
        raise BadInput("This name is not usable.", f"Printable text of at most {_NAME} characters.")
