"""What a person typed, one line or several: collapsed and checked before it is stored.

``field`` is the label of the field in the language of the page, as the person sees it. It stands before a colon, so
that the sentence after it needs neither its gender nor its number.
"""

import re
import unicodedata

from django.utils.formats import number_format
from django.utils.translation import gettext

from amparo.evidence.errors import BadInput

# Persian, the scripts of India and composed emoji cannot be written without U+200C and U+200D (The Unicode Standard,
# section 23.2); after other characters they only make two names look like one.
_JOINER = re.compile(r"(?<=[^\x00-\x7f\u200c\u200d])[\u200c\u200d]")


def collapsed(text: str) -> str:
    """The words of a text with one space between them, unchecked: as :func:`one_line` stores them, to look them up."""
    return " ".join(text.split())


def one_line(text: str, field: str, most: int, least: int = 1, hint: str = "") -> str:
    """The text on one line with single spaces, of ``least`` to ``most`` characters; ``least`` 0: it may be empty.

    Raises BadInput; ``hint`` is what it says where the text is missing or too short: why it is asked for, an example.
    """
    line = collapsed(text)
    check_line(line, field, most, least, hint)
    return line


def check_line(line: str, field: str, most: int, least: int = 1, hint: str = "") -> None:
    """Refuse like :func:`one_line`, for a line whose spaces are kept as they were typed. Raises BadInput."""
    _check_length(line, field, most, least, hint, gettext("Shorten it."))
    _check_characters(field, [each.isprintable() for each in _JOINER.sub("-", line)], line)


def several_lines(text: str, field: str, most: int, least: int = 1, hint: str = "") -> str:
    """The text without spaces at the ends of its lines and empty lines around it; else as :func:`one_line`.

    Characters that are not shown are kept, because what is quoted may hold them: all but control characters, of which
    tabs and line ends stay.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    _check_length(text, field, most, least, hint, gettext("Shorten it, or write the rest separately."))
    _check_characters(field, [each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs") for each in text], text)
    return text


def _check_length(text: str, field: str, most: int, least: int, hint: str, shorten: str) -> None:
    told = {"field": field, "now": _number(len(text)), "least": _number(least), "most": _number(most)}
    hint = hint or gettext("Fill in this field.")
    if not text and least == 1:
        raise BadInput(gettext("%(field)s: nothing is written here.") % told, hint)
    if len(text) < least:
        raise BadInput(gettext("%(field)s: write at least %(least)s characters (now: %(now)s).") % told, hint)
    if len(text) > most:
        raise BadInput(gettext("%(field)s: write at most %(most)s characters (now: %(now)s).") % told, shorten)


def _check_characters(field: str, usable: list[bool], text: str) -> None:
    if all(usable):
        return
    at = usable.index(False)
    told = {"field": field, "n": _number(at + 1), "code": f"U+{ord(text[at]):04X}"}
    raise BadInput(
        gettext("%(field)s: character number %(n)s (%(code)s) cannot be stored.") % told,
        gettext("Remove it. If you cannot see it, type the text instead of pasting it."),
    )


def _number(value: int) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)
