"""Paths from evidence as text that cannot act: one way to show raw bytes, for pages and terminals alike."""

import unicodedata

_ESCAPED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Controls, formats (bidi, zero width), private use, unassigned, surrogates, line and paragraph separators.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp", "Zs"})
# What is drawn as nothing although its category says letter or mark (Default_Ignorable_Code_Point), and blank Braille.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_MOST_MARKS = 2  # combining marks in a row; more would climb over the lines above


def shown(raw: bytes) -> str:
    """The path as text on one line, with everything that is unseen, or that acts on a screen, as a backslash escape.

    ``\\xNN`` is a byte below 128 or one that is not UTF-8, ``\\uNNNN`` and ``\\UNNNNNNNN`` are code points, and
    ``\\\\`` is a backslash, so different paths never look the same by escaping alone.
    """
    text = raw.decode("utf-8", "surrogateescape")
    parts: list[str] = []
    marks = _MOST_MARKS  # nothing to combine with at the start
    for at, char in enumerate(text):
        if 0xDC80 <= ord(char) <= 0xDCFF:
            part = f"\\x{ord(char) - 0xDC00:02x}"
        elif char == " ":
            part = char if _inside(text, at) else "\\x20"
        elif unicodedata.category(char)[0] == "M" and marks < _MOST_MARKS and not _unseen(char):
            parts.append(char)
            marks += 1
            continue
        elif char in _ESCAPED or _unseen(char) or unicodedata.category(char)[0] == "M":
            part = _ESCAPED.get(char) or _code(ord(char))
        else:
            part = char
        parts.append(part)
        marks = 0 if part == char and char not in " /" else _MOST_MARKS
    return "".join(parts)


def _unseen(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in _UNSEEN_CATEGORIES
        or char in _UNSEEN
        or 0xFE00 <= code <= 0xFE0F  # variation selectors
        or 0xE0000 <= code <= 0xE0FFF
    )


def _inside(text: str, at: int) -> bool:
    """A single space between two visible characters; others would be lost to the eye."""
    return 0 < at < len(text) - 1 and text[at - 1] not in " /" and text[at + 1] not in " /"


def _code(code: int) -> str:
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
