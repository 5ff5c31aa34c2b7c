"""Filters that show plain values in the words and numbers of the active language."""

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from amparo.evidence.errors import AmparoError
from amparo.ui import charts, kind_words, matches, paths, problems, reasons

if TYPE_CHECKING:
    from amparo.ui.report import Match

register = template.Library()

_ENTRIES = {
    "file": gettext_noop("Files"),
    "directory": gettext_noop("Folders"),
    "symlink": gettext_noop("Links to another place"),
    "hardlink": gettext_noop("Second names of an archive member"),
    "fifo": gettext_noop("Pipes"),
    "socket": gettext_noop("Sockets"),
    "block": gettext_noop("Block devices"),
    "character": gettext_noop("Character devices"),
    "unknown": gettext_noop("Of unknown kind"),
}
_ALGORITHMS = {"sha256": "SHA-256", "sha1": "SHA-1", "md5": "MD5"}
_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


@register.filter
def path(raw: bytes) -> SafeString:
    """A raw path: escaped visibly, kept left to right, in the mono face."""
    return format_html('<bdi class="mono path" dir="ltr">{}</bdi>', paths.shown(raw))


@register.filter
def utc(when: datetime.datetime) -> SafeString:
    """A time in UTC that says so. A time without a zone is a fault of the caller."""
    if when.tzinfo is None:
        raise ValueError("a time without a zone")
    when = when.astimezone(datetime.UTC)
    return format_html(
        '<time dir="ltr" datetime="{}">{}</time>', f"{when:%Y-%m-%dT%H:%M:%SZ}", f"{when:%Y-%m-%d %H:%M} UTC"
    )


@register.filter
def number(value: int) -> str:
    """With the language's separators."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def media_word(media_type: str) -> str:
    """A media type in plain words."""
    return kind_words.media_word(media_type)


@register.filter
def size(count: int) -> str:
    """Bytes in decimal units, as disks are sold."""
    if count < 1000:
        return gettext("%(count)s bytes") % {"count": number(count)}
    step = next((n for n in range(1, len(_UNITS)) if count < 999.95 * 1000**n), len(_UNITS))
    value = formats.number_format(round(count / 1000**step, 1), decimal_pos=1, use_l10n=True, force_grouping=True)
    return f"{value} {_UNITS[step - 1]}"


@register.filter
def entry(kind: str) -> str:
    """A kind of entry, in words."""
    return gettext(_ENTRIES.get(kind, kind))


@register.filter
def algorithm(name: str) -> str:
    """A digest's name as its standard writes it."""
    return _ALGORITHMS.get(name, name)


@register.filter
def explained(match: "Match") -> matches.Explanation:
    """A match in words."""
    return matches.explain(match.kind, match.facts)


@register.filter
def match_title(kind: str) -> str:
    """What a kind of match is called."""
    return gettext(matches.TITLES[kind])


@register.filter
def reason(code: str) -> reasons.Reason:
    """A reason code explained."""
    return reasons.explain(code)


@register.filter
def damage(kind: str) -> str:
    """A kind of damage explained."""
    return reasons.explain_damage(kind)


@register.filter
def told(problem: AmparoError | Mapping[str, Any]) -> problems.Told:
    """An error, or one that was stored, with ``message`` and ``hint`` in the active language."""
    return problems.told(problem)


@register.filter
def said(text: str) -> str:
    """A sentence of an error in the active language."""
    return problems.said(text)


@register.filter
def swatch(colour: str) -> SafeString:
    """Colour key of a chart's table row."""
    return charts.swatch(colour)
