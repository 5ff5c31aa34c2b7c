"""Packages that were exported in the browser: where they lie, and how one is sent. They stay in the Case's folder."""

import io
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from amparo.casework.installation import Installation
from amparo.catalogue.models import Case
from amparo.evidence import manifest
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


def folder_of(installation: Installation, case: Case, job: uuid.UUID) -> Path:
    """Where the package of an export lies."""
    return installation.settings.home / "cases" / str(case.uuid) / "exports" / str(job)


def check_package(installation: Installation, case: Case, job: uuid.UUID) -> Package:
    """Verify a package against this installation's key. Raises VerificationFailed, BadInput."""
    return manifest.verify(folder_of(installation, case, job), installation.sealer.fingerprint)


def hand_out(installation: Installation, case: Case, job: uuid.UUID) -> None:
    """Verify a package and record that it is taken away, before it is. Raises VerificationFailed, BadInput."""
    package = check_package(installation, case, job)
    with transaction.atomic():
        installation.recorder(case).record("export.taken", {"manifest": package.sha256, "job": str(job)})
    installation.sealer.seal(case)


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
