"""Words for what Items state: findings, facts, fields of times, states. Templates ask for them by code."""

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext, gettext_noop

from amparo.casework.browse import GRADES
from amparo.catalogue.models import Item
from amparo.ui import kind_words
from amparo.ui.finding_words import FACTS, FIELDS, FINDINGS
from amparo.ui.matches import TITLES

register = template.Library()

_STATES = {
    "pending": gettext_noop("Not looked at yet"),
    "ok": gettext_noop("Looked at"),
    "skipped": gettext_noop("Skipped"),
    "failed": gettext_noop("Failed"),
}
_ORIGINS = {
    "allocated": gettext_noop("an ordinary entry"),
    "deleted": gettext_noop("deleted, recovered"),
    "carved": gettext_noop("carved out of free space"),
    "cache": gettext_noop("in a cache"),
    "thumbnail": gettext_noop("a small copy that a program made"),
}
_FILTERS = {
    "type": gettext_noop("Type"),
    "outcome": gettext_noop("Outcome"),
    "source": gettext_noop("Source"),
    "lead": gettext_noop("Finding"),
    "grade": gettext_noop("Grade"),
    "taken": gettext_noop("Taken, as the picture states"),
    "modified": gettext_noop("Last changed, as the file states"),
    "camera": gettext_noop("Camera"),
    "folder": gettext_noop("Folder"),
    "device": gettext_noop("Device (exhibit)"),
    "q": gettext_noop("Words"),
}


@register.filter
def kind_word(item: Item) -> str:
    """What an Item is in plain words: its media type, or where it has none its kind of entry."""
    return kind_words.media_word(item.media_type) if item.media_type else kind_words.entry_word(item.entry)


@register.filter
def finding_title(kind: str) -> str:
    """What a kind of Finding is called; the kind itself where it has no words yet."""
    return gettext(TITLES.get(kind) or FINDINGS.get(kind, kind))


@register.filter
def fact_name(name: str) -> str:
    """What a fact is called."""
    return gettext(FACTS.get(name, name.removesuffix("_raw").replace("_", " ")))


@register.filter
def field_name(field: str) -> str:
    """The field that a time came from."""
    return gettext(FIELDS.get(field, field))


@register.filter
def outcome(code: str) -> str:
    """A state, or ``state:reason``."""
    state, _, why = code.partition(":")
    word = gettext(_STATES.get(state, state))
    return f"{word}: {why}" if why else word


@register.filter
def origin(code: str) -> str:
    """How an entry came to lie where it lies."""
    return gettext(_ORIGINS.get(code, code))


@register.filter
def grade_category(name: str) -> int:
    """The category of a grade of the list's filter, -1 of what is none."""
    return int(GRADES.get(name, -1))


@register.filter
def filter_name(name: str) -> str:
    """A filter of the list."""
    return gettext(_FILTERS[name])


@register.filter
def named(names: Mapping[str, str], actor: str) -> str:
    """The name of an actor."""
    return names.get(actor, actor)
