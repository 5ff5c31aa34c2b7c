"""Style sheets name beginnings and ends of lines, not left and right: one file serves both directions of writing."""

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "amparo"
SHEETS = sorted(path for path in SOURCES.rglob("*.css") if "leaflet" not in path.name)  # other people's map
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_DECLARATION = re.compile(r"(?<![\w-])([a-z-]+)\s*:\s*([^;{}]+)")
_PHYSICAL = re.compile(
    r"(left|right)|(margin|padding|border|scroll-margin|scroll-padding)-(left|right)(-.+)?|border-(top|bottom)-(left|right)-radius"
)
_SIDES = {"text-align", "float", "clear", "background-position", "object-position", "transform-origin", "resize"}
_FOUR = {"margin", "padding", "inset", "border-width", "border-style", "border-color", "scroll-margin"}
EXCEPTIONS: dict[str, set[str]] = {}  # file name: declarations that are right as they stand


def physical(text: str) -> set[str]:
    """Declarations that mean left or right of the window."""
    found = set()
    for name, value in _DECLARATION.findall(_COMMENT.sub("", text)):
        parts = re.findall(r"(?:[^\s()]|\([^()]*(?:\([^()]*\)[^()]*)*\))+", value)
        if (
            _PHYSICAL.fullmatch(name)
            or (name in _SIDES and {"left", "right"} & set(parts))
            or (name in _FOUR and len(parts) == 4 and parts[1] != parts[3])
            or "translateX(" in value
        ):
            found.add(f"{name}: {value.strip()}")
    return found


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_sheet_serves_both_directions(path: Path) -> None:
    assert physical(path.read_text(encoding="utf-8")) == EXCEPTIONS.get(path.name, set())


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-left: 1px", "padding-right: 0", "left: 0", "text-align: right", "float: left", "margin: 0 1px 0 2px",
        "border-top-left-radius: 4px", "inset: 0 auto 0 0", "transform: translateX(2px)", "border-right-color: red",
    ],
)  # fmt: skip
def test_what_would_not_be_mirrored_is_found(declaration: str) -> None:
    assert physical(f".a {{ color: red; {declaration} }}") == {declaration}


@pytest.mark.parametrize("declaration", ["margin-inline-start: 1px", "margin: 0 var(--a, 1px)", "text-align: start"])
def test_what_is_mirrored_is_not_found(declaration: str) -> None:
    assert physical(f".a {{ {declaration} }}") == set()


def test_pages_take_their_direction_from_the_language() -> None:
    whole = [path for path in SOURCES.rglob("*.html") if "<html" in path.read_text(encoding="utf-8")]
    assert len(whole) > 2
    for path in whole:
        tag = re.search(r"<html[^>]*>", path.read_text(encoding="utf-8"))
        assert tag is not None
        assert "dir=" in tag[0], path
        assert "lang=" in tag[0], path
