"""Marks of whoever reviewed a portable Case: checked, shown, then stored as notes on Items by the reviewer's key.

They grade nothing. Relevant ones and questions put the Content on the list of those that somebody wants looked at.
"""

import datetime
from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from amparo.casework.installation import Installation, storage_errors
from amparo.catalogue.models import Case, Content, Export, Item, Note
from amparo.evidence.errors import BadInput, VerificationFailed
from amparo.evidence.item import item_id
from amparo.exchange import reviewer_marks
from amparo.exchange.reviewer_marks import Marks

_PAGE = 500
_WORDS = {
    "relevant": gettext_noop("Marked as relevant."),
    "not-relevant": gettext_noop("Marked as not relevant."),
    "question": gettext_noop("A question."),
}


def check_marks(case: Case, path: str) -> tuple[Marks, Export]:
    """Read a file of marks and the export it is about. Raises BadInput, VerificationFailed.

    Signature, Case, package and every Item have to fit; whose key it is, a person has to ask the reviewer.
    """
    try:
        with open(path, "rb") as stream:
            marks = reviewer_marks.read(stream)
    except OSError as error:
        raise BadInput(f"Cannot read {path!r}: {error.strerror}.", "Name the file marks.json.") from error
    if marks.case != case.uuid:
        raise VerificationFailed("These marks are about another case.", "Name the case they belong to.")
    export = Export.objects.filter(case=case, manifest=marks.manifest).first()
    if export is None:
        raise VerificationFailed("These marks are about no export of this case.", "Ask which copy was reviewed.")
    for page in _paged(marks):
        items = _items(case, page)
        for each in page:
            item = items.get(each.item)
            if item is None or item_id(item.source.uuid, bytes(item.locator)) != each.id:
                raise VerificationFailed(f"Item {each.item} of these marks is not in this case.", "Nothing was taken.")
    return marks, export


def take_marks(installation: Installation, case: Case, path: str, key: str) -> int:
    """Store marks as notes by ``reviewer:<key>``, flag what was relevant or asked about; all in one transaction.

    ``key``: the fingerprint that a person compared. Taken again, nothing is stored twice; returns how many notes are
    new. Raises what :func:`check_marks` raises.
    """
    marks, export = check_marks(case, path)
    if marks.key != key:
        raise VerificationFailed("The file is not the one that was shown.", "Look at it again.")
    author, now, new = f"reviewer:{marks.key[:16]}", datetime.datetime.now(datetime.UTC), 0
    with storage_errors():
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            for page in _paged(marks):
                items, texts = _items(case, page), {each.item: _text(marks, each) for each in page}
                known = Note.objects.filter(case=case, author=author, item__in=items).values_list("item", "text")
                there = set(known)
                notes = [
                    Note(case=case, item=items[number], text=text, author=author, made=now)
                    for number, text in texts.items()
                    if (number, text) not in there
                ]
                Note.objects.bulk_create(notes)
                new += len(notes)
                wanted = {items[each.item].content_id for each in page if each.mark != "not-relevant"}
                Content.objects.filter(case=case, pk__in=[pk for pk in wanted if pk is not None]).update(flagged=True)
            facts: dict[str, str | int | None] = {
                "export": str(export.uuid), "manifest": marks.manifest.hex(), "key": marks.key,
                "marks": len(marks.marks), "sha256": marks.sha256,
            }  # fmt: skip
            installation.recorder(case).record("marks.taken", facts, {"reviewer": marks.reviewer})
        installation.sealer.seal(case)
    return new


def mark_rows(marks: Marks) -> Iterator[dict[str, object]]:
    """What a person sees before taking them in (schema ``mark``)."""
    for each in marks.marks:
        yield {
            "v": 1, "item": each.item, "id": str(each.id), "mark": each.mark, "note": each.note,
            "reviewer": marks.reviewer, "key": marks.key, "made": marks.made.isoformat(),
        }  # fmt: skip


def _paged(marks: Marks) -> Iterator[Sequence[reviewer_marks.Mark]]:
    for start in range(0, len(marks.marks), _PAGE):
        yield marks.marks[start : start + _PAGE]


def _items(case: Case, page: Sequence[reviewer_marks.Mark]) -> dict[int, Item]:
    found = Item.objects.filter(case=case, pk__in=[each.item for each in page]).select_related("source")
    return {each.pk: each for each in found}


def _text(marks: Marks, mark: reviewer_marks.Mark) -> str:
    said = f"{marks.reviewer}: {gettext(_WORDS[mark.mark])}"
    return f"{said}\n{mark.note}" if mark.note else said
