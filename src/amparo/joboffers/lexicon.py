"""Lexicons: which words of a language stand for which concept.

A lexicon file (``data/lexicon/<language>.toml``) gives terms per concept, one a line or parted by ``|``. A term has
one to three words without accents or capitals; a ``*`` at either end of a word stands for any letters (``pasaport*``,
``*pass``, ``*gebuhr*``). Looking a word up costs its length, whatever the size of the lexicon, and once per distinct
word.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from amparo.text.words import WORD, Words, normal

LANGUAGES = ("bn", "de", "en", "es", "fr", "pt")
"""Languages with a lexicon, by ISO 639-1 code."""

_LONGEST = 3
_DISTINCT = 200_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept at the words ``first`` to ``last`` (inclusive)."""

    concept: str
    first: int
    last: int


class _Patterns:
    """Words with open ends, looked up together."""

    def __init__(self) -> None:
        self._by_kind: dict[str, dict[str, list[int]]] = {"": {}, "p": {}, "s": {}, "i": {}}
        self._longest = 0

    def add(self, pattern: str, number: int) -> None:
        kind = {(False, False): "", (False, True): "p", (True, False): "s", (True, True): "i"}[
            pattern.startswith("*"), pattern.endswith("*")
        ]
        core = normal(pattern.strip("*"))
        self._by_kind[kind].setdefault(core, []).append(number)
        self._longest = max(self._longest, len(core))

    def of(self, word: str) -> list[int]:
        found = list(self._by_kind[""].get(word, ()))
        size = len(word)
        prefixes, suffixes, inside = self._by_kind["p"], self._by_kind["s"], self._by_kind["i"]
        for end in range(1, min(size, self._longest) + 1):
            found += prefixes.get(word[:end], ())
            found += suffixes.get(word[size - end :], ())
        if inside:
            for start in range(size):
                for end in range(start + 3, min(size, start + self._longest) + 1):
                    found += inside.get(word[start:end], ())
        return found


class Lexicon:
    """The terms of one language, ready to be looked up."""

    def __init__(self, concepts: dict[str, list[str]]) -> None:
        self._patterns = _Patterns()
        self._terms: list[tuple[str, tuple[int, ...]]] = []
        self._by_first: dict[int, list[int]] = defaultdict(list)
        numbers: dict[str, int] = {}
        for concept, terms in concepts.items():
            for term in terms:
                pieces = []
                for piece in term.split():
                    if piece not in numbers:
                        numbers[piece] = len(numbers)
                        self._patterns.add(piece, numbers[piece])
                    pieces.append(numbers[piece])
                self._by_first[pieces[0]].append(len(self._terms))
                self._terms.append((concept, tuple(pieces)))
        self._known: dict[str, tuple[tuple[int, ...], frozenset[int]] | None] = {}

    def _look_up(self, word: str) -> tuple[tuple[int, ...], frozenset[int]] | None:
        try:
            return self._known[word]
        except KeyError:
            pass
        numbers = self._patterns.of(word) if len(word) < 60 else []
        starts = tuple(term for number in set(numbers) for term in self._by_first.get(number, ()))
        known = (starts, frozenset(numbers)) if numbers else None
        if len(self._known) >= _DISTINCT:
            self._known.clear()
        self._known[word] = known
        return known

    def hits(self, text: Words) -> list[Hit]:
        """Every concept in the text, in order of its first word. A term never spans two sentences."""
        words, look_up = text.words, self._look_up
        seen = [(at, known) for at, word in enumerate(words) if (known := look_up(word)) is not None]
        at_word = dict(seen)
        found = []
        for at, (starts, _) in seen:
            for term in starts:
                concept, pieces = self._terms[term]
                last = at + len(pieces) - 1
                if last == at:
                    found.append(Hit(concept, at, at))
                elif (
                    last < len(words)
                    and all(
                        (known := at_word.get(at + step)) is not None and pieces[step] in known[1]
                        for step in range(1, len(pieces))
                    )
                    and text.sentences[at] == text.sentences[last]
                ):
                    found.append(Hit(concept, at, last))
        return found


def _terms(value: str) -> Iterator[str]:
    for term in value.replace("\n", "|").split("|"):
        if term := term.strip():
            yield term


def read_lexicon(data: bytes) -> dict[str, list[str]]:
    """Terms per concept of a lexicon file.

    Raises ValueError for a term of more than three words or one that could match anything: these files are ours, so
    that is a fault of the file, and a test reads each of them.
    """
    concepts: dict[str, list[str]] = {}
    for concept, value in tomllib.loads(data.decode())["concepts"].items():
        terms = list(_terms(value))
        for term in terms:
            pieces = term.split()
            if len(pieces) > _LONGEST or any(
                len(piece.strip("*")) < 2 and piece != piece.strip("*") for piece in pieces
            ):
                raise ValueError(f"{concept}: {term!r} has more than {_LONGEST} words, or is too open")
            if any(WORD.fullmatch(piece.strip("*")) is None for piece in pieces):
                raise ValueError(f"{concept}: {term!r} holds a sign that parts words")
        concepts[concept] = terms
    return concepts


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language together with the words that are the same everywhere (``any``)."""
    folder = files("amparo.joboffers") / "data" / "lexicon"
    concepts = read_lexicon((folder / "any.toml").read_bytes())
    if language in LANGUAGES:
        for concept, terms in read_lexicon((folder / f"{language}.toml").read_bytes()).items():
            concepts.setdefault(concept, []).extend(terms)
    return Lexicon(concepts)
