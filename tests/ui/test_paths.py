import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from amparo.ui.paths import shown

_ESCAPE = re.compile(r"\\(?:(\\)|([nrt])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")
_NAMES = st.one_of(st.binary(), st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: text.encode()))


def _raw(text: str) -> bytes:
    """What was shown, read back."""

    def back(match: re.Match[str]) -> str:
        slash, letter, byte, short, long = match.groups()
        if byte and int(byte, 16) >= 0x80:
            return chr(0xDC00 + int(byte, 16))
        return slash or {"n": "\n", "r": "\r", "t": "\t"}.get(letter) or chr(int(byte or short or long, 16))

    return _ESCAPE.sub(back, text).encode("utf-8", "surrogateescape")


@given(_NAMES)
@example(b"\\xff \\\\n")
@example("a\u0301\u0301\u0301/\u0301".encode())
@example("\U000e0001\u202e\u2028".encode())
def test_can_be_read_back(raw: bytes) -> None:
    assert _raw(shown(raw)) == raw


@given(_NAMES)
def test_nothing_unseen_is_left(raw: bytes) -> None:
    text = shown(raw)
    assert text == text.strip()
    assert all(char == " " or unicodedata.category(char)[0] not in "CZ" for char in text)
    text.encode("utf-8")


def test_examples() -> None:
    assert shown(b"DCIM/100 DEMO/IMG_1.jpg") == "DCIM/100 DEMO/IMG_1.jpg"
    assert shown("niño/été.jpg".encode()) == "niño/été.jpg"
    assert shown("nin\u0303o".encode()) == "nin\u0303o"
    assert shown("photo\u202egpj.exe".encode()) == "photo\\u202egpj.exe"
    assert shown(b"a\nb\x1b[31m\xff\x7f") == "a\\nb\\x1b[31m\\xff\\x7f"
    assert shown("\u0080".encode()) == "\\u0080"
    assert shown(b" a  b /c") == "\\x20a\\x20\\x20b\\x20/c"
    assert shown("fi\u200ble\ufe0f \u3164".encode()) == "fi\\u200ble\\ufe0f\\x20\\u3164".replace("\\x20", " ")
    assert shown(b"") == ""
