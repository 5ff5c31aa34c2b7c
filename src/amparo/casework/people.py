"""People: invited by link, given roles, deactivated; never removed, because custody logs name them."""

import datetime
import unicodedata
from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework.administrators import administrators, tell_ended
from amparo.casework.installation import Installation
from amparo.casework.invitations import end_links_by, end_links_for, make_link, usable
from amparo.casework.lines import one_line
from amparo.casework.members import adopt_cases
from amparo.casework.resets import end_resets, end_resets_for
from amparo.casework.sessions import end_sessions
from amparo.casework.tokens import end_tokens
from amparo.evidence.errors import BadInput

_NAME = 200


def invite(installation: Installation, name: str, roles: Iterable[Role]) -> str:
    """Make an invitation; returns the secret of its link, which is kept nowhere. Raises BadInput."""
    roles = sorted(set(roles))
    if not roles:
        raise BadInput("An invitation needs a role.", "Choose at least one.")
    name = one_line(name, gettext("Name"), _NAME, least=0)
    recorder = installation.recorder()
    with transaction.atomic():
        row, secret = make_link(recorder.operator, name=name, roles=roles)
        recorder.record("person.invited", {"invitation": row.pk, "roles": "+".join(roles)}, {"name": row.name})
    installation.sealer.seal()
    return secret


def accept(installation: Installation, secret: str, username: str, name: str, password: str) -> User:
    """Make the account of who was invited, with the roles of the invitation. Raises BadInput.

    The first administrator, who is an investigator too, becomes the owner of the Cases that have no member.
    """
    username = unicodedata.normalize("NFKC", username.strip())
    name = one_line(name, gettext("Your name"), _NAME, least=0)
    if not username.isprintable() or not 1 <= len(username) <= 150 or any(each.isspace() for each in username):
        raise BadInput("A user name has 1 to 150 characters without spaces.", "Choose another user name.")
    user = User(username=username, name=name)
    _set_password(user, password)
    now = datetime.datetime.now(datetime.UTC)
    acting = installation.acting(user.actor)
    nobody = not has_administrator()
    try:
        with transaction.atomic():
            invitation = usable(secret, now)
            if invitation.user_id is not None:
                raise BadInput("This link is for an account that exists.", "Open it and choose a new password.")
            if User.objects.filter(username__iexact=username).exists():  # log-in takes capitals for small letters
                raise BadInput("Somebody here has this user name.", "Choose another user name.")
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
    if nobody and {Role.ADMINISTRATOR, Role.INVESTIGATOR} <= set(invitation.roles):
        adopt_cases(acting, user)
    return user


def accept_reset(installation: Installation, secret: str, password: str) -> User:
    """Give the person of a link a new password; a second factor has to follow. Raises BadInput."""
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        invitation = usable(secret, now)
        if invitation.user is None or not invitation.user.is_active:
            raise BadInput("This link belongs to no account that may log in.", "Ask an administrator.")
        user = invitation.user
        _set_password(user, password)
        user.save(update_fields=["password"])
        invitation.used = now
        invitation.save(update_fields=["used"])
        facts: dict[str, str | int | None] = {"person": str(user.uuid), "invitation": invitation.pk}
        installation.acting(user.actor).recorder().record("person.returned", facts)
    installation.sealer.seal()
    return user


def set_roles(installation: Installation, user: User, roles: Iterable[Role]) -> None:
    """Give and take roles until the person holds exactly these. The last administrator stays one. Raises BadInput."""
    wanted, now = set(roles), datetime.datetime.now(datetime.UTC)
    recorder = installation.recorder()
    with transaction.atomic():
        _lock_administrators()
        held = user.held()
        if Role.ADMINISTRATOR in held - wanted and not _other_administrators(user):
            raise BadInput("Nobody else is an administrator.", "Give somebody else the role first.")
        for role in sorted(wanted - held):
            RoleGrant.objects.create(user=user, role=role, given_by=recorder.operator)
            recorder.record("role.given", {"person": str(user.uuid), "role": role})
        if Role.ADMINISTRATOR in held - wanted:
            end_links_by(user)
            end_resets(user)
        for role in sorted(held - wanted):
            user.grants.filter(role=role, ended=None).update(ended=now, ended_by=recorder.operator)
            recorder.record("role.ended", {"person": str(user.uuid), "role": role})
        if Role.ADMINISTRATOR in held - wanted:
            tell_ended(user, recorder.operator, False, now)
    installation.sealer.seal()


def set_active(installation: Installation, user: User, active: bool) -> None:
    """Let a person log in or not. Who is deactivated is logged out everywhere. Raises BadInput.

    The role administrator ends with the account and does not come back: when it ended decides who may act alone.
    """
    recorder = installation.recorder()
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        _lock_administrators()
        administers = not active and Role.ADMINISTRATOR in user.held()
        if administers and not _other_administrators(user):
            raise BadInput("Nobody else is an administrator.", "Give somebody else the role first.")
        user.is_active = active
        user.save(update_fields=["is_active"])
        if active:
            recorder.record("person.activated", {"person": str(user.uuid)})
        else:
            recorder.record("person.deactivated", {"person": str(user.uuid)})
            end_sessions(user)
            end_links_by(user)
            end_links_for(user)
            end_resets(user)
            end_resets_for(user)
            end_tokens(recorder, user)
        if administers:
            user.grants.filter(role=Role.ADMINISTRATOR, ended=None).update(ended=now, ended_by=recorder.operator)
            recorder.record("role.ended", {"person": str(user.uuid), "role": Role.ADMINISTRATOR})
            tell_ended(user, recorder.operator, True, now)
    installation.sealer.seal()


def has_administrator() -> bool:
    """Whether somebody can invite people."""
    return administrators().exists()


def _other_administrators(user: User) -> bool:
    return administrators().exclude(user=user).exists()


def _lock_administrators() -> None:
    """Two administrators cannot end each other at once."""
    list(RoleGrant.objects.select_for_update().filter(role=Role.ADMINISTRATOR, ended=None).order_by("pk"))


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(
            " ".join(error.messages), "Choose a longer password: several words are easy to remember."
        ) from error
    user.set_password(password)
