"""Row types of the API. Those of ``amparo schema`` are the same rows; the others exist here only.

A page holds ``rows`` and ``next``: what to send as ``after`` for the next page, null at the end.
"""

import datetime
import json
import uuid
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field, WithJsonSchema

from amparo.casework import schemas
from amparo.casework.notes import LONGEST
from amparo.catalogue.models import JobState
from amparo.evidence.labels import FACETS


def _stored(name: str) -> WithJsonSchema:
    """A row type of ``amparo schema``: checked by its own tests, so that nothing is checked twice on the way out."""
    return WithJsonSchema(
        {key: each for key, each in json.loads(schemas.read(name)).items() if not key.startswith("$")}
    )


CaseRow: TypeAlias = Annotated[dict[str, Any], _stored("case")]
ItemRow: TypeAlias = Annotated[dict[str, Any], _stored("item")]
FindingRow: TypeAlias = Annotated[dict[str, Any], _stored("finding")]
DecisionRow: TypeAlias = Annotated[dict[str, Any], _stored("decision")]
_Row = TypeVar("_Row")
SHA256 = r"^[0-9a-f]{64}$"
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"


class _Strict(Schema):
    """A field that nobody knows is an error, not a silence."""

    model_config = ConfigDict(extra="forbid")


class Error(Schema):
    """What went wrong."""

    v: Literal[1]
    error: str
    hint: str


class Page(Schema, Generic[_Row]):
    """Some rows of many."""

    v: Literal[1] = 1
    rows: list[_Row]
    next: str | None = Field(None, description="Send it as `after` for the next page; null: this was the last.")


class Cases(Page[CaseRow]):
    """Some of one's Cases."""


class Decisions(Page[DecisionRow]):
    """Some of the Decisions on one Content."""


class Found(Page[_Row], Generic[_Row]):
    """A page of a search."""

    looked_at: int = Field(description="Items with the words that were looked at for this page.")
    stopped: bool = Field(description="There may be more; ask for the next page.")


class SourceRow(Schema):
    """What was acquired."""

    v: Literal[1] = 1
    id: uuid.UUID
    path: str
    path_b64: str | None = Field(None, description="The raw bytes, where `path` is not the name itself.")
    opener: str
    created: datetime.datetime
    finished: datetime.datetime | None
    items: int
    contents: int
    skipped: int
    failed: int


class ItemEntry(Schema):
    """An Item in a list. ``number`` is its address here and in the browser."""

    v: Literal[1] = 1
    number: int
    item: ItemRow


class NoteRow(Schema):
    """What a person wrote."""

    v: Literal[1] = 1
    number: int
    item: int | None = Field(description="Number of the Item it is about.")
    text: str
    author: str
    made: datetime.datetime


class ItemFacts(ItemEntry):
    """An Item with what is known of it. ``decisions``: those that this person may see now, newest first.

    At most 100 Decisions and 100 notes, the newest; notes are listed oldest first.
    """

    findings: list[FindingRow]
    decisions: list[DecisionRow]
    decisions_next: str | None = Field(description="Older ones: send it as `after` to the route of Decisions.")
    notes: list[NoteRow]
    notes_next: str | None = Field(description="Older ones: send it as `after` to the route of notes, with `item`.")


class FacetValue(Schema):
    """A value to narrow a list to."""

    value: str
    number: int


class CameraValue(FacetValue):
    """A camera as pictures state it. ``serial`` is empty where none is stated: the model may be common."""

    words: str
    serial: str


class GradeValue(Schema):
    """A grade; ``number`` Contents have it, or more than so many where it is not ``whole``; null: not counted."""

    value: str
    number: int | None
    whole: bool


class FolderValue(FacetValue):
    """A folder; ``number`` counts what lies in it at any depth, or is so many at least where it is not ``whole``."""

    name: str
    whole: bool


class FacetRows(Schema):
    """What a Case can be narrowed to.

    The same bytes count once in ``outcome``, ``lead``, ``grade``, ``taken`` and ``camera``; the others count Items.
    """

    v: Literal[1] = 1
    items: int
    type: list[FacetValue]
    outcome: list[FacetValue]
    lead: list[FacetValue]
    grade: list[GradeValue]
    taken: list[FacetValue]
    modified: list[FacetValue]
    camera: list[CameraValue]
    folder: list[FolderValue]
    device: list[FacetValue]
    source: list[FacetValue]


class NewDecision(_Strict):
    """What a person decided about a Content."""

    sha256: str = Field(pattern=SHA256)
    labels: list[Literal[tuple(f"{name}-{value}" for name, facet in FACETS.items() for value in facet.values)]] = Field(  # type: ignore[valid-type]
        min_length=1, max_length=30, description="Tokens of docs/reference/labels-and-schemes.md, one a facet."
    )
    note: str = Field("", max_length=500, pattern=_PRINTABLE)
    spread: bool = Field(True, description="Also for its near duplicates, as in the browser.")


class Decided(Schema):
    """What was recorded. ``contents``: on how many, near duplicates included."""

    v: Literal[1] = 1
    decision: DecisionRow
    contents: int
    again: bool = Field(description="This key had been used for the same before; nothing was recorded now.")


class NewNote(_Strict):
    """A note on the Case, or on one Item of it."""

    text: str = Field(min_length=1, max_length=LONGEST, pattern=r"^[^\x00]*$")
    item: int | None = Field(None, ge=1, lt=10**18, description="Number of an Item.")


class Noted(Schema):
    """The note that was written."""

    v: Literal[1] = 1
    note: NoteRow
    again: bool


class NewJob(_Strict):
    """Work to be done. ``path``, for a scan only: whole, and below the setting evidence_roots."""

    kind: Literal["scan", "groups", "rematch"]
    path: str = Field("", max_length=4096)
    retry_failed: bool = False


class Problem(Schema):
    """Why a Job was not finished."""

    message: str
    hint: str


class JobRow(Schema):
    """A Job. ``progress`` and ``result`` are numbers by name."""

    v: Literal[1] = 1
    id: uuid.UUID
    kind: str
    state: JobState
    stopping: bool
    progress: dict[str, int]
    result: dict[str, int]
    problem: Problem | None
    operator: str
    made: datetime.datetime
    begun: datetime.datetime | None
    ended: datetime.datetime | None


class ExportRow(Schema):
    """A package that was made. Files are fetched in the browser."""

    v: Literal[1] = 1
    id: uuid.UUID
    forms: list[str]
    manifest_sha256: str
    made: datetime.datetime
    operator: str
    stamped: datetime.datetime | None
    disclosed: datetime.datetime | None


class CustodyCheck(Schema):
    """What a check of the log came to, against the head that the installation's log notes."""

    v: Literal[1] = 1
    state: Literal["checked"] = "checked"
    intact: bool
    entries: int
    head: str
    key: str
    problem: str
    hint: str
    notes: list[str]
    at: datetime.datetime


class CustodyWork(Schema):
    """A check of a long log, which the worker does: under way, or ended without an answer."""

    v: Literal[1] = 1
    state: Literal["under way", "stopped", "failed"]
    done: int = Field(description="Entries checked, those of the installation's log included.")
    total: int | None = Field(description="Of how many; null while it waits for the worker.")
    problem: Problem | None
    asked: datetime.datetime


class CustodyHead(Schema):
    """Where the log of a Case stands. Note ``head`` down elsewhere, for `amparo custody verify --head`."""

    v: Literal[1] = 1
    entries: int
    head: str | None = Field(description="NUMBER:SHA-256 of the newest sealed entry.")
    key: str = Field(description="Fingerprint of the key that signs.")
    problem: Problem | None = Field(description="Why its end cannot be read, or nothing be sealed behind it.")
    check: CustodyCheck | CustodyWork | None = Field(
        description="The newest check by the worker, which does those of long logs; null: none was asked for."
    )
