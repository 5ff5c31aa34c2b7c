"""Objects of the Vault: sealed files in the Case's folder, each with a row that is there once the file is whole.

Who puts something in needs no secret. A file without a row was left by a process that was killed: nothing reads it, and
a later put removes it.
"""

import contextlib
import datetime
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.db import transaction

from amparo.casework.cases import find_case
from amparo.casework.installation import Installation
from amparo.casework.vault.custodians import keys_now
from amparo.catalogue.models import Case, CustodianKey, VaultKey, VaultObject, VaultShare
from amparo.catalogue.outbox import Recorder
from amparo.evidence import vault
from amparo.evidence.custody import files
from amparo.evidence.errors import BadInput, MissingComponent, VerificationFailed

CONTENT, EXPORT = "content", "export"
_NAME = 300  # characters
_READ = 1 << 20
_LEFT_BEHIND = 24 * 3600  # seconds without a change after which a file without a row is nobody's
_SUFFIX, _PART = ".vault", ".part-"
_NO_CUSTODIAN = "Have an administrator give somebody the role of custodian; that person makes a key on the page Vault."


def put_file(installation: Installation, case: Case, path: str) -> VaultObject:
    """Put a file of this machine in; the file itself stays where it is. Raises what :func:`put` raises."""
    try:
        with open(path, "rb") as stream:
            name = os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace")
            return put(installation, case, iter(lambda: stream.read(_READ), b""), CONTENT, name)
    except OSError as error:
        told = {"path": repr(path), "why": str(error.strerror)}
        raise BadInput("Cannot read %(path)s: %(why)s.", "Name a file that you may read.", told) from error


def put(
    installation: Installation,
    case: Case,
    parts: Iterable[bytes],
    kind: str,
    name: str,
    then: Callable[[VaultObject], None] = lambda _: None,
) -> VaultObject:
    """Seal bytes into the Vault of a Case. ``kind``: CONTENT or EXPORT; ``then`` joins the transaction of the row.

    Raises BadInput, MissingComponent where no custodian could open it, StorageFull.
    """
    name = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name)[:_NAME]
    _public(installation, case)  # refuses before anything is written
    key, recorder = uuid.uuid4(), installation.recorder(case)
    path = path_of(installation, case, key)
    made = _write(path, parts, case, key)
    try:
        with transaction.atomic():
            public = _public(installation, case)  # the pair may have been renewed meanwhile
            row = VaultObject.objects.create(
                case=case, uuid=key, kind=kind, name=name, sha256=made.sha256, size=made.size,
                wrapped=vault.wrap_key(made.key, public, case.uuid, key),
                made=datetime.datetime.now(datetime.UTC), made_by=recorder.operator,
            )  # fmt: skip
            facts: dict[str, str | int | None] = {
                "object": str(key), "kind": kind, "sha256": made.sha256.hex(), "size": made.size,
            }  # fmt: skip
            recorder.record("vault.put", facts, {"name": name})
            then(row)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    installation.sealer.seal(case)
    return row


def path_of(installation: Installation, case: Case, key: uuid.UUID) -> Path:
    """Where the sealed file of an object lies."""
    return installation.settings.home / "cases" / str(case.uuid) / "vault" / f"{key}{_SUFFIX}"


def find_object(case: Case, key: uuid.UUID) -> VaultObject | None:
    """An object of this Case that was not erased."""
    return VaultObject.objects.filter(case=case, uuid=key, erased=None).select_related("case").first()


def object_of(case: Case, text: str) -> VaultObject:
    """The object with this id. Raises BadInput."""
    try:
        row = find_object(case, uuid.UUID(text))
    except ValueError:
        row = None
    if row is None:
        raise BadInput("No object %(text)s in the Vault of this case.", "See: amparo vault list", {"text": repr(text)})
    return row


def object_rows(reference: str) -> Iterator[dict[str, object]]:
    """Rows of ``amparo vault list`` (schema ``vault_object``), newest first."""
    for row in VaultObject.objects.filter(case=find_case(reference)).order_by("-pk").iterator():
        yield object_row(row)


def object_row(row: VaultObject) -> dict[str, object]:
    """One of them."""
    return {
        "v": 1, "object": str(row.uuid), "kind": row.kind, "name": row.name, "size": row.size,
        "sha256": bytes(row.sha256).hex(), "made": row.made.isoformat().replace("+00:00", "Z"), "made_by": row.made_by,
        "erased": row.erased is not None,
    }  # fmt: skip


def read(installation: Installation, row: VaultObject, key: bytes) -> Iterator[bytes]:
    """The plain bytes of an object, chunk by chunk. Raises VerificationFailed and BadInput, also further on."""
    try:
        with path_of(installation, row.case, row.uuid).open("rb") as source:
            yield from vault.open_object(source, key, row.case.uuid, row.uuid)
    except OSError as error:
        raise VerificationFailed(
            "The sealed file of this object cannot be read: %(why)s.",
            "Restore it from a backup.",
            {"why": str(error.strerror)},
        ) from error


def check(installation: Installation, row: VaultObject, key: bytes) -> None:
    """Verify an object to its last byte, before the first one is given to anybody. Raises what :func:`read` raises."""
    for _ in read(installation, row, key):
        pass


def private_half(share: VaultShare, own: bytes) -> bytes:
    """Of the Case's pair, out of a custodian's share with the custodian's private half. Raises VerificationFailed."""
    return vault.open_share(bytes(share.sealed), own, share.key.case.uuid)


def _write(path: Path, parts: Iterable[bytes], case: Case, key: uuid.UUID) -> vault.Sealed:
    with files.storage_errors("the Vault"):
        files.private_directory(path.parent)
        _sweep(path.parent, case)
        handle, part = tempfile.mkstemp(prefix=_PART, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as target:
                made = vault.seal_object(parts, target, case.uuid, key)
                target.flush()
                os.fsync(handle)
            os.rename(part, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
        files.sync_directory(path.parent)
    return made


def _sweep(folder: Path, case: Case) -> None:
    """Remove what killed processes left."""
    known = None
    for entry in list(os.scandir(folder)):
        if time.time() - entry.stat(follow_symlinks=False).st_mtime < _LEFT_BEHIND:
            continue
        if known is None:
            known = {f"{key}{_SUFFIX}" for key in case.vault_objects.values_list("uuid", flat=True)}
        if entry.name.startswith(_PART) or (entry.name.endswith(_SUFFIX) and entry.name not in known):
            Path(entry.path).unlink(missing_ok=True)


def _public(installation: Installation, case: Case) -> bytes:
    """The public half of the Case's pair, which is made with the first object. Raises MissingComponent."""
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        key = VaultKey.objects.filter(case=case).first()
        if key is not None:
            if not key.shares.filter(custodian__in=keys_now()).exists():
                raise MissingComponent("No custodian of now can open the Vault of this case.", _NO_CUSTODIAN)
            return bytes(key.public)
        holders = list(keys_now().select_related("user").order_by("pk"))
        if not holders:
            raise MissingComponent("No custodian has a key, so nothing can be sealed.", _NO_CUSTODIAN)
        pair = vault.new_pair()
        key = VaultKey.objects.create(case=case, public=pair.public, made=datetime.datetime.now(datetime.UTC))
        recorder = installation.recorder(case)
        recorder.record("vault.pair_made", {"key": pair.public.hex()})
        store_shares(recorder, key, pair, holders)
        return pair.public


def store_shares(recorder: Recorder, key: VaultKey, pair: vault.Pair, holders: Iterable[CustodianKey]) -> None:
    """Seal the private half of a Case's pair to each of these custodians; call it inside a transaction."""
    now = datetime.datetime.now(datetime.UTC)
    for holder in holders:
        sealed = vault.share(pair.private, bytes(holder.public), key.case.uuid)
        VaultShare.objects.create(key=key, custodian=holder, sealed=sealed, made=now)
        recorder.record("vault.shared", {"person": str(holder.user.uuid), "key": holder.pk})
