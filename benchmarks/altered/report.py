"""The result as Markdown tables and as one SVG per column that can be read at the width of a phone."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tally import COLUMNS, METHODS

_WIDTH, _LABELS, _BAR, _GAP = 336, 18, 6, 2  # units; a unit is a pixel at 360 px with margins
_COLOURS = {"plain": "#66756F", "whole": "#0C5560", "region": "#B26A00"}
_SHORT = {"plain": "plain PDQ", "whole": "ours", "region": "ours, with known regions"}
_INK, _TRACK, _PAPER = "#16211F", "#E7EDEB", "#FFFFFF"


_HEAD = "# Altered copies: the table\n\nWhat is compared with what, and how to read this: [README](README.md)."


def markdown(result: Mapping[str, Any]) -> str:
    """All tables, with what was counted above each."""
    counts = result["tally"]
    parts = [_HEAD, _summary(result)]
    for column in COLUMNS:
        rows = [[row["alteration"], *_cells(row[column])] for row in counts["recall"]]
        head = ["Altered copy", *_SHORT.values(), "median distance, plain / ours", "flat copies"]
        parts.append(f"### {column.capitalize()}: {counts['pictures'].get(column, 0)} scenes\n\n{_table(head, rows)}")
    rows = [
        [
            each["queries"],
            _SHORT[each["method"]],
            f"{each['pictures']:,}",
            f"{each['pictures_with_false_match']:,}",
            f"{each['false_pairs']:,} of {each['pairs']:,}",
        ]
        for each in counts["false"]
    ]
    head = ["Pictures", "Compared by", "Number", "with a false match", "False pairs"]
    parts.append(f"### False matches\n\n{_table(head, rows)}")
    rows = [
        [
            each["view"],
            f"{each['found']:,} of {each['copies']:,}",
            "" if each["found_by_it_alone"] is None else f"{each['found_by_it_alone']:,}",
            ", ".join(f"{known}: {number:,}" for known, number in each["false_pairs_by_known_view"].items()) or "0",
            f"{each['median_ms']:.2f}",
        ]
        for each in counts["views"]
    ]
    head = ["View", "Copies found", "by it alone", "False pairs, by known view", "Median ms"]
    parts.append(f"### Cost of each view\n\n{_table(head, rows)}")
    return "\n\n".join(parts) + "\n"


def svg(result: Mapping[str, Any], column: str) -> str:
    """Bars per alteration and method, from 0 to 100 %, with the numbers in words."""
    rows = result["tally"]["recall"]
    title = f"Altered copies still found: {column}"
    sentence = (
        f"Share of {result['tally']['pictures'].get(column, 0)} scenes found within {result['within']} bits, for"
        f" {len(rows)} alterations, in the order {', '.join(_SHORT.values())}. The table beside it has all numbers."
    )
    drawn, y = [], 8
    for method, words in METHODS.items():
        drawn.append(f'<rect y="{y}" width="12" height="12" rx="2" fill="{_COLOURS[method]}"/>')
        drawn.append(_text(18, y + 11, _SHORT[method], f"<title>{escape(words)}</title>"))
        y += 20
    group = ""
    for row in rows:
        if row["group"] != group:
            group = row["group"]
            y += 28
            drawn.append(_text(0, y, group.capitalize(), weight="bold"))
            y += 10
        drawn.append(_bars(y, row["alteration"], row[column]))
        y += _LABELS + len(METHODS) * (_BAR + _GAP) + 8
    key = f"altered-{column}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -4 {_WIDTH + 24} {y + 8}" role="img"'
        f' aria-labelledby="{key}-t {key}-d" font-family="system-ui, sans-serif">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(sentence)}</desc>'
        f'<rect x="-12" y="-4" width="{_WIDTH + 24}" height="{y + 8}" fill="{_PAPER}"/>' + "".join(drawn) + "</svg>\n"
    )


def _bars(y: int, name: str, row: Mapping[str, Any]) -> str:
    shares = [row[method]["found"] / max(1, row[method]["of"]) for method in METHODS]
    shown = " · ".join(f"{100 * share:.0f}" for share in shares) + " %"
    parts = [f"<g><title>{escape(name)}: {shown}</title>"]
    parts += [_text(0, y + 13, name), _text(_WIDTH, y + 13, shown, anchor="end")]
    y += _LABELS
    for method, share in zip(METHODS, shares, strict=True):
        low, high = (each * _WIDTH for each in row[method]["interval"])
        middle = y + _BAR / 2
        parts.append(f'<rect y="{y}" width="{_WIDTH}" height="{_BAR}" rx="2" fill="{_TRACK}"/>')
        parts.append(f'<rect y="{y}" width="{share * _WIDTH:.1f}" height="{_BAR}" rx="2" fill="{_COLOURS[method]}"/>')
        parts.append(f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="{_INK}" stroke-width="1"/>')
        y += _BAR + _GAP
    return "".join(parts) + "</g>"


def _text(x: float, y: float, words: str, inside: str = "", anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x}" y="{y}" fill="{_INK}" font-size="13" font-weight="{weight}" text-anchor="{anchor}">'
        f"{inside}{escape(words)}</text>"
    )


def _summary(result: Mapping[str, Any]) -> str:
    counts = result["tally"]
    pictures = ", ".join(f"{number:,} {column}" for column, number in counts["pictures"].items())
    flat = sum(counts["doubtful_known"].values())
    return (
        f"{pictures}; {counts['scenes']:,} distinct scenes; longer side at most {result['longest_side']} pixels; copies"
        f" stored as JPEG 90 unless the format is the alteration. Found: within {result['within']} of 256 bits. Shares"
        f" in percent with 95 % Wilson intervals over scenes. {flat} known pictures have a PDQ quality below 50: they"
        " are not compared and not in the shares; a copy below 50 is a miss, counted as flat. False pairs: a picture"
        f" and a known picture of another scene. Times with {result['processes']} processes at work."
    )


def _cells(row: Mapping[str, Any]) -> list[str]:
    cells = []
    for method in METHODS:
        low, high = row[method]["interval"]
        share = row[method]["found"] / max(1, row[method]["of"])
        cells.append(f"{100 * share:.0f} ({100 * low:.0f} to {100 * high:.0f})")
    medians = [row[method]["median_distance"] for method in ("plain", "whole")]
    cells.append(" / ".join("-" if each is None else f"{each:g}" for each in medians))
    return [*cells, str(row["doubtful"])]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
