"""Notes. Those on Items are for those only who may read Items: they can quote names of files."""

import uuid
from typing import Annotated

from django.http import Http404
from ninja import Header, Query

from amparo.accounts.permissions import Permission
from amparo.casework.notes import notes_page, write_note
from amparo.catalogue.models import Item, Note
from amparo.workbench.api.access import ApiRequest, Call, kept, route
from amparo.workbench.api.cases import MOST, After
from amparo.workbench.api.rows import NewNote, Noted, NoteRow, Page

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,100}$",
        description="Chosen by the caller for each act. The same request with the same key within a day is done once.",
    ),
]


@route("GET", "cases/{uuid:case}/notes", Permission.NOTE_WRITE, Page[NoteRow])
def notes(
    request: ApiRequest,
    case: uuid.UUID,
    item: Annotated[int | None, Query(ge=1, lt=10**18, description="Number of an Item; else all.")] = None,
    after: After = None,
) -> Page[NoteRow]:
    """Notes, newest first."""
    call = request.auth
    found = notes_page(call.case, call.may(Permission.ITEM_READ), after, MOST + 1, item)
    rows = [note_row(each) for each in found[:MOST]]
    return Page(rows=rows, next=str(found[MOST - 1].pk) if len(found) > MOST else None)


@route("POST", "cases/{uuid:case}/notes", Permission.NOTE_WRITE, Noted)
def note_new(request: ApiRequest, case: uuid.UUID, body: NewNote, idempotency_key: Key) -> Noted:
    """Write one. It cannot be changed afterwards."""
    call = request.auth
    item = _item(call, body.item)
    row, new = kept(request, idempotency_key, lambda: write_note(call.installation, call.case, body.text, item).pk)
    note = Note.objects.filter(case=call.case, pk=row).first()
    if note is None:  # the key was used before, and what it made was erased since
        raise Http404
    return Noted(note=note_row(note), again=not new)


def note_row(note: Note) -> NoteRow:
    """One row."""
    return NoteRow(number=note.pk, item=note.item_id, text=note.text, author=note.author, made=note.made)


def _item(call: Call, number: int | None) -> Item | None:
    if number is None:
        return None
    found = Item.objects.filter(case=call.case, pk=number).first() if call.may(Permission.ITEM_READ) else None
    if found is None:
        raise Http404
    return found
