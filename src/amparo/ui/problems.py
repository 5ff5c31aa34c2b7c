"""Errors in the language of the page. What raises them is plain English, for the command line, programs and logs."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop

from amparo.evidence.errors import AmparoError

_ACTIONS = {  # what an Authority is asked for
    "open": gettext_noop("opening"),
    "scan": gettext_noop("scanning"),
    "fetch": gettext_noop("fetching"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What is wrong and what to do, as a page says it. ``hint`` may be empty."""

    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


def told(problem: AmparoError | Mapping[str, Any]) -> Told:
    """An error, or one that was stored as JSON, in the active language."""
    row = problem.stored() if isinstance(problem, AmparoError) else problem
    message, hint = row.get("texts") or (row["message"], row["hint"])
    values = {name: _shown(name, value) for name, value in row.get("values", {}).items()}
    return Told(_filled(message, values), _filled(hint, values))


def said(text: str) -> str:
    """A sentence in the active language; itself where it has no translation, or is one already."""
    return gettext(text) if text else ""  # the translation of nothing is the head of the catalogue


def _filled(text: str, values: Mapping[str, str]) -> str:
    return said(text) % values if values else said(text)


def _shown(name: str, value: str | int) -> str:
    if isinstance(value, int):
        return number_format(value, use_l10n=True, force_grouping=True)
    return gettext(_ACTIONS[value]) if name == "action" and value in _ACTIONS else value
