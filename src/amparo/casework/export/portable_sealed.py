"""The portable Case with pictures that two people released for one recipient. It exists sealed only, in the Vault.

The folder is made in memory (/dev/shm), signed, and sealed as an archive; a custodian lends it out. What a killed
process left in memory goes with the next command.
"""

import datetime
import uuid
from pathlib import Path

from amparo import __version__
from amparo.casework.cases import find_case
from amparo.casework.export import portable
from amparo.casework.export.form import Choices, Context
from amparo.casework.imagery import PICTURES, in_force
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.lines import collapsed
from amparo.casework.packages import zipped
from amparo.casework.previewing import preview
from amparo.casework.vault import objects
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.catalogue.models import Case, Content, Export, Item, VaultObject
from amparo.evidence.custody.keys import SigningKey
from amparo.evidence.errors import BadInput
from amparo.evidence.manifest import sign


def seal_portable(installation: Installation, reference: str, recipient: str, language: str = "") -> VaultObject:
    """Seal a portable Case with the pictures released for ``recipient`` into the Vault, with a row of its export.

    Each picture is read again from its Source, which has to be connected. Raises BadInput, NotAuthorised and
    MissingComponent.
    """
    case = find_case(reference)
    recipient = collapsed(recipient)
    contents = list(Content.objects.filter(pk__in=in_force(case).filter(recipient=recipient).values("content")))
    if not contents:
        raise BadInput("No picture of this case is released for this recipient.", "See the page Released pictures.")
    context = Context(installation, case, datetime.datetime.now(datetime.UTC), Choices(language=language))
    with storage_errors():
        pictures = {content.pk: _previews(installation, content) for content in contents}
        with MemoryFolder(installation.settings.home).work() as work:
            folder = work / "case"
            folder.mkdir()
            portable.write_with(context, folder, pictures)
            digest = _signed(context, folder, recipient)
            name = f"portable-{context.made:%Y%m%d-%H%M}"

            def record(row: VaultObject) -> None:
                _still_released(case, recipient, contents)
                _recorded(context, digest, row)

            return objects.put(installation, case, zipped(folder, name), objects.EXPORT, f"{name}.zip", record)


def _previews(installation: Installation, content: Content) -> tuple[bytes, bytes]:
    places = Item.objects.filter(content=content).select_related("case", "content", "source")
    item = places.order_by("source", "pk").first()
    if item is None:
        raise BadInput("A released picture lies nowhere any more.", "Withdraw its release.")
    return preview(installation, item, False), preview(installation, item, True)


def _signed(context: Context, folder: Path, recipient: str) -> str:
    installation = context.installation
    head = installation.sealer.seal(context.case) or installation.sealer.head(context.case)
    about = {
        "case": context.case.reference, "case_id": str(context.case.uuid), "made": context.made.isoformat(),
        "version": __version__, "made_by": installation.settings.operator, "forms": [PICTURES], "recipient": recipient,
        "left_out": sorted((*portable.LEFT_OUT, "pictures that two people did not release")),
        "custody_head": None if head is None else f"{head.n}:{head.hash}",
    }  # fmt: skip
    return sign(folder, SigningKey.open(installation.settings.home / "secrets" / "custody.key"), about)


def _still_released(case: Case, recipient: str, contents: list[Content]) -> None:
    """A release may be withdrawn while the package is made."""
    now = set(in_force(case).filter(recipient=recipient).values_list("content", flat=True))
    if not {each.pk for each in contents} <= now:
        raise BadInput("A release was withdrawn meanwhile.", "Make the package again; nothing of this one was kept.")


def _recorded(context: Context, digest: str, row: VaultObject) -> None:
    recorder, key = context.installation.recorder(context.case), uuid.uuid4()
    Export.objects.create(
        case=context.case, uuid=key, forms=[PICTURES], manifest=bytes.fromhex(digest), sealed=row, made=context.made,
        made_by=recorder.operator,
    )  # fmt: skip
    recorder.record("case.exported", {"export": str(key), "manifest": digest, "forms": PICTURES})
