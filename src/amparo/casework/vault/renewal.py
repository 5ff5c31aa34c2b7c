"""What a custodian does for others with the passphrase: shares for new custodians, new pairs after one has left.

A share once held cannot be unlearned. A new pair keeps a former custodian, who kept key and passphrase, from opening
with them what the database holds from then on; a copy of the database made before, they still open.
"""

import dataclasses
import datetime
from collections.abc import Collection, Sequence

from django.db import transaction

from amparo.accounts.models import User
from amparo.casework.installation import Installation
from amparo.casework.vault.custodians import key_of, key_of_passphrase, keys_now
from amparo.casework.vault.objects import private_half, store_shares
from amparo.catalogue.models import CustodianKey, VaultKey, VaultShare
from amparo.evidence import vault
from amparo.evidence.errors import BadInput


@dataclasses.dataclass(frozen=True, slots=True)
class Due:
    """``new``: keys of custodians who lack a share that this one has. ``left``: keys with shares that count no more."""

    new: Sequence[CustodianKey]
    left: Sequence[CustodianKey]


def due(user: User) -> Due:
    """What :func:`renew` would do for the Cases that this custodian can open."""
    own = key_of(user)
    if own is None:
        return Due([], [])
    mine = VaultShare.objects.filter(custodian=own).values("key")
    number = mine.count()
    now = keys_now().exclude(pk=own.pk).select_related("user").order_by("pk")
    new = [each for each in now if VaultShare.objects.filter(custodian=each, key__in=mine).count() < number]
    left = CustodianKey.objects.filter(shares__key__in=mine).exclude(pk__in=keys_now().values("pk"))
    return Due(new, list(left.select_related("user").distinct().order_by("pk")))


def renew(installation: Installation, user: User, passphrase: str, accepted: Collection[int]) -> int:
    """Give the keys ``accepted`` (of :func:`due`) a share of every Case this custodian can open; where somebody's share
    counts no more, make the Case a new pair first. Returns how many Cases were changed.

    Raises BadInput for a key that does not count, NotAuthorised for another passphrase, VerificationFailed.
    """
    own, private = key_of_passphrase(installation, user, passphrase)
    if set(accepted) - set(keys_now().values_list("pk", flat=True)):
        raise BadInput("One of these keys has ended meanwhile.", "Look at the list again.")
    changed = 0
    for key in VaultKey.objects.filter(shares__custodian=own).select_related("case").order_by("pk"):
        with transaction.atomic():
            changed += _renew(installation, own, private, key.pk, set(accepted))
        installation.sealer.seal(key.case)
    return changed


def _renew(installation: Installation, own: CustodianKey, private: bytes, number: int, accepted: set[int]) -> bool:
    key = VaultKey.objects.select_for_update(of=("self",)).select_related("case").get(pk=number)
    shares = list(key.shares.select_related("key__case", "custodian__user").order_by("pk"))
    mine = next((each for each in shares if each.custodian_id == own.pk), None)
    if mine is None:  # taken away since the list was read
        return False
    counting = {each.pk: each for each in keys_now().select_related("user")}
    holding = {each.custodian_id for each in shares}
    new = [counting[each] for each in sorted((accepted - holding) & counting.keys())]
    left = [each for each in shares if each.custodian_id not in counting]
    if not new and not left:
        return False
    pair = vault.Pair(private_half(mine, private), bytes(key.public))
    recorder = installation.recorder(key.case)
    if left:
        pair, staying = _new_pair(key, pair), [counting[each] for each in sorted(holding & counting.keys())]
        key.shares.all().delete()
        recorder.record("vault.renewed", {"key": pair.public.hex()})
        for gone in left:
            recorder.record("vault.unshared", {"person": str(gone.custodian.user.uuid), "key": gone.custodian_id})
        store_shares(recorder, key, pair, staying)
    store_shares(recorder, key, pair, new)
    return True


def _new_pair(key: VaultKey, old: vault.Pair) -> vault.Pair:
    """A new pair for the Case, and the keys of all its objects sealed to it."""
    pair, case = vault.new_pair(), key.case
    for row in case.vault_objects.filter(erased=None):
        plain = vault.unwrap_key(bytes(row.wrapped), old.private, case.uuid, row.uuid)
        row.wrapped = vault.wrap_key(plain, pair.public, case.uuid, row.uuid)
        row.save(update_fields=["wrapped"])
    key.public, key.made = pair.public, datetime.datetime.now(datetime.UTC)
    key.save(update_fields=["public", "made"])
    return pair
