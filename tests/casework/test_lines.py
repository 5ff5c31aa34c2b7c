"""One line that a person typed."""

import pytest

from amparo.casework.lines import one_line
from amparo.evidence.errors import BadInput


def test_spaces_and_line_ends_become_one_space() -> None:
    assert one_line("  two\r\n words ", "The text", 9) == "two words"
    assert one_line(" ", "The text", 9, required=False) == ""


@pytest.mark.parametrize("text", ["", " \n", "x" * 10, "a\0b", "a\x1bb", "\u202eabc"])
def test_what_is_missing_too_long_or_not_printable_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match=r"^The text "):
        one_line(text, "The text", 9)
