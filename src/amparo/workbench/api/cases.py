"""Cases, their Sources and exports."""

import uuid
from typing import Annotated

from ninja import Query

from amparo.accounts.permissions import Permission
from amparo.casework.cases import rows_of
from amparo.casework.memberships import memberships
from amparo.casework.overview import source_lines
from amparo.casework.paths import path_fields
from amparo.catalogue.models import Export
from amparo.workbench.api.access import ApiRequest, route
from amparo.workbench.api.rows import CaseRow, Cases, ExportRow, Page, SourceRow

MOST = 50  # rows of a page
After = Annotated[int | None, Query(ge=1, lt=10**18, description="`next` of the page before.")]


@route("GET", "cases", Permission.CASE_LIST, Cases)
def cases(request: ApiRequest, after: After = None) -> Cases:
    """Cases that the person is a member of and the token is for, newest first."""
    call = request.auth
    found = memberships(call.access.user).select_related("case").order_by("-case")
    if call.token.cases:
        found = found.filter(case__uuid__in=call.token.cases)
    if after is not None:
        found = found.filter(case__lt=after)
    held = [member.case for member in found[: MOST + 1]]
    return Cases(rows=list(rows_of(held[:MOST])), next=str(held[MOST - 1].pk) if len(held) > MOST else None)


@route("GET", "cases/{uuid:case}", Permission.CASE_READ, CaseRow)
def case(request: ApiRequest, case: uuid.UUID) -> object:
    """One Case."""
    return next(rows_of([request.auth.case]))


@route("GET", "cases/{uuid:case}/sources", Permission.ITEM_READ, Page[SourceRow])
def sources(request: ApiRequest, case: uuid.UUID, after: After = None) -> Page[SourceRow]:
    """What was acquired, newest first."""
    lines = source_lines(request.auth.case, after, MOST + 1)
    rows = [
        SourceRow(
            id=line.row.uuid,
            **path_fields(line.path),  # type: ignore[arg-type]
            opener=line.row.opener,
            created=line.row.created,
            finished=line.row.finished,
            items=line.items,
            contents=line.contents,
            skipped=line.skipped,
            failed=line.failed,
        )
        for line in lines[:MOST]
    ]
    return Page(rows=rows, next=str(lines[MOST - 1].row.pk) if len(lines) > MOST else None)


@route("GET", "cases/{uuid:case}/exports", Permission.EXPORT_MAKE, Page[ExportRow])
def exports(request: ApiRequest, case: uuid.UUID, after: After = None) -> Page[ExportRow]:
    """Packages that were made, newest first, without where they lie."""
    found = Export.objects.filter(case=request.auth.case).order_by("-pk")
    held = list((found if after is None else found.filter(pk__lt=after))[: MOST + 1])
    rows = [
        ExportRow(
            id=row.uuid,
            forms=row.forms,
            manifest_sha256=bytes(row.manifest).hex(),
            made=row.made,
            operator=row.made_by,
            stamped=row.stamped,
            disclosed=row.disclosed,
        )
        for row in held[:MOST]
    ]
    return Page(rows=rows, next=str(held[MOST - 1].pk) if len(held) > MOST else None)
