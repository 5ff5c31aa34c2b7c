"""Cells of the Earth: every place lies in the box of its cell on every level, and cells nest."""

from hypothesis import given
from hypothesis import strategies as st

from amparo.catalogue.grid import DEEPEST, Cell, around, code, parse

latitudes = st.floats(-90, 90).map(lambda value: round(value, 6))
longitudes = st.floats(-180, 180).map(lambda value: round(value, 6))


@given(latitudes, longitudes)
def test_a_place_lies_in_the_box_of_its_cell(latitude: float, longitude: float) -> None:
    number = code(latitude, longitude)
    for level in range(DEEPEST + 1):
        cell = Cell(level, number // 100 ** (DEEPEST - level))
        south, west, north, east = cell.box
        assert south <= latitude <= north
        assert west <= longitude <= east
        assert cell.first <= number < cell.beyond
        assert parse(cell.address) == cell


@given(latitudes, longitudes)
def test_the_children_of_a_cell_are_its_parts(latitude: float, longitude: float) -> None:
    cell = Cell(2, code(latitude, longitude) // 100**2)
    south, west, north, east = cell.box
    assert (cell.children[0].first, cell.children[-1].beyond) == (cell.first, cell.beyond)
    assert all(each.parent == cell for each in cell.children)
    assert (cell.children[0].box[:2], cell.children[-1].box[2:]) == ((south, west), (north, east))


@given(latitudes, longitudes, latitudes, longitudes)
def test_the_cell_around_two_places_holds_both(south: float, west: float, north: float, east: float) -> None:
    one, two = code(south, west), code(north, east)
    found = around(one, two)
    if found is None:
        assert one // 100**DEEPEST != two // 100**DEEPEST
    else:
        assert all(found.first <= each < found.beyond for each in (one, two))
        assert not any(each.first <= min(one, two) and max(one, two) < each.beyond for each in found.children)


def test_corners_of_the_map() -> None:
    assert Cell(0, 0).box == (-90, -180, -80, -170)
    assert Cell(0, code(90, 180) // 100**DEEPEST).box == (80, 170, 90, 180)
    assert Cell(DEEPEST, code(-90, -180)).children == ()


@given(st.text(max_size=20))
def test_what_is_no_address_is_no_cell(text: str) -> None:
    found = parse(text)
    assert found is None or parse(found.address) == found
