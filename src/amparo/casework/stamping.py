"""Time stamps on packages: the digest of a manifest goes to the authority of the settings, and its word comes back.

Asking is on record before anything is sent. A package is whole without a stamp, and one that is missing can be added.
"""

import datetime
import os
from pathlib import Path

from cryptography.x509 import Certificate
from django.db import transaction

from amparo.casework import tsa
from amparo.casework.installation import Installation, storage_errors
from amparo.catalogue.models import Export
from amparo.evidence import manifest, timestamp
from amparo.evidence.errors import AmparoError, BadInput, MissingComponent


def configured(installation: Installation) -> bool:
    """Whether packages are stamped here."""
    return bool(installation.settings.timestamp_authority)


def stamp_folder(installation: Installation, output: str) -> dict[str, object]:
    """Stamp a package that this installation made (schema ``stamp``).

    Raises VerificationFailed for a package that was changed, BadInput, MissingComponent, and AmparoError where the
    authority gives none.
    """
    folder = Path(output)
    package = manifest.verify(folder, installation.sealer.fingerprint)
    row = Export.objects.filter(manifest=bytes.fromhex(package.sha256)).select_related("case").first()
    if row is None:
        raise BadInput("This installation has no record of this package.", "Stamp it where it was made.")
    made = stamp(installation, row, folder)
    return {
        "v": 1, "export": str(row.uuid), "path": output, "manifest_sha256": package.sha256,
        "stamped": made.at.isoformat(), "policy": made.policy, "serial": str(made.serial), "stamp_sha256": made.sha256,
    }  # fmt: skip


def stamp(installation: Installation, row: Export, folder: Path) -> timestamp.Stamp:
    """Ask for a stamp on the manifest in this folder, check it, and put it beside the manifest. Raises AmparoError."""
    trusted = trusted_roots(installation)
    if (folder / manifest.STAMP).exists():
        raise BadInput("This package has a time stamp already.", "Check it: amparo verify FOLDER --stamp-root FILE")
    message = (folder / manifest.MANIFEST).read_bytes()
    address = installation.settings.timestamp_authority
    recorder = installation.recorder(row.case)
    digest = bytes(row.manifest).hex()
    with storage_errors():
        with transaction.atomic():
            recorder.record("stamp.asked", {"export": str(row.uuid), "manifest": digest}, {"address": address})
        installation.sealer.seal(row.case)
        query, nonce = timestamp.request(message)
        reply = tsa.ask(address, query)
        made = timestamp.check(reply, message, trusted, nonce)
        with transaction.atomic():
            Export.objects.filter(pk=row.pk).update(stamped=made.at)
            recorder.record(
                "export.stamped",
                {"export": str(row.uuid), "manifest": digest, "stamp": made.sha256, "at": made.at.isoformat()},
            )
            _write(folder / manifest.STAMP, reply)
        installation.sealer.seal(row.case)
    return made


def try_stamp(installation: Installation, row: Export, folder: Path) -> tuple[datetime.datetime | None, str]:
    """Where the settings ask for one: the time of the stamp, else why there is none, as one line."""
    if not configured(installation):
        return None, ""
    try:
        return stamp(installation, row, folder).at, ""
    except AmparoError as error:
        return None, error.message


def trusted_roots(installation: Installation) -> list[Certificate]:
    """The root certificates of the setting. Raises MissingComponent where authority or root are not set, BadInput."""
    settings = installation.settings
    if not settings.timestamp_authority or not settings.timestamp_root:
        raise MissingComponent(
            "No time-stamp authority is set with its root certificate.",
            "Give --stamp URL and --stamp-root FILE, or the settings timestamp_authority and timestamp_root.",
        )
    return timestamp.roots(timestamp.read_pem(settings.timestamp_root))


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
