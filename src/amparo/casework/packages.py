"""Packages that were exported: where they lie, who may have them, how one is sent. They stay in the Case's folder."""

import datetime
import hashlib
import io
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.casework.members import check_leads
from amparo.casework.memberships import of_case
from amparo.casework.notices import tell
from amparo.catalogue.models import Case, Export, Member
from amparo.evidence import manifest
from amparo.evidence.errors import BadInput, VerificationFailed
from amparo.evidence.manifest import Package

_PART = 1 << 16
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of members: the manifest says when it was made, and equal packages give equal archives


class _Drained(io.RawIOBase):
    """What a ZipFile writes to; it cannot seek, so sizes follow each member."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def drain(self) -> bytes:
        """What was written since the last call."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def folder_of(installation: Installation, case: Case, key: uuid.UUID) -> Path:
    """Where the package of an export that was asked for in the browser lies."""
    return installation.settings.home / "cases" / str(case.uuid) / "exports" / str(key)


def is_here(installation: Installation, row: Export) -> bool:
    """Whether its package lies where the browser may take it from: not in the Vault, nor somewhere on a disk."""
    here = folder_of(installation, row.case, row.uuid)
    return row.sealed_id is None and row.folder == str(here.absolute()) and here.is_dir()


def exports_of(case: Case, limit: int) -> list[Export]:
    """The newest packages of this Case."""
    return list(Export.objects.filter(case=case).select_related("case").order_by("-pk")[:limit])


def disclosed_of(case: Case, limit: int) -> list[Export]:
    """The newest of those that were disclosed."""
    found = Export.objects.filter(case=case, disclosed__isnull=False).select_related("case")
    return list(found.order_by("-disclosed", "-pk")[:limit])


def find_export(case: Case, key: uuid.UUID, disclosed: bool = False) -> Export | None:
    """A package of this Case; with ``disclosed`` only one that was."""
    found = Export.objects.filter(case=case, uuid=key).select_related("case")
    return (found.filter(disclosed__isnull=False) if disclosed else found).first()


def check_package(installation: Installation, row: Export) -> Package:
    """Verify a package against this installation's key and its own row. Raises VerificationFailed, BadInput."""
    _check_here(installation, row)
    package = manifest.verify(folder_of(installation, row.case, row.uuid), installation.sealer.fingerprint)
    _check_same(row, package.sha256)
    return package


def hand_out(installation: Installation, row: Export) -> None:
    """Verify a package and record that it is taken away, before it is. Raises VerificationFailed, BadInput."""
    package = check_package(installation, row)
    with transaction.atomic():
        installation.recorder(row.case).record("export.taken", {"export": str(row.uuid), "manifest": package.sha256})
    installation.sealer.seal(row.case)


def disclose(installation: Installation, member: Member, row: Export) -> None:
    """Let prosecutors of the Case read a package from now on, for good; they are told.

    Raises BadInput, also to who does not lead the Case, and VerificationFailed.
    """
    check_leads(member)
    package = check_package(installation, row)
    recorder = installation.recorder(row.case)
    with transaction.atomic():
        now = datetime.datetime.now(datetime.UTC)
        fresh = Export.objects.filter(pk=row.pk, disclosed=None)
        if not fresh.update(disclosed=now, disclosed_by=recorder.operator):
            raise BadInput("This package was disclosed already.", "It stays so: who has read it cannot unread it.")
        recorder.record("export.disclosed", {"export": str(row.uuid), "manifest": package.sha256})
        prosecutors = of_case(row.case).filter(role=Role.PROSECUTOR).values_list("user_id", flat=True)
        tell(set(prosecutors), "export.disclosed", {}, now, row.case)
    installation.sealer.seal(row.case)


def files_of(installation: Installation, row: Export) -> list[tuple[str, int]]:
    """Paths and sizes in bytes of the files of a package, as its manifest lists them.

    Raises VerificationFailed, BadInput.
    """
    _check_here(installation, row)
    stated = manifest.listed(folder_of(installation, row.case, row.uuid), installation.sealer.fingerprint)
    _check_same(row, stated.sha256)
    return [(path, size) for path, (size, _) in stated.files.items() if isinstance(size, int)]


def take_file(installation: Installation, row: Export, path: str) -> BinaryIO:
    """A file of a package, checked against the manifest and open at its beginning; on record before this returns.

    Only paths that the manifest lists exist. Raises VerificationFailed, BadInput.
    """
    _check_here(installation, row)
    folder = folder_of(installation, row.case, row.uuid)
    stated = manifest.listed(folder, installation.sealer.fingerprint)
    _check_same(row, stated.sha256)
    if path not in stated.files:
        raise BadInput("This package has no such file.", "Choose one from the list.")
    _, expected = stated.files[path]
    try:
        stream = (folder / path).open("rb")
    except OSError as error:
        raise VerificationFailed(
            "%(path)s is missing.", "Ask who made the package for it again.", {"path": repr(path)}
        ) from error
    if hashlib.file_digest(stream, "sha256").hexdigest() != expected:
        stream.close()
        raise VerificationFailed(
            "%(path)s was changed.", "Ask who made the package for it again.", {"path": repr(path)}
        )
    stream.seek(0)
    facts: dict[str, str | int | None] = {"export": str(row.uuid), "sha256": str(expected)}
    with transaction.atomic():
        installation.recorder(row.case).record("export.file_taken", facts, {"path": path})
    installation.sealer.seal(row.case)
    return stream


def _check_here(installation: Installation, row: Export) -> None:
    if not is_here(installation, row):
        raise BadInput(
            "The package does not lie here.", "It is in the Vault, or where the command line has written it."
        )


def _check_same(row: Export, sha256: str) -> None:
    if bytes(row.manifest).hex() != sha256:
        raise VerificationFailed("This is another package than the one on record.", "Make the package again.")


def zipped(folder: Path, name: str) -> Iterator[bytes]:
    """A package as an archive with one folder, in parts; memory does not grow with it."""
    drained = _Drained()
    with zipfile.ZipFile(drained, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file() and not each.is_symlink()):
            member = zipfile.ZipInfo(f"{name}/{path.relative_to(folder).as_posix()}", _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            with path.open("rb") as source, archive.open(member, "w", force_zip64=True) as target:
                while part := source.read(_PART):
                    target.write(part)
                    if data := drained.drain():
                        yield data
    yield drained.drain()
