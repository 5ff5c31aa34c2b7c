"""Opening a sealed object: a member asks with a reason, a custodian who is somebody else gives it for 15 minutes.

What is lent is the object's key, in two halves that are worth nothing alone: sealed in the database, and the key to
that in memory, gone when the machine is off. After the time both go.
"""

import datetime
import enum
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from amparo.accounts.models import User
from amparo.accounts.permissions import Permission
from amparo.casework.imagery import check_releases
from amparo.casework.installation import Installation
from amparo.casework.lines import one_line
from amparo.casework.memberships import may
from amparo.casework.notices import tell
from amparo.casework.vault import objects
from amparo.casework.vault.custodians import key_of_passphrase, keys_now
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.catalogue.models import CustodianKey, VaultObject, VaultOpening, VaultShare
from amparo.evidence import vault
from amparo.evidence.errors import BadInput, NotAuthorised

LENT = datetime.timedelta(minutes=15)
_NONCE = 12


class State(enum.StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    LENT = "lent"
    REFUSED = "refused"
    OVER = "over"


def state_of(row: VaultOpening) -> State:
    """Now."""
    if row.refused is not None:
        return State.REFUSED
    if row.until is None:
        return State.WAITING
    return State.LENT if row.until > timezone.now() and row.lent else State.OVER


def ask(installation: Installation, user: User, row: VaultObject, reason: str) -> VaultOpening:
    """Ask custodians to open an object for this person. Raises BadInput, NotAuthorised for one that stays sealed."""
    check_releases(row)
    reason = one_line(reason, gettext("Why you need it"), 500, 10, gettext("The custodian decides by it."))
    recorder = installation.recorder(row.case)
    with transaction.atomic():
        VaultObject.objects.select_for_update().get(pk=row.pk)
        if any(state_of(each) in (State.WAITING, State.LENT) for each in row.openings.filter(user=user)):
            raise BadInput(gettext("You have asked for this already."), gettext("The list shows where it stands."))
        made = VaultOpening.objects.create(object=row, user=user, reason=reason, asked=timezone.now())
        tell(set(keys_now().exclude(user=user).values_list("user", flat=True)), "vault.asked", {}, made.asked, row.case)
        recorder.record("vault.asked", {"opening": made.pk, "object": str(row.uuid)}, {"reason": reason})
    installation.sealer.seal(row.case)
    return made


def give(installation: Installation, user: User, row: VaultOpening, passphrase: str) -> None:
    """Lend the object's key for 15 minutes.

    Raises BadInput, NotAuthorised for another passphrase and for what stays sealed, VerificationFailed.
    """
    _check_other(user, row)
    check_releases(row.object)
    case = row.object.case
    own, private = key_of_passphrase(installation, user, passphrase, case, {"opening": row.pk})
    if not may(row.user, case, Permission.VAULT_USE):
        raise BadInput(gettext("Who asked is no member of this case any more."), gettext("Refuse the request."))
    key = _object_key(row.object, own, private)
    now, half = timezone.now(), secrets.token_bytes(vault.KEY)
    nonce = secrets.token_bytes(_NONCE)
    with transaction.atomic():
        row = _waiting(row)
        _memory(installation).keep(_name(row), half)
        row.given, row.given_by, row.until = now, user.actor, now + LENT
        row.lent = nonce + AESGCM(half).encrypt(nonce, key, _bound(row))
        row.save(update_fields=["given", "given_by", "until", "lent"])
        facts: dict[str, str | int | None] = {
            "opening": row.pk, "object": str(row.object.uuid), "person": str(row.user.uuid),
            "until": row.until.isoformat(),
        }  # fmt: skip
        tell([row.user_id], "vault.given", {}, now, case)
        installation.recorder(case).record("vault.given", facts)
    installation.sealer.seal(case)


def refuse(installation: Installation, user: User, row: VaultOpening) -> None:
    """Say no. Raises BadInput if it was answered already."""
    _check_other(user, row)
    case = row.object.case
    with transaction.atomic():
        row = _waiting(row)
        row.refused, row.given_by = timezone.now(), user.actor
        row.save(update_fields=["refused", "given_by"])
        facts: dict[str, str | int | None] = {"opening": row.pk, "object": str(row.object.uuid)}
        installation.recorder(case).record("vault.refused", facts)
    installation.sealer.seal(case)


def fetch(installation: Installation, user: User, row: VaultOpening) -> Iterator[bytes]:
    """The plain bytes of what was lent to this person: verified to the end and recorded before the first is given.

    Raises NotAuthorised where nothing is lent to this person now, VerificationFailed, BadInput.
    """
    end_lapsed(installation)
    row.refresh_from_db()
    refused = NotAuthorised(gettext("This is not lent to you now."), gettext("Ask the custodians again."))
    if row.user_id != user.pk or state_of(row) is not State.LENT or row.object.erased is not None:
        raise refused
    half, lent = _memory(installation).kept(_name(row)), bytes(row.lent)
    try:
        key = AESGCM(half or bytes(vault.KEY)).decrypt(lent[:_NONCE], lent[_NONCE:], _bound(row))
    except InvalidTag:  # the machine was started anew, or what is in memory was locked
        raise refused from None
    check_releases(row.object)
    objects.check(installation, row.object, key)
    case = row.object.case
    with transaction.atomic():
        facts: dict[str, str | int | None] = {"opening": row.pk, "object": str(row.object.uuid)}
        installation.recorder(case).record("vault.fetched", facts)
    installation.sealer.seal(case)
    return objects.read(installation, row.object, key)


def take(installation: Installation, user: User, row: VaultObject, passphrase: str, target: Path) -> None:
    """Write an object's plain bytes to a new file (0600) with a custodian's passphrase, whole or not at all.

    Recorded before the file is there. Raises BadInput, NotAuthorised, VerificationFailed.
    """
    check_releases(row)
    own, private = key_of_passphrase(installation, user, passphrase, row.case, {"object": str(row.uuid)})
    key = _object_key(row, own, private)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            for plain in objects.read(installation, row, key):
                stream.write(plain)
        with transaction.atomic():
            facts: dict[str, str | int | None] = {"object": str(row.uuid), "person": str(user.uuid)}
            installation.recorder(row.case).record("vault.taken", facts)
        installation.sealer.seal(row.case)
        target.hardlink_to(part)  # never over a file that is there
    except OSError as error:
        told = {"path": repr(str(target)), "why": str(error.strerror)}
        raise BadInput("Cannot write %(path)s: %(why)s.", "Choose another file.", told) from error
    finally:
        part.unlink(missing_ok=True)


def end_lapsed(installation: Installation) -> None:
    """Empty what was lent and whose time is over."""
    for row in VaultOpening.objects.filter(until__lte=timezone.now()).exclude(lent=b""):
        _memory(installation).keep(_name(row), b"")
        VaultOpening.objects.filter(pk=row.pk).update(lent=b"")


def waiting(after: int | None, limit: int) -> Sequence[VaultOpening]:
    """Requests that wait for a custodian, oldest first, with keys above ``after``."""
    found = VaultOpening.objects.filter(given=None, refused=None, object__erased=None)
    return list(found.filter(pk__gt=after or 0).select_related("object__case", "user").order_by("pk")[:limit])


def find_opening(key: int) -> VaultOpening | None:
    """With its object, Case and person."""
    return VaultOpening.objects.filter(pk=key).select_related("object__case", "user").first()


def _object_key(row: VaultObject, own: CustodianKey, private: bytes) -> bytes:
    share = VaultShare.objects.filter(key__case=row.case, custodian=own).select_related("key__case").first()
    if share is None:
        raise BadInput(
            gettext("Your key has no share of this case."), gettext("Ask a custodian who has one to share it with you.")
        )
    return vault.unwrap_key(bytes(row.wrapped), objects.private_half(share, private), row.case.uuid, row.uuid)


def _waiting(row: VaultOpening) -> VaultOpening:
    """The request, locked, if nobody has answered it."""
    row = VaultOpening.objects.select_for_update(of=("self",)).select_related("object__case", "user").get(pk=row.pk)
    if row.given is not None or row.refused is not None:
        raise BadInput(gettext("This was answered already."), gettext("The list shows what still waits."))
    return row


def _check_other(user: User, row: VaultOpening) -> None:
    if row.user_id == user.pk:
        raise BadInput(gettext("You asked for this yourself."), gettext("Another custodian has to answer."))


def _bound(row: VaultOpening) -> bytes:
    """What the sealed half is bound to: this request, object and person."""
    return f"amparo lent 1:{row.pk}:{row.object.uuid}:{row.user_id}".encode()


def _name(row: VaultOpening) -> str:
    return f"lent-{row.pk}"


def _memory(installation: Installation) -> MemoryFolder:
    return MemoryFolder(installation.settings.home)
