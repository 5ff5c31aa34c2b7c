"""The two charts of a scan report."""

from collections.abc import Sequence
from typing import Protocol

from django.utils.translation import gettext, ngettext

from amparo.ui.charts import Chart, Part, bars, stacked
from amparo.ui.kind_words import media_word
from amparo.ui.templatetags.amparo import number


class States(Protocol):
    """Subjects by the worst outcome of the work on them."""

    @property
    def ok(self) -> int: ...
    @property
    def skipped(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def pending(self) -> int: ...
    @property
    def total(self) -> int: ...


def states_chart(states: States) -> Chart:
    """How far the work on the Items is, as one bar."""
    parts = [
        Part(gettext("Finished"), states.ok, number(states.ok), "c1"),
        Part(gettext("Skipped by rule"), states.skipped, number(states.skipped), "c2"),
        Part(gettext("Failed"), states.failed, number(states.failed), "c3"),
        Part(gettext("Not yet done"), states.pending, number(states.pending), "c4"),
    ]
    if not states.total:
        sentence = gettext("There are no Items yet.")
    else:
        sentence = gettext("%(percent)s%% of all Items are finished; %(failed)s could not be finished.") % {
            "percent": _percent(states.ok, states.total),
            "failed": number(states.failed),
        }
    return stacked(gettext("State of the work"), sentence, (gettext("State"), gettext("Items")), parts)


def media_types_chart(types: Sequence[tuple[str, int]], most: int) -> Chart:
    """The commonest media types as bars, in words; the exact names are in the table. The rest is the last one."""
    ordered = sorted(types, key=lambda pair: (-pair[1], pair[0]))
    parts = [_type(name, items) for name, items in ordered[:most]]
    if rest := ordered[most:]:
        label = ngettext("%(count)s other type", "%(count)s other types", len(rest)) % {"count": number(len(rest))}
        items = sum(value for _, value in rest)
        parts.append(Part(label, items, number(items), "c2"))
    sentence = ""
    if ordered:
        total = sum(value for _, value in ordered)
        sentence = gettext("The commonest type is %(type)s, with %(percent)s%% of the Items whose type is known.") % {
            "type": media_word(ordered[0][0]),
            "percent": _percent(ordered[0][1], total),
        }
    return bars(gettext("Media types"), sentence, (gettext("Media type"), gettext("Items")), parts)


def _type(name: str, items: int) -> Part:
    word = media_word(name)
    return Part(word, items, number(items), exact=name if word != name else "")


def _percent(part: int, whole: int) -> str:
    """Rounded down, so that 100 means all; what is there at all is not called zero."""
    if 0 < part * 100 < whole:
        return "<1"
    return number(part * 100 // whole)
