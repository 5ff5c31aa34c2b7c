"""Export of a Case: a folder with what was asked for, and a signed manifest that says what was left out.

No imagery, no Decision that another person must not see yet; both are named among what is left out. The folder appears
whole or not at all, and is a custody event.
"""

import datetime
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.db import transaction

from amparo import __version__
from amparo.casework.cases import authorities, find_case
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.report import rendered
from amparo.catalogue.models import Case, Finding, Item
from amparo.catalogue.pages import pages
from amparo.evidence.custody.keys import SigningKey
from amparo.evidence.errors import BadInput
from amparo.evidence.item import Locator, item_id
from amparo.evidence.manifest import sign
from amparo.evidence.moment import Basis
from amparo.exchange import case_uco
from amparo.ui.paths import shown

_PAGE = 500
_TIMES = ("modified", "accessed", "created")  # fields of Moments that UCO has words for
_LEFT_OUT = {
    "report": ("pictures and videos", "texts of documents", "names of people", "decisions"),
    "case": ("pictures and videos", "names of people", "decisions", "times without a known zone"),
}
FORMS = tuple(_LEFT_OUT)


def export_case(
    installation: Installation, reference: str, forms: Sequence[str], output: str, language: str | None = None
) -> dict[str, object]:
    """Write a signed package of these forms to a new folder (schema ``export``). Raises BadInput."""
    forms = check_forms(forms)
    folder = Path(output)
    if folder.exists():
        raise BadInput(f"{output!r} is there already.", "Choose another --output; nothing is overwritten.")
    case = find_case(reference)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    made = datetime.datetime.now(datetime.UTC)
    with storage_errors():
        head = installation.sealer.seal(case) or installation.sealer.head(case)
        try:
            try:
                part.mkdir(mode=0o700)
            except OSError as error:
                raise BadInput(f"Cannot write {output!r}: {error.strerror}.", "Choose another --output.") from error
            for form in forms:
                _WRITERS[form](installation, case, part, made, language)
            without = left_out(forms)
            about = {
                "case": case.reference, "case_id": str(case.uuid), "made": made.isoformat(), "version": __version__,
                "made_by": installation.settings.operator, "forms": forms, "left_out": without,
                "custody_head": None if head is None else f"{head.n}:{head.hash}",
            }  # fmt: skip
            key = SigningKey.open(installation.settings.home / "secrets" / "custody.key")
            digest = sign(part, key, about)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        with transaction.atomic():
            facts: dict[str, str | int | None] = {"manifest": digest, "forms": "+".join(forms)}
            installation.recorder(case).record("case.exported", facts)
        installation.sealer.seal(case)
    return {
        "v": 1, "path": str(folder), "manifest_sha256": digest, "key": key.fingerprint, "forms": forms,
        "left_out": without,
    }  # fmt: skip


def check_forms(forms: Sequence[str]) -> list[str]:
    """Each form once. Raises BadInput for one that is not known, or none."""
    unknown = sorted(set(forms) - set(FORMS))
    if unknown or not forms:
        asked = ", ".join(unknown) or "nothing"
        raise BadInput(f"Cases are not exported as {asked}.", f"Forms: {', '.join(FORMS)}")
    return list(dict.fromkeys(forms))


def left_out(forms: Sequence[str]) -> list[str]:
    """What a package of these forms does not hold, in English words."""
    return sorted({each for form in forms for each in _LEFT_OUT[form]})


def _report(
    installation: Installation, case: Case, folder: Path, made: datetime.datetime, language: str | None
) -> None:
    (folder / "report.html").write_bytes(rendered(installation, case, made, language))


def _case_uco(
    installation: Installation, case: Case, folder: Path, made: datetime.datetime, language: str | None
) -> None:
    del installation, made, language  # CASE/UCO has neither words nor a time of its own making
    investigation = case_uco.Investigation(
        case.uuid,
        case.reference,
        {each.id: each.text for each in authorities(case)},
        __version__,
        [
            case_uco.Acquired(
                row.uuid,
                shown(bytes(row.root)),
                row.created.isoformat(),
                None if row.finished is None else row.finished.isoformat(),
            )
            for row in case.sources.order_by("pk")
        ],
    )
    with (folder / "case.jsonld").open("x", encoding="utf-8") as stream:
        case_uco.write(stream, investigation, _files(case))


def _files(case: Case) -> Iterator[case_uco.File]:
    items = Item.objects.filter(case=case).select_related("parent", "content", "source")
    for found in pages(items, _PAGE):
        said = _statements(found)
        for row in found:
            content = row.content
            yield case_uco.File(
                _key(row),
                row.source.uuid,
                shown(Locator.decode(bytes(row.locator)).path),
                is_directory=row.entry == "directory",
                size=row.size,
                media_type=row.media_type,
                digests={}
                if content is None
                else {name: bytes(getattr(content, name)).hex() for name in ("sha256", "sha1", "md5")},
                times=_times(row),
                parent=None if row.parent is None else _key(row.parent, row.source.uuid),
                statements=said.get(("item", row.pk), []) + said.get(("content", row.content_id or 0), []),
            )


def _key(row: Item, source: uuid.UUID | None = None) -> uuid.UUID:
    return item_id(source or row.source.uuid, bytes(row.locator))


def _times(row: Item) -> dict[str, str]:
    times = {}
    for field, ns, basis, _, _ in json.loads(row.moments):
        if field in _TIMES and Basis(basis) is not Basis.LOCAL_UNKNOWN and field not in times:
            seconds, rest = divmod(ns, 1_000_000_000)
            try:
                when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
            except (OverflowError, ValueError, OSError):  # evidence may state any year
                continue
            times[field] = f"{when:%Y-%m-%dT%H:%M:%S}.{rest:09d}+00:00".rjust(35, "0")  # years below 1000, too
    return times


def _statements(found: Sequence[Item]) -> dict[tuple[str, int], list[case_uco.Statement]]:
    said: dict[tuple[str, int], list[case_uco.Statement]] = {}
    current = Finding.objects.filter(current=True).select_related("stage").order_by("pk")
    contents = {row.content_id for row in found if row.content_id is not None}
    for subject, rows in (
        ("item", current.filter(item__in=[row.pk for row in found])),
        ("content", current.filter(content__in=contents)),
    ):
        for row in rows:
            key = row.item_id if subject == "item" else row.content_id
            statement = case_uco.Statement(row.kind, row.facts, row.stage.analyser, str(row.stage.version))
            said.setdefault((subject, key or 0), []).append(statement)
    return said


_WRITERS: dict[str, Callable[[Installation, Case, Path, datetime.datetime, str | None], None]] = {
    "report": _report,
    "case": _case_uco,
}
