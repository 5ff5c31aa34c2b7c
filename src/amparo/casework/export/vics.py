"""Grades for other tools: VICS JSON, one record for each picture, video or graded Content, digests and places only."""

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db.models import Q

from amparo.casework.decisions import versions
from amparo.casework.export.form import Context, Form
from amparo.casework.export.grades import grade_in, standing_acts
from amparo.casework.export.times import stated_times
from amparo.casework.installation import Installation
from amparo.catalogue.models import Case, Content, Item
from amparo.evidence.errors import BadInput
from amparo.evidence.item import Locator
from amparo.exchange.vics_case import CaseFile, CaseMedia, write_case
from amparo.media.schemes.scheme import Scheme
from amparo.media.schemes.shipped import schemes
from amparo.ui.paths import shown

_PAGE = 500
_PLACES = 100  # of one Content; bytes such as an empty picture may lie anywhere


def numbered(installation: Installation, at: datetime.date) -> dict[str, Scheme]:
    """The schemes in force on a day whose grades are numbers, by name: what VICS can carry.

    Those of VICS profiles come first.
    """
    now = schemes(at, versions(installation))
    usable = [each for each in now if all(grade.isdecimal() for grade in each.titles)]
    return {each.name: each for each in sorted(usable, key=lambda each: (not each.name.startswith("vic-"), each.name))}


def _scheme(context: Context) -> Scheme:
    """The version in force of the scheme that was chosen. Raises BadInput."""
    usable = numbered(context.installation, context.made.date())
    if context.choices.scheme not in usable:
        raise BadInput(
            "VICS needs a grading scheme whose grades are numbers.",
            "Choose one of those in force (--scheme): %(schemes)s",
            {"schemes": ", ".join(usable) or "-"},
        )
    return usable[context.choices.scheme]


def _check(context: Context) -> None:
    _scheme(context)


def _write(context: Context, folder: Path) -> None:
    scheme = _scheme(context)
    profile = scheme.name.removeprefix("vic-").upper() if scheme.name.startswith("vic-") else "Default"
    with (folder / "vics.json").open("xb") as stream:
        write_case(stream, profile, _media(context.case, scheme, context.made))


def _media(case: Case, scheme: Scheme, made: datetime.datetime) -> Iterator[CaseMedia]:
    looks = Q(media_type__startswith="image/") | Q(media_type__startswith="video/")
    wanted = Content.objects.filter(case=case).filter(looks | Q(decisions__withdrawn=None, decisions__isnull=False))
    after = number = 0
    while found := list(wanted.filter(pk__gt=after).order_by("pk").distinct()[:_PAGE]):
        after = found[-1].pk
        acts, places = standing_acts(case, found), _places(found)
        for content in found:
            number += 1
            grade = grade_in(scheme, acts.get(content.pk, ()))
            yield CaseMedia(
                number=number,
                md5=bytes(content.md5),
                sha1=bytes(content.sha1),
                sha256=bytes(content.sha256),
                size=content.size,
                media_type=content.media_type,
                category=None if grade is None else int(grade),
                updated=max((act.made for act in acts.get(content.pk, ())), default=made),
                files=tuple(places.get(content.pk, ())),
            )


def _places(found: Sequence[Content]) -> dict[int, list[CaseFile]]:
    """The first places of each. Every Item of the Case is read at most once over all pages."""
    places: dict[int, list[CaseFile]] = {}
    rows = Item.objects.filter(content__in=found).order_by("content", "source", "pk")
    for row in rows.iterator(chunk_size=_PAGE):
        mine = places.setdefault(row.content_id or 0, [])
        if len(mine) < _PLACES:
            mine.append(_file(row))
    return places


def _file(row: Item) -> CaseFile:
    path = shown(Locator.decode(bytes(row.locator)).path)
    return CaseFile(path, stated_times(row), row.origin in ("deleted", "carved"))


FORM = Form(
    "vics",
    (
        "pictures and videos",
        "names of people",
        "files that are neither pictures nor videos",
        "grades that wait for a second person, or on which people differ",
        "places of one content beyond the first 100",
        "times without a known zone",
    ),
    _write,
    _check,
)
