"""Makes a package: every form asked for in one folder, a manifest that says what was left out, and its signature.

The folder appears whole or not at all, gets a row, and is a custody event. Where the settings name a time-stamp
authority, a stamp is asked for afterwards.
"""

import datetime
import os
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from amparo import __version__
from amparo.casework.cases import find_case
from amparo.casework.export.form import Choices, Context
from amparo.casework.export.forms import REGISTRY, check_choices, check_forms, left_out
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.stamping import try_stamp
from amparo.catalogue.models import Export
from amparo.evidence.custody.keys import SigningKey
from amparo.evidence.errors import BadInput
from amparo.evidence.manifest import sign

_NOTHING = Choices()


def export_case(
    installation: Installation,
    reference: str,
    forms: Sequence[str],
    output: str,
    choices: Choices = _NOTHING,
    key: uuid.UUID | None = None,
) -> dict[str, object]:
    """Write a signed package of these forms to a new folder (schema ``export``). Raises BadInput.

    ``key`` becomes the UUID of its row, else a new one: whoever asks twice finds the first again.
    """
    forms = check_forms(forms)
    folder = Path(output)
    if folder.exists():
        raise BadInput(
            "%(path)s is there already.", "Choose another --output; nothing is overwritten.", {"path": repr(output)}
        )
    case = find_case(reference)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    context = Context(installation, case, datetime.datetime.now(datetime.UTC), choices)
    check_choices(context, forms)
    with storage_errors():
        head = installation.sealer.seal(case) or installation.sealer.head(case)
        try:
            try:
                part.mkdir(mode=0o700)
            except OSError as error:
                told = {"path": repr(output), "why": str(error.strerror)}
                raise BadInput("Cannot write %(path)s: %(why)s.", "Choose another --output.", told) from error
            for form in forms:
                REGISTRY[form].write(context, part)
            without = left_out(forms)
            about = {
                "case": case.reference, "case_id": str(case.uuid), "made": context.made.isoformat(),
                "version": __version__, "made_by": installation.settings.operator, "forms": forms,
                "left_out": without, "custody_head": None if head is None else f"{head.n}:{head.hash}",
            }  # fmt: skip
            signing = SigningKey.open(installation.settings.home / "secrets" / "custody.key")
            digest = sign(part, signing, about)
            row = _recorded(context, forms, digest, key or uuid.uuid4(), part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        installation.sealer.seal(case)
        stamped, why_not = try_stamp(installation, row, folder)
    return {
        "v": 1, "export": str(row.uuid), "path": str(folder), "manifest_sha256": digest, "key": signing.fingerprint,
        "forms": forms, "left_out": without,
        "stamped": None if stamped is None else stamped.isoformat(), "not_stamped": why_not or None,
    }  # fmt: skip


def _recorded(context: Context, forms: Sequence[str], digest: str, key: uuid.UUID, part: Path, folder: Path) -> Export:
    """The row, its event, and the folder at its place: nobody learns of a package that is not whole."""
    recorder = context.installation.recorder(context.case)
    with transaction.atomic():
        row = Export.objects.create(
            case=context.case,
            uuid=key,
            forms=list(forms),
            manifest=bytes.fromhex(digest),
            folder=str(folder.absolute()),
            made=context.made,
            made_by=recorder.operator,
        )
        recorder.record("case.exported", {"export": str(key), "manifest": digest, "forms": "+".join(forms)})
        part.rename(folder)
    return row
