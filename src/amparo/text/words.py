"""Words of a text with their places, the same way in every script.

A word is a run of letters, marks and digits (Unicode categories L, M, N and the low line), so that the vowel signs of
Bengali stay with their letters: Python's own ``\\w`` would cut there. Complexity: linear in the length of the text.
"""

import re
import sys
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_SENTENCE = re.compile(r"[!?…।॥\n\r*•·▪▸►➡✅❗‼]|\.(?=\s)|\.{2,}|[\U0001f000-\U0001faff\u2600-\u27bf]")
_CLAUSE = re.compile(r"[,;:()\[\]–—|/]|\s-\s")  # noqa: RUF001 (dashes are meant)


def _marks() -> str:
    """Ranges of all combining marks, for a character class of ``re``."""
    found: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] == "M":
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in found)


WORD = re.compile(f"([\\w{_marks()}]+)")


@lru_cache(maxsize=200_000)
def normal(word: str) -> str:
    """The word as lexicons know it: NFKC, case folded, without the accents of Latin, Greek and Cyrillic letters.

    Marks of other scripts, which change the word, stay.
    """
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", folded))


@lru_cache(maxsize=20_000)
def _border(gap: str) -> int:
    """What stands between two words: 2 a sentence ends, 1 a clause ends, 0 neither."""
    if _SENTENCE.search(gap):
        return 2
    return 1 if _CLAUSE.search(gap) else 0


@dataclass(slots=False)
class Words:
    """A text cut into words.

    ``words[i]`` is normalised (see `normal`); ``start(i)`` and ``end(i)`` are places in ``text`` (characters).
    """

    text: str
    words: list[str]
    _parts: list[str]

    @classmethod
    def of(cls, text: str) -> "Words":
        parts = WORD.split(text)
        return cls(text, [normal(part) for part in parts[1::2]], parts)

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(map(len, self._parts)))

    def start(self, index: int) -> int:
        """Where word ``index`` begins in the text."""
        return self._ends[2 * index]

    def end(self, index: int) -> int:
        """Where word ``index`` ends in the text."""
        return self._ends[2 * index + 1]

    def at(self, place: int) -> int:
        """The word that holds character ``place`` of the text, or the one before it, at least 0."""
        return max(0, bisect_right(self._ends[0::2], place) - 1)

    def raw(self, index: int) -> str:
        """Word ``index`` as it was written."""
        return self._parts[2 * index + 1]

    def gap(self, index: int) -> str:
        """What stands before word ``index``."""
        return self._parts[2 * index]

    @cached_property
    def borders(self) -> list[int]:
        """Per word what ends before it: 2 a sentence, 1 a clause, 0 neither."""
        borders = [_border(gap) for gap in self._parts[0:-1:2]]
        if "." in self._parts:  # lines glued together: "experience.We offer"
            for at in range(1, len(borders)):
                if self.gap(at) == "." and self.raw(at)[0].isupper() and self.raw(at - 1)[-1].islower():
                    borders[at] = 2
        return borders

    @cached_property
    def sentences(self) -> list[int]:
        """Per word the number of its sentence, from 0."""
        return list(accumulate(1 if border == 2 else 0 for border in self.borders))

    @cached_property
    def clauses(self) -> list[int]:
        """Per word the number of its clause, from 0; a clause never spans two sentences."""
        return list(accumulate(1 if border else 0 for border in self.borders))
