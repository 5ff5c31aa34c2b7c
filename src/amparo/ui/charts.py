"""Charts as SVG made on the server. Each has a title, one sentence of what it says, and a table beside it.

Real colours stand as attributes, because a PDF writer does not resolve ``var()`` inside SVG; on screens the classes
of ``base.css`` put the tokens over them. No style attribute, no script.
"""

import dataclasses
from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

WIDTH = 336  # units; at the width of a small phone a unit is a pixel, so text keeps its size
_ROW, _BAR, _TOP, _GAP = 33, 7, 18, 2
_TALL = 110  # units: the highest of upright bars
_LEAST = 3  # units: a part that exists can be seen
_LABEL = 34  # characters that fit beside a number
_COLOURS = {"c1": "#0C5560", "c2": "#8A9994", "c3": "#B26A00", "c4": "#E7EDEB"}
_TRACK, _EDGE, _TEXT = "#E7EDEB", "#66756F", "#16211F"


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One bar, or one part of a stacked bar. ``shown`` is the value as people read it."""

    label: str
    value: int
    shown: str
    colour: str = "c1"  # a class: c1 done, c2 left alone, c3 look at this, c4 not yet
    url: str = ""  # where a bar of :func:`columns` and its row of the table lead
    exact: str = ""  # what programs call it; stands beside the label in the table


@dataclasses.dataclass(frozen=True, slots=True)
class Chart:
    """What ``ui/chart.html`` draws: the picture, its words, and the rows of its table."""

    title: str
    sentence: str
    head: tuple[str, str]
    parts: tuple[Part, ...]
    svg: SafeString
    keyed: bool  # the table carries a colour key


def bars(title: str, sentence: str, head: tuple[str, str], parts: Sequence[Part]) -> Chart:
    """Horizontal bars, one per part, all from zero; the longest fills the width."""
    most = max((part.value for part in parts), default=0)
    rows = format_html_join(
        "",
        '<g transform="translate(0 {})"><title>{}: {}</title>'
        '<text class="ct" y="13" fill="{}" font-size="13">{}</text>'
        '<text class="ct" x="{}" y="13" fill="{}" font-size="13" text-anchor="end">{}</text>'
        '<rect class="ctrack" y="18" width="{}" height="{}" rx="3" fill="{}"/>'
        '<rect class="{}" y="18" width="{}" height="{}" rx="3" fill="{}"/></g>',
        (
            (
                *(row * _ROW, part.label, part.shown, _TEXT, _middle(part.label), WIDTH, _TEXT, part.shown),
                *(WIDTH, _BAR, _TRACK, part.colour, _width(part.value, most), _BAR, _COLOURS[part.colour]),
            )
            for row, part in enumerate(parts)
        ),
    )
    height = max(1, len(parts)) * _ROW - (_ROW - _TOP - _BAR)
    return Chart(title, sentence, head, tuple(parts), _svg(title, sentence, height, rows), keyed=False)


def stacked(title: str, sentence: str, head: tuple[str, str], parts: Sequence[Part]) -> Chart:
    """One bar cut into its parts; a part that is not zero is never too narrow to see."""
    widths = _widths([part.value for part in parts])
    placed, x = [], 0.0
    for part, width in zip(parts, widths, strict=True):
        if width:
            drawn = max(1.0, width - _GAP)
            placed.append((part.label, part.shown, part.colour, _n(x), _n(drawn), _COLOURS[part.colour], _EDGE))
            x += width
    rows = format_html_join(
        "",
        '<g><title>{}: {}</title><rect class="{}" x="{}" y="1" width="{}" height="22" rx="3" fill="{}" stroke="{}"'
        ' stroke-width="1"/></g>',
        placed,
    )
    return Chart(title, sentence, head, tuple(parts), _svg(title, sentence, 24, rows), keyed=True)


def columns(title: str, sentence: str, head: tuple[str, str], parts: Sequence[Part]) -> Chart:
    """Upright bars in order, all from zero; the first, the middle and the last are named below.

    The table has those that are not zero. Bars may be links: the picture is then hidden from screen readers and from
    the keyboard, for which the table has the same links.
    """
    most = max((part.value for part in parts), default=0)
    step = WIDTH / max(1, len(parts))
    wide = max(1.0, min(step - (_GAP if step > 3 * _GAP else 0.5), 28.0))
    drawn = []
    for at, part in enumerate(parts):
        tall = float(_width(part.value, most, _TALL))
        x = _n(at * step + (step - wide) / 2)
        bar = format_html(
            '<title>{}: {}</title><rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1" fill="{}"/>',
            *(part.label, part.shown, part.colour, x, _n(_TOP + _TALL - tall), _n(wide), _n(tall)),
            _COLOURS[part.colour],
        )
        if part.value:
            drawn.append(format_html('<a href="{}" tabindex="-1">{}</a>', part.url, bar) if part.url else bar)
    named = {0: "start", len(parts) - 1: "end", **({len(parts) // 2: "middle"} if len(parts) > 4 else {})}
    labels = [
        format_html(
            '<text class="ct" x="{}" y="{}" fill="{}" font-size="13" text-anchor="{}">{}</text>',
            *(_n({"start": 0, "end": WIDTH, "middle": (at + 0.5) * step}[anchor]), _TOP + _TALL + 17, _TEXT, anchor),
            parts[at].label,
        )
        for at, anchor in named.items()
        if 0 <= at < len(parts)
    ]
    top = next((part.shown for part in parts if part.value == most), "")
    inside = format_html(
        '<text class="ct" y="12" fill="{}" font-size="13">{}</text>{}'
        '<rect class="ctrack" y="{}" width="{}" height="1" fill="{}"/>{}',
        *(_TEXT, top, format_html_join("", "{}", ((each,) for each in drawn)), _TOP + _TALL, WIDTH, _TRACK),
        format_html_join("", "{}", ((each,) for each in labels)),
    )
    linked = any(part.url for part in parts)
    svg = _svg(title, sentence, _TOP + _TALL + 22, inside, hidden=linked)
    return Chart(title, sentence, head, tuple(part for part in parts if part.value), svg, keyed=False)


def swatch(colour: str) -> SafeString:
    """The colour key of a stacked bar's table row; the word stands beside it."""
    return format_html(
        '<svg class="swatch" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"><rect class="{}" x="1" y="1"'
        ' width="12" height="12" rx="3" fill="{}" stroke="{}" stroke-width="1"/></svg>',
        colour,
        _COLOURS[colour],
        _EDGE,
    )


def _svg(title: str, sentence: str, height: int, inside: SafeString, hidden: bool = False) -> SafeString:
    if hidden:
        return format_html('<svg class="chart" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>', WIDTH, height, inside)
    key = "chart-" + (slugify(title) or "1")
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d">'
        '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>',
        *(WIDTH, height, key, key, key, title, key, sentence, inside),
    )


def _widths(values: Sequence[int]) -> list[float]:
    """Widths that fill the bar; what the narrow parts are given is taken from the wide ones."""
    total = sum(values)
    if not total:
        return [0.0 for _ in values]
    least = _LEAST + _GAP
    widths = [max(least, WIDTH * value / total) if value else 0.0 for value in values]
    spare = sum(width - least for width in widths if width)
    over = sum(widths) - WIDTH
    return [width - over * (width - least) / spare if width and spare else width for width in widths]


def _width(value: int, most: int, whole: int = WIDTH) -> str:
    return _n(max(_LEAST, whole * value / most)) if value and most else "0"


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


def _middle(text: str) -> str:
    """The text, shortened in its middle."""
    if len(text) <= _LABEL:
        return text
    half = (_LABEL - 1) // 2
    return f"{text[: _LABEL - 1 - half]}…{text[-half:]}"
