"""Custodians' own keys: made with a passphrase that nobody else knows, ended, never changed.

A key counts while it has not ended, is its owner's newest, and the owner is an active person in the role of custodian.
"""

import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.catalogue.models import Case, CustodianKey
from amparo.evidence import vault
from amparo.evidence.errors import BadInput, NotAuthorised


def make_key(installation: Installation, user: User, passphrase: str, again: str) -> CustodianKey:
    """A key for a custodian who has none. ``again``: the passphrase a second time. Raises BadInput, NotAuthorised.

    It opens nothing that was sealed before, until another custodian shares the keys of those Cases with it.
    """
    if Role.CUSTODIAN not in user.held():
        raise NotAuthorised("Only custodians have a key of the Vault.", "Ask an administrator for the role.")
    if passphrase != again:
        raise BadInput("The two passphrases are not the same.", "Type both again.")
    try:
        validate_password(passphrase, user)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), "Choose several words that you will remember.") from error
    pair = vault.new_pair()
    sealed = vault.protect(pair, passphrase)
    recorder = installation.recorder()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # of two forms sent at once, one makes the key
        if CustodianKey.objects.filter(user=user, ended=None).exists():
            raise BadInput("You have a key already.", "End it first; ask another custodian to share with the new one.")
        now = datetime.datetime.now(datetime.UTC)
        row = CustodianKey.objects.create(user=user, public=pair.public, sealed=sealed, made=now)
        recorder.record("vault.key_made", {"person": str(user.uuid), "key": row.pk})
    installation.sealer.seal()
    return row


def end_key(installation: Installation, user: User) -> None:
    """End a person's key: nothing is lent with it any more. Raises BadInput if there is none.

    Who kept a copy of the share and the passphrase can still open what was sealed until the pairs of the Cases are
    renewed (:mod:`amparo.casework.vault.renewal`), and what was copied before for ever.
    """
    recorder = installation.recorder()
    with transaction.atomic():
        row = CustodianKey.objects.select_for_update().filter(user=user, ended=None).order_by("-pk").first()
        if row is None:
            raise BadInput("There is no key to end.", "Nothing was changed.")
        row.ended = datetime.datetime.now(datetime.UTC)
        row.save(update_fields=["ended"])
        recorder.record("vault.key_ended", {"person": str(user.uuid), "key": row.pk})
    installation.sealer.seal()


def key_of(user: User) -> CustodianKey | None:
    """The key with which this person can open something now."""
    return keys_now().filter(user=user).order_by("-pk").first()


def keys_now() -> "QuerySet[CustodianKey]":
    """The keys of all custodians that count."""
    holders = RoleGrant.objects.filter(role=Role.CUSTODIAN, ended=None).values("user")
    return CustodianKey.objects.filter(ended=None, user__is_active=True, user__in=holders)


def key_of_passphrase(
    installation: Installation,
    user: User,
    passphrase: str,
    case: Case | None = None,
    about: Mapping[str, str | int | None] = MappingProxyType({}),
) -> tuple[CustodianKey, bytes]:
    """A custodian's key and its private half. Raises BadInput without a key, NotAuthorised for another passphrase.

    Each refused passphrase is recorded: in the log of the Case whose object it was typed for, with the facts ``about``
    it, else in that of the installation.
    """
    row = key_of(user)
    if row is None:
        raise BadInput("You have no key that counts.", "Make one on the page Vault.")
    try:
        return row, vault.open_protected(bytes(row.sealed), bytes(row.public), passphrase)
    except NotAuthorised:
        with transaction.atomic():
            facts = {"person": str(user.uuid), **about}
            installation.recorder(case).record("vault.passphrase_refused", facts)
        installation.sealer.seal(case)
        raise


def waiting_for() -> Sequence[User]:
    """Custodians who have not made a key."""
    held = RoleGrant.objects.filter(role=Role.CUSTODIAN, ended=None, user__is_active=True)
    without = held.exclude(user__in=keys_now().values("user"))
    return [grant.user for grant in without.select_related("user").order_by("user__username")]
