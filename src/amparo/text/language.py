"""Which language a text is in, by py3langid (a multinomial naive Bayes model of 97 languages, offline)."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_ENOUGH = 1_000
_LEAST = 0.5
_SHORTEST = 20


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def language_of(text: str) -> str:
    """ISO 639-1 code, judged by the first 1,000 characters; empty for less than 20 characters or where it is unsure."""
    start = text[:_ENOUGH]
    if len(start.strip()) < _SHORTEST:
        return ""
    code, probability = _identifier().classify(start)
    return str(code) if probability >= _LEAST else ""
