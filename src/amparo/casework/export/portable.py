"""The portable Case: a folder that a browser opens from a removable drive, by ``file://``, without installation.

One page with its style and script as files, and the data as classic scripts (modules and requests do not load from
``file://``): ``data/index.js``, ``data/list-N.js`` with LIST rows each, ``data/details-N.js`` with DETAILS rows each,
read when an Item of theirs is opened. Read-only, Findings in words, grades only where they stand (the blind rule).
Pictures are in it only where :mod:`.portable_sealed` adds those that two people released.
"""

import collections
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from amparo.casework.export.form import Context, Form
from amparo.casework.listing import state_of
from amparo.catalogue.models import Category, Finding, Item, State
from amparo.catalogue.pages import pages
from amparo.evidence.item import Locator, item_id
from amparo.evidence.moment import Basis, Moment
from amparo.ui import reasons
from amparo.ui.finding_words import FACTS, FIELDS, FINDINGS
from amparo.ui.kind_words import entry_word, media_word
from amparo.ui.matches import TITLES, explain
from amparo.ui.paths import shown

LIST, DETAILS = 5_000, 500  # rows of one file
_PAGE = 500
_INNER = ("_raw", "_ns", "_basis", "_precision_ns", "_offset_minutes")  # facts that others put in words
_STYLES = ("ui/tokens.css", "ui/base.css", "portable/portable.css")
LEFT_OUT = ("names of people", "notes", "decisions that do not count yet", "texts of documents")

_Pictures = Mapping[int, Sequence[bytes]]  # by key of a Content: PNG blurred, PNG without blur


def write(context: Context, folder: Path) -> None:
    """Put the page and its data into a folder, without pictures."""
    write_with(context, folder, {})


def write_with(context: Context, folder: Path, pictures: _Pictures) -> None:
    """The same with these pictures."""
    language = context.choices.language or context.installation.settings.language or "en"
    with translation.override(language if translation.check_for_language(language) else "en"):
        _files(context, folder)
        for content, pair in pictures.items():
            (folder / "pictures").mkdir(exist_ok=True)
            for name, png in zip(("blurred", "sharp"), pair, strict=True):
                (folder / "pictures" / f"{content}-{name}.png").write_bytes(png)
        _data(context, folder / "data", pictures)


FORM = Form("portable", (*LEFT_OUT, "pictures and videos"), write)


def _files(context: Context, folder: Path) -> None:
    static = resources.files("amparo.ui") / "static"
    style = "\n".join((static / name).read_text(encoding="utf-8") for name in _STYLES)
    (folder / "portable.css").write_text(style, encoding="utf-8")
    with resources.as_file(static / "portable" / "portable.js") as script:
        shutil.copyfile(script, folder / "portable.js")
    frame = {
        "case": context.case,
        "made": context.made,
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    (folder / "index.html").write_text(render_to_string("portable/index.html", frame), encoding="utf-8")


def _data(context: Context, folder: Path, pictures: _Pictures) -> None:
    folder.mkdir()
    rows: list[list[Any]] = []
    details: list[list[Any]] = []
    counts: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in ("lead", "type", "outcome")}
    grades: collections.Counter[int] = collections.Counter()
    number = 0
    for item, found in _items(context):
        state, reason = state_of(item)
        content = item.content
        leads = sorted({each.kind for each in found if each.kind in TITLES})
        category = Category.OPEN if content is None else Category(content.category)
        kind = item.media_type or item.entry
        outcome = state.name.lower()
        rows.append([item.pk, shown(_path(item)), kind, item.size, outcome, leads, category.value])
        details.append(_details(item, found, reason, content is not None and content.pk in pictures))
        counts["lead"].update(leads)
        counts["type"][kind] += 1
        counts["outcome"][outcome] += 1
        grades[category.value] += 1
        number += 1
        if len(rows) == LIST:
            _script(folder / f"list-{number // LIST - 1}.js", "list", number // LIST - 1, rows)
            rows = []
        if len(details) == DETAILS:
            _script(folder / f"details-{number // DETAILS - 1}.js", "details", number // DETAILS - 1, details)
            details = []
    if rows:
        _script(folder / f"list-{number // LIST}.js", "list", number // LIST, rows)
    if details:
        _script(folder / f"details-{number // DETAILS}.js", "details", number // DETAILS, details)
    index = {
        "case": str(context.case.uuid), "items": number, "list": LIST, "details": DETAILS,
        "facets": {
            "grade": [[str(key), _grade(Category(key)), grades[key]] for key in sorted(grades)],
            "lead": [[key, gettext(TITLES[key]), n] for key, n in counts["lead"].most_common()],
            "type": [[key, _kind(key), n] for key, n in counts["type"].most_common(100)],
            "outcome": [[key, _outcome(key), n] for key, n in counts["outcome"].most_common()],
        },
        "grades": [_grade(each) for each in Category],
        "outcomes": {each.name.lower(): _outcome(each.name.lower()) for each in State},
        "titles": {key: gettext(title) for key, title in TITLES.items()},
        "types": {key: _kind(key) for key in counts["type"]},
    }  # fmt: skip
    _script(folder / "index.js", "index", index)


def _items(context: Context) -> Iterator[tuple[Item, list[Finding]]]:
    items = Item.objects.filter(case=context.case).select_related("parent", "content", "source")
    current = Finding.objects.filter(case=context.case, current=True).select_related("stage").order_by("pk")
    for page in pages(items, _PAGE):
        said: dict[tuple[str, int], list[Finding]] = collections.defaultdict(list)
        for each in current.filter(item__in=[row.pk for row in page]):
            said["item", each.item_id or 0].append(each)
        for each in current.filter(content__in={row.content_id for row in page if row.content_id}):
            said["content", each.content_id or 0].append(each)
        for row in page:
            yield row, said.get(("content", row.content_id or 0), []) + said.get(("item", row.pk), [])


def _details(item: Item, found: Sequence[Finding], reason: str, picture: bool) -> list[Any]:
    """Id, SHA-256, source, origin, times, findings, reason, name of the picture; the script knows the order."""
    content = item.content
    told = reasons.explain(reason) if reason else None
    times = [
        [gettext(FIELDS.get(field, field)), Moment(ns, Basis(basis), field, precision, offset).text()]
        for field, ns, basis, precision, offset in json.loads(item.moments)
    ]
    return [
        str(item_id(item.source.uuid, bytes(item.locator))),
        "" if content is None else bytes(content.sha256).hex(),
        shown(bytes(item.source.root)),
        item.origin,
        times,
        [_said(each) for each in found],
        [] if told is None else [told.what, told.advice],
        content.pk if picture and content is not None else 0,
    ]


def _said(finding: Finding) -> list[Any]:
    """Title, sentences, doubts, who made it."""
    by = f"{finding.stage.analyser} {finding.stage.version}"
    if finding.kind in TITLES:
        words = explain(finding.kind, finding.facts)
        bank = finding.facts.get("bank_name")
        return [words.title + (f": {bank}" if bank else ""), [words.compared], list(words.false_if), by]
    facts = [
        f"{_fact_name(name)}: {', '.join(map(str, fact)) if isinstance(fact, list) else fact}"
        for name, fact in finding.facts.items()
        if fact is not None and not name.endswith(_INNER)
    ]
    return [gettext(FINDINGS.get(finding.kind, finding.kind)), facts, [], by]


def _fact_name(name: str) -> str:
    return gettext(FACTS.get(name, name.replace("_", " ")))


def _script(path: Path, name: str, *values: object) -> None:
    """A classic script that hands values over. U+2028 and ``<`` are escaped: nothing in it ends the script."""
    text = ",".join(json.dumps(value, ensure_ascii=True, separators=(",", ":")) for value in values)
    path.write_text(f"amparo.{name}({text.replace('<', chr(92) + 'u003c')});\n", encoding="ascii")


def _path(item: Item) -> bytes:
    return Locator.decode(bytes(item.locator)).path


def _kind(name: str) -> str:
    """A media type, or where there is none an entry's kind, in words."""
    return media_word(name) if "/" in name else entry_word(name)


def _grade(category: Category) -> str:
    return {
        Category.OPEN: gettext("Not graded"),
        Category.BASELINE: gettext("Baseline"),
        Category.NATIONAL: gettext("National law"),
        Category.OTHER: gettext("Other, look again"),
        Category.NOT_RELEVANT: gettext("Not relevant"),
    }[category]


def _outcome(name: str) -> str:
    return {
        "ok": gettext("Read"),
        "skipped": gettext("Skipped by rule"),
        "failed": gettext("Could not be finished"),
        "pending": gettext("Not looked at yet"),
    }[name]
