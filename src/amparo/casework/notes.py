"""Notes on a Case or on one Item of it: written once. A correction is another note."""

import datetime
import functools
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext

from amparo.casework.installation import Installation
from amparo.casework.lines import several_lines
from amparo.catalogue import search
from amparo.catalogue.models import Case, Item, Note
from amparo.evidence.errors import BadInput

LONGEST = 5_000  # characters
NEWEST_NOTES = 100  # notes on one Item that are shown with it


def write_note(installation: Installation, case: Case, text: str, item: Item | None = None) -> Note:
    """Write a note. Raises BadInput for one that is empty or too long, and for an Item of another Case."""
    text = several_lines(text, gettext("Note"), LONGEST)
    if item is not None and item.case_id != case.pk:
        raise BadInput("This item is not in this case.", "Open the item from its case.")
    recorder = installation.recorder(case)
    with transaction.atomic():
        note = Note.objects.create(
            case=case, item=item, text=text, author=recorder.operator, made=datetime.datetime.now(datetime.UTC)
        )
        facts: dict[str, str | int | None] = {"note": note.pk, "item": None if item is None else item.pk}
        recorder.record("note.written", facts, {"text": text})
        if item is not None:
            search.renew([item.pk])
    transaction.on_commit(functools.partial(installation.sealer.seal, case))  # the API's is around this one
    return note


def notes_page(case: Case, with_items: bool, before: int | None, most: int, item: int | None = None) -> Sequence[Note]:
    """The newest notes with keys below ``before``, newest first; without ``with_items`` only those on the Case.

    ``item``: key of the Item that they are about; None: of all.
    """
    found = Note.objects.filter(case=case)
    if item is not None:
        found = found.filter(item=item)
    if not with_items:
        found = found.filter(item=None)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:most])
