"""Cases and their Authorities: no Case without one."""

import dataclasses
import datetime
import os
from collections.abc import Iterator, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext

from amparo.casework.installation import Installation
from amparo.casework.lines import check_line, several_lines
from amparo.catalogue import models
from amparo.evidence.authority import Authority, Scope
from amparo.evidence.errors import BadInput

_REFERENCE = 200
_TEXT = 5_000  # characters
_PAGE = 500


@dataclasses.dataclass(frozen=True, slots=True)
class NewAuthority:
    """What a person states when recording an Authority."""

    text: str
    until: datetime.datetime | None = None
    scope: Scope = dataclasses.field(default_factory=Scope)


class ReferenceTaken(BadInput):
    """Another Case is called so."""


def create_case(installation: Installation, reference: str, authority: NewAuthority) -> models.Case:
    """A Case with its first Authority. Raises BadInput if the reference is taken or empty."""
    case = record_case(installation, reference, authority)
    installation.sealer.seal(case)
    return case


def record_case(installation: Installation, reference: str, authority: NewAuthority) -> models.Case:
    """The same as part of a larger transaction, after which the caller seals."""
    reference = reference.strip()  # spaces within it stay: it is looked up letter by letter
    hint = gettext("What you and your colleagues call it. It cannot be changed.")
    check_line(reference, gettext("Reference"), _REFERENCE, hint=hint)
    now = datetime.datetime.now(datetime.UTC)
    first = _stated(authority, now)  # before the reference: whether it is taken, nobody learns with half a form
    try:
        with transaction.atomic():
            case = models.Case.objects.create(reference=reference, created=now)
            facts = {"case": str(case.uuid)}
            installation.recorder(case).record("case.created", facts, {"reference": reference})
            _record(installation, case, first)
    except IntegrityError as error:
        raise ReferenceTaken(
            "A case %(case)s exists already.",
            "Choose another reference, or: amparo case list",
            {"case": repr(reference)},
        ) from error
    return case


def add_authority(installation: Installation, reference: str, authority: NewAuthority) -> models.Authority:
    """Record one more Authority for a Case."""
    case = find_case(reference)
    row = _stated(authority, datetime.datetime.now(datetime.UTC))
    with transaction.atomic():
        _record(installation, case, row)
    installation.sealer.seal(case)
    return row


def find_case(reference: str) -> models.Case:
    """The Case people call so. Raises BadInput."""
    case = models.Case.objects.filter(reference=reference.strip()).first()
    if case is None:
        raise BadInput("No case %(case)s.", "See: amparo case list", {"case": repr(reference)})
    return case


def authorities(case: models.Case) -> tuple[Authority, ...]:
    """The Authorities of a Case, newest first."""
    return tuple(authority_value(row) for row in case.authorities.order_by("-pk"))


def authority_value(row: models.Authority) -> Authority:
    """The noun of a row."""
    return Authority(
        id=row.uuid,
        text=row.text,
        valid_from=row.valid_from,
        until=row.until,
        scope=Scope(tuple(bytes.fromhex(path) for path in row.scope.get("paths", ()))),
        kind=row.kind,
        offence=row.offence,
        instrument=row.instrument,
        issuer=row.issuer,
        reviewer=row.reviewer,
    )


def case_rows(reference: str | None = None) -> Iterator[dict[str, object]]:
    """Rows of ``amparo case list`` and ``show`` (schema ``case``)."""
    if reference is not None:
        yield from rows_of([find_case(reference)])
        return
    after = 0
    while cases := list(models.Case.objects.filter(pk__gt=after).order_by("pk")[:_PAGE]):
        yield from rows_of(cases)
        after = cases[-1].pk


def rows_of(cases: Sequence[models.Case]) -> Iterator[dict[str, object]]:
    """Rows of schema ``case``, in three queries."""
    keys = [case.pk for case in cases]
    held = dict(models.Authority.objects.filter(case__in=keys).order_by().values_list("case").annotate(n=Count("pk")))
    found = models.Source.objects.filter(case__in=keys).order_by().values_list("case")
    both = found.annotate(n=Count("pk"), unfinished=Count("pk", filter=Q(finished=None)))
    sources = {key: (number, unfinished) for key, number, unfinished in both}
    counted = models.Counter.objects.filter(source__case__in=keys, name__in=("entry", "content")).order_by()
    totals = counted.values_list("source__case", "name").annotate(total=Sum("value"))
    numbers = {(key, name): int(total) for key, name, total in totals}
    for case in cases:
        number, unfinished = sources.get(case.pk, (0, 0))
        yield {
            "v": 1,
            "id": str(case.uuid),
            "reference": case.reference,
            "created": _iso(case.created),
            "authorities": held.get(case.pk, 0),
            "sources": number,
            "unfinished_sources": unfinished,
            "items": numbers.get((case.pk, "entry"), 0),
            "contents": numbers.get((case.pk, "content"), 0),
        }


def authority_rows(reference: str) -> Iterator[dict[str, object]]:
    """Rows of ``amparo authority list`` (schema ``authority``)."""
    now = datetime.datetime.now(datetime.UTC)
    for value in authorities(find_case(reference)):
        yield {
            "v": 1,
            "id": str(value.id),
            "text": value.text,
            "from": _iso(value.valid_from),
            "until": _iso(value.until),
            "holds_now": value.valid_from <= now and (value.until is None or now < value.until),
            "scope_paths": [os.fsencode(path).decode("utf-8", "backslashreplace") for path in value.scope.paths],
        }


def _stated(new: NewAuthority, now: datetime.datetime) -> models.Authority:
    """The row of no Case yet. Raises BadInput for what is no Authority, before anything is stored or looked up."""
    row = models.Authority(
        text=several_lines(
            new.text, gettext("Authority"), _TEXT, hint=gettext("Kind, number, date, and who issued it.")
        ),
        valid_from=now,
        until=new.until,
        scope={"paths": [path.hex() for path in new.scope.paths]},
    )
    authority_value(row)
    return row


def _record(installation: Installation, case: models.Case, row: models.Authority) -> None:
    row.case = case
    row.save()
    installation.recorder(case).record(
        "authority.added",
        {"authority": str(row.uuid), "scope_paths": len(row.scope["paths"])},
        {"text": row.text, "until": _iso(row.until) or "", "scope_paths": " ".join(row.scope["paths"])},
    )


def _iso(when: datetime.datetime | None) -> str | None:
    return None if when is None else when.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
