"""The places that pictures of a Case state, counted in cells of a grid; nothing here asks a network.

Cells of ten and of one degree come from tallies; finer numbers are counted by index, to 10,001 each.
"""

import dataclasses
from collections.abc import Mapping, Sequence

from amparo.casework.marked import SIZE, Marked, Page, page_of
from amparo.catalogue.grid import Cell, around
from amparo.catalogue.marks import count_ranges, page, tallies
from amparo.catalogue.models import Case, Finding, Mark
from amparo.catalogue.models.marks import Series
from amparo.media.exif import EXIF

MOST_CELLS = 150  # of one degree on the map of the world; above, cells of ten


@dataclasses.dataclass(frozen=True, slots=True)
class Cluster:
    """Pictures of one cell. ``cell`` is the deepest one that the page can name; the number is capped below a degree."""

    cell: Cell
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Places:
    """``cell`` None: the whole Earth. ``total``: pictures of the Case that state a place; ``here``: in the cell."""

    cell: Cell | None
    total: int
    here: int
    clusters: Sequence[Cluster]


@dataclasses.dataclass(frozen=True, slots=True)
class Stated:
    """A picture and the place it states, in degrees. ``error``: metres, None where not stated; ``datum``: its words."""

    row: Marked
    latitude: float
    longitude: float
    error: float | None
    datum: str


def places(case: Case, cell: Cell | None) -> Places:
    """Clusters in a cell; a cell with all of its pictures in one smaller cell is passed over for that one."""
    degrees = tallies(case, [Series.PLACE]).get(Series.PLACE, {})
    total = sum(degrees.values())
    if cell is None:
        return Places(None, total, total, _sorted(_world(degrees)))
    cell = _narrowed(case, cell)
    if cell.level == 0:
        found = {each: degrees.get(each.number, 0) for each in cell.children}
        return Places(cell, total, sum(found.values()), _sorted(found))
    cells = (cell, *cell.children)
    numbers = count_ranges(case, [(Series.PLACE, each.first, each.beyond) for each in cells])
    here = degrees.get(cell.number, 0) if cell.level == 1 else numbers[0]
    return Places(cell, total, here, _sorted(dict(zip(cell.children, numbers[1:], strict=True))))


def stated_in(case: Case, cell: Cell, after: tuple[int, int] | None) -> tuple[Page, Sequence[Stated]]:
    """The next pictures of a cell with what they state; each once, wherever its bytes lie."""
    found = page_of(case, page(case, (Series.PLACE, cell.first, cell.beyond), after, SIZE + 1), contents=True)
    made = Finding.objects.filter(content__in=[row.subject for row in found.rows], kind=EXIF, current=True)
    facts = dict(made.order_by("pk").values_list("content_id", "facts"))
    return found, [_stated(row, facts[row.subject]) for row in found.rows if row.subject in facts]


def _world(degrees: Mapping[int, int]) -> dict[Cell, int]:
    if len(degrees) <= MOST_CELLS:
        return {Cell(1, number): count for number, count in degrees.items()}
    found: dict[Cell, int] = {}
    for number, count in degrees.items():
        wide = Cell(0, number // 100)
        found[wide] = found.get(wide, 0) + count
    return found


def _narrowed(case: Case, cell: Cell) -> Cell:
    marks = Mark.objects.filter(case=case, series=Series.PLACE, value__gte=cell.first, value__lt=cell.beyond)
    ends = [marks.order_by(order).values_list("value", flat=True).first() for order in ("value", "-value")]
    if ends[0] is None or ends[1] is None:
        return cell
    return around(ends[0], ends[1]) or cell


def _sorted(numbers: Mapping[Cell, int]) -> list[Cluster]:
    """The largest first."""
    ordered = sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0].number))
    return [Cluster(cell, number) for cell, number in ordered if number]


def _stated(row: Marked, facts: Mapping[str, object]) -> Stated:
    error = facts.get("gps_error_m")
    return Stated(
        row=row,
        latitude=float(str(facts["gps_latitude"])),
        longitude=float(str(facts["gps_longitude"])),
        error=float(error) if isinstance(error, int | float) else None,
        datum=str(facts.get("gps_datum") or ""),
    )
