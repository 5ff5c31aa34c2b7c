"""What counts as a word, where names are indexed and where they are searched: one rule for both databases.

Text is folded by Unicode NFKC and case folding. A word is a run of letters, marks and digits. A character of Han,
Hiragana or Katakana, which are written without gaps, and a symbol such as an emoji is a word by itself. A run of
letters and digits counts as a whole and in its parts: ``IMG1234`` is found by ``img1234``, ``img`` and ``1234``; one of
more than four parts, as digests have them, as a whole only.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator

LONGEST = 64  # characters of a word; two that begin with the same are one
MOST = 1_000  # words of an Item
_PARTS = 4
_ASKED = 16  # words of a search
_RUN = re.compile("[a-z0-9]+")
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"  # bytes that are no UTF-8
_PART = re.compile("[a-z]+|[0-9]+")
_ALONE = (
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip


def words_of(texts: Iterable[str]) -> list[str]:
    """The words of texts, each once, in the order of their first place; at most MOST."""
    found: dict[str, None] = {}
    for text in texts:
        for run in _runs(text):
            found[run[:LONGEST]] = None
            if not run.isalpha() and not run.isdecimal():
                parts = _parts(run)
                if 1 < len(parts) <= _PARTS:
                    found.update(dict.fromkeys(part[:LONGEST] for part in parts))
        if len(found) >= MOST:
            break
    return list(found)[:MOST]


def asked(text: str) -> tuple[str, ...]:
    """The words of a search: all have to be there, and the last may be the beginning of one. At most 16."""
    return tuple(run[:LONGEST] for run in itertools.islice(_runs(text), _ASKED))


def hold(words: Iterable[str], sought: tuple[str, ...]) -> bool:
    """Whether these words answer a search: what both databases have to agree with."""
    held = set(words)
    return bool(sought) and held.issuperset(sought[:-1]) and any(word.startswith(sought[-1]) for word in held)


def _runs(text: str) -> Iterator[str]:
    folded = text.lower() if text.isascii() else _folded(text)
    if folded.isascii():
        yield from _RUN.findall(folded)
        return
    run = ""
    for char in folded:
        kind = unicodedata.category(char)
        alone = (kind == "So" and char != _UNREADABLE) or (kind[0] == "L" and _is_alone(char))
        if not alone and (kind[0] in "LN" or (run and kind[0] == "M")):
            run += char
            continue
        if run:
            yield run
            run = ""
        if alone:
            yield char
    if run:
        yield run


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _is_alone(char: str) -> bool:
    code = ord(char)
    return code >= _ALONE[0][0] and any(first <= code <= last for first, last in _ALONE)


def _parts(run: str) -> list[str]:
    if run.isascii():
        return _PART.findall(run)
    return ["".join(part) for _, part in itertools.groupby(run, str.isdecimal)]
