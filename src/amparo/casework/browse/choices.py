"""What a list can be narrowed to."""

import dataclasses
from collections.abc import Mapping, Sequence

from django.db.models import Sum

from amparo.casework.browse.filters import Filters
from amparo.casework.browse.inside import find_folder
from amparo.casework.browse.narrowing import GRADES, keys_of_source
from amparo.casework.browse.stated import camera_of, camera_value
from amparo.casework.related import camera_words
from amparo.casework.spans import FIRST_YEAR, LAST_YEAR, parse
from amparo.catalogue import counters
from amparo.catalogue.marks import count_ranges, first_subjects, most_tallied, tallies
from amparo.catalogue.models import Case, Category, Content, Counter, Exhibit, Finding, Item, Source
from amparo.catalogue.models.marks import Field, Series, series_of
from amparo.catalogue.review import MOST
from amparo.catalogue.sql import RowCount
from amparo.catalogue.tree import count_below
from amparo.evidence.item import Entry, Locator
from amparo.media.exif import EXIF
from amparo.ui.matches import TITLES

_SOURCES = 100
_CAMERAS = 30
_FOLDERS = 100
_DATES = (Field.TAKEN, Field.MODIFIED)


@dataclasses.dataclass(frozen=True, slots=True)
class Camera:
    """``value`` of the filter, maker and model in ``words``; ``serial`` is empty where none is stated."""

    value: str
    words: str
    serial: str
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Folder:
    """``name`` is raw. ``number``: Items in it at any depth; not ``whole``: so many at least."""

    key: int
    name: bytes
    number: int
    whole: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Within:
    """Where the list of folders stands. ``key``: the value of the filter, empty in a Source's own folder.

    ``path`` is raw; ``above`` is the folder around it, None where that is a Source's own.
    """

    key: str
    path: bytes
    above: int | None
    folders: Sequence[Folder]
    more: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Facets:
    """Values of each filter, each with a number from the counters: (value, number).

    ``outcomes``, ``leads``, ``grades``, ``taken`` and ``cameras`` count the same bytes once, wherever they lie; the
    others count Items. Grades are counted by index, each to MOST + 1, and None says how many are open where that is not
    the rest of what was counted; folders together to MOST. ``cameras`` is empty beyond MOST of them. ``taken`` and
    ``modified``: years, newest first, or the months of the year that is chosen. ``within``: None where a Case has more
    than one Source and none is chosen.
    """

    items: int
    types: Sequence[tuple[str, int]]
    outcomes: Sequence[tuple[str, int]]
    leads: Sequence[tuple[str, int]]
    grades: Sequence[tuple[str, int | None]]
    taken: Sequence[tuple[str, int]]
    modified: Sequence[tuple[str, int]]
    cameras: Sequence[Camera]
    within: Within | None
    devices: Sequence[tuple[str, int]]
    sources: Sequence[tuple[Source, int]]


def facets(case: Case, filters: Filters | None = None) -> Facets:
    """Of the whole Case; the filters only say which year or folder is open. In at most 16 queries."""
    chosen = filters or Filters()
    numbers = counters.read(source__case=case)
    per_source = Counter.objects.filter(source__case=case, name="entry").values_list("source").order_by()
    items = {key: int(number) for key, number in per_source.annotate(number=Sum("value"))}
    sources = _sources(case, chosen.source)
    known = [(kind, number) for kind in TITLES if (number := numbers["finding"].get(kind, 0))]
    others = [pair for pair in _largest(numbers["finding"]) if pair[0] not in TITLES]
    months = tallies(
        case, [series_of(each, local) for each in (Field.TAKEN, Field.MODIFIED) for local in (False, True)]
    )
    return Facets(
        items=sum(numbers["entry"].values()),
        types=_largest(numbers["type"]),
        outcomes=_largest(numbers["short"]),
        leads=[*known, *others],
        grades=_grades(case, sum(numbers["content"].values())),
        taken=_dates(months, Field.TAKEN, chosen.taken),
        modified=_dates(months, Field.MODIFIED, chosen.modified),
        cameras=_cameras(case, chosen.camera),
        within=_within(case, chosen, sources),
        devices=_devices(case, items),
        sources=[(source, items.get(source.pk, 0)) for source in sources],
    )


def _grades(case: Case, contents: int) -> list[tuple[str, int | None]]:
    """How many Contents each grade has; one query."""
    judged = {
        name: RowCount(Content.objects.filter(case=case, category=grade, category__gt=0).values("pk")[: MOST + 1])
        for name, grade in GRADES.items()
        if grade != Category.OPEN
    }
    numbers = Case.objects.filter(pk=case.pk).annotate(**judged).values(*judged).get()
    whole = all(number <= MOST for number in numbers.values())
    numbers["open"] = contents - sum(numbers.values()) if whole else None
    return [(name, number) for name in GRADES if (number := numbers[name]) is None or number > 0]


def _largest(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))


def _dates(months: Mapping[int, Mapping[int, int]], field: Field, chosen: str) -> list[tuple[str, int]]:
    year, found = parse(chosen).parts[:1], dict[str, int]()
    for local in (False, True):
        for month, number in months.get(series_of(field, local), {}).items():
            if FIRST_YEAR <= month // 12 <= LAST_YEAR and (not year or year == (month // 12,)):
                text = f"{month // 12:04}" + (f"-{month % 12 + 1:02}" if year else "")
                found[text] = found.get(text, 0) + number
    return sorted(found.items(), reverse=True)


def _cameras(case: Case, chosen: str) -> list[Camera]:
    """Those with most pictures, and the chosen one."""
    held = dict(most_tallied(case, Series.CAMERA, _CAMERAS))
    key = camera_of(chosen)
    if key is not None and key not in held:
        held[key] = count_ranges(case, [(Series.CAMERA, key, key + 1)])[0]
    subjects = first_subjects(case, Series.CAMERA, list(held))
    made = Finding.objects.filter(content__in=subjects.values(), kind=EXIF, current=True)
    facts = dict(made.values_list("content", "facts"))
    stated = {each: facts.get(subject, {}) for each, subject in subjects.items()}
    return [
        Camera(camera_value(each), camera_words(stated[each]), str(stated[each].get("serial") or ""), number)
        for each, number in held.items()
        if each in stated
    ]


def _within(case: Case, chosen: Filters, sources: Sequence[Source]) -> Within | None:
    here = find_folder(case, chosen.folder) if chosen.folder else None
    if here is None:
        roots = [each.pk for each in sources if chosen.source in ("", str(each.uuid))]
        here = Item.objects.filter(source=roots[0], parent=None).first() if len(roots) == 1 else None
    if here is None:
        return None
    inside = Item.objects.filter(parent=here, entry=Entry.DIRECTORY).order_by("tail").values_list("pk", "locator")
    rows = list(inside[: _FOLDERS + 1])
    numbers, whole = count_below([key for key, _ in rows[:_FOLDERS]], MOST)
    folders = [Folder(key, _name(bytes(locator)), numbers[key], whole) for key, locator in rows[:_FOLDERS]]
    path = Locator.decode(bytes(here.locator)).path
    key = "" if here.parent_id is None else str(here.pk)
    around = None if here.parent is None or here.parent.parent_id is None else here.parent.pk
    return Within(key, path, around, folders, len(rows) > _FOLDERS)


def _name(locator: bytes) -> bytes:
    """The last part of a path; members of archives end in a stroke where they are folders."""
    return Locator.decode(locator).path.rstrip(b"/").rpartition(b"/")[2]


def _sources(case: Case, chosen: str) -> list[Source]:
    """The first ones, and the chosen one."""
    found = list(Source.objects.filter(case=case).order_by("pk")[:_SOURCES])
    if chosen and len(found) == _SOURCES and all(str(each.uuid) != chosen for each in found):
        found += Source.objects.filter(case=case, pk__in=keys_of_source(case, chosen))
    return found


def _devices(case: Case, items: Mapping[int, int]) -> list[tuple[str, int]]:
    """The first Exhibits that were scanned."""
    held: dict[str, int] = {}
    scanned = Exhibit.objects.filter(case=case, sources__isnull=False).order_by("number").distinct()
    first = list(scanned.values_list("pk", flat=True)[:_SOURCES])
    found = Exhibit.objects.filter(pk__in=first).order_by("number")
    for number, source in found.values_list("number", "sources"):
        held[number] = held.get(number, 0) + items.get(source or 0, 0)
    return list(held.items())
