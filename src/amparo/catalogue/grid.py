"""Cells of the Earth, each of ten by ten smaller ones, numbered so that what lies in a cell is one range of numbers.

Level 0 has cells of 10 degrees, level 4 of 0.001 degrees (about 110 m from north to south). No projection and no
standard: a way to count places by index.
"""

import dataclasses

DEEPEST = 4
_ROWS, _COLUMNS = 18, 36  # of level 0
_MICRO = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """``number`` is unique on its level. Degrees are WGS 84, south and west negative."""

    level: int
    number: int

    @property
    def first(self) -> int:
        """The lowest code inside."""
        return self.number * _inside(self.level)

    @property
    def beyond(self) -> int:
        """The lowest code behind it."""
        return (self.number + 1) * _inside(self.level)

    @property
    def parent(self) -> "Cell | None":
        """The cell around it; None on level 0."""
        return None if self.level == 0 else Cell(self.level - 1, self.number // 100)

    @property
    def children(self) -> tuple["Cell", ...]:
        """The hundred cells inside; none on the deepest level."""
        if self.level == DEEPEST:
            return ()
        return tuple(Cell(self.level + 1, self.number * 100 + each) for each in range(100))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """South, west, north, east in degrees."""
        number, row, column, scale = self.number, 0, 0, 1
        for _ in range(self.level):
            number, digits = divmod(number, 100)
            row, column, scale = row + digits // 10 * scale, column + digits % 10 * scale, scale * 10
        row, column = row + number // _COLUMNS * scale, column + number % _COLUMNS * scale
        south, west = row * 10 / scale - 90, column * 10 / scale - 180
        return round(south, 3), round(west, 3), round(south + 10 / scale, 3), round(west + 10 / scale, 3)

    @property
    def address(self) -> str:
        """``LEVEL.NUMBER``."""
        return f"{self.level}.{self.number}"


def parse(text: str) -> Cell | None:
    """A cell from its address; None if there is no such cell."""
    level, dot, number = text.partition(".")
    if not (dot and text.isascii() and level.isdigit() and number.isdigit() and len(text) <= 16):
        return None
    cell = Cell(int(level), int(number))
    return cell if cell.level <= DEEPEST and cell.number < _ROWS * _COLUMNS * 100**cell.level else None


def code(latitude: float, longitude: float) -> int:
    """The number of the deepest cell that holds a place; the poles and 180 degrees east belong to the last ones."""
    south = min(round((latitude + 90) * _MICRO) // 1000, 180_000 - 1)
    west = min(round((longitude + 180) * _MICRO) // 1000, 360_000 - 1)
    number = south // 10_000 * _COLUMNS + west // 10_000
    for scale in (1000, 100, 10, 1):
        number = number * 100 + south // scale % 10 * 10 + west // scale % 10
    return number


def around(lowest: int, highest: int) -> Cell | None:
    """The deepest cell that holds both codes; None if only the whole Earth does."""
    level = DEEPEST
    while level >= 0 and lowest != highest:
        lowest, highest, level = lowest // 100, highest // 100, level - 1
    return Cell(level, lowest) if level >= 0 else None


def _inside(level: int) -> int:
    """How many of the deepest cells one of this level holds."""
    return int(100 ** (DEEPEST - level))
