"""The index of words: what Items are found by. Written in the transaction that changes the words.

Indexed are the path of an Item, what Findings of TEXTS say of its Content, and the notes on it. SQLite keeps an FTS5
table over the rows of SearchText, PostgreSQL a GIN index; what a word is comes from
:mod:`amparo.catalogue.search_words` in both. Each word carries the number of its Case, so no search leaves its Case,
and none takes longer because others are large.
"""

import collections
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from django.db import connection

from amparo.catalogue.models import Finding, Item, Note, SearchBacklog, SearchText
from amparo.catalogue.review import RANKING
from amparo.catalogue.search_words import words_of
from amparo.catalogue.sql import insert_many
from amparo.evidence.item import Locator
from amparo.media.exif import EXIF

TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {EXIF: ("make", "model", "serial", "lens_serial"), **dict.fromkeys(sorted(RANKING), ("bank_name",))}
)
PLACES = 1_000  # Items of Contents that are written at once; more of them are left to the backlog
_PATH = 8_192  # bytes of a path, from its end
_NOTES = 200  # newest notes of an Item
_COLUMNS = (("item_id", "bigint"), ("words", "text"))
_FTS = """
SELECT rowid FROM catalogue_search WHERE catalogue_search MATCH %s AND rowid > %s ORDER BY rowid LIMIT %s
"""
_GIN = """
SELECT item_id FROM catalogue_searchtext
WHERE array_to_tsvector(string_to_array(words, ' ')) @@ %s::tsquery AND item_id > %s ORDER BY item_id LIMIT %s
"""


def add_new(case: int, paths: Iterable[tuple[int, bytes]]) -> None:
    """New Items (key, raw path) of which nothing else is known yet."""
    rows = [(key, _text(case, [_readable(path)])) for key, path in paths]
    insert_many(SearchText._meta.db_table, _COLUMNS, rows)


def renew(keys: Collection[int]) -> None:
    """Write the words of these Items anew, from what is in the tables now. Four queries, and rows that changed."""
    if not keys:
        return
    items = list(Item.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "case_id", "locator", "content_id"))
    said = _said([key for key, *_ in items], {content for *_, content in items if content is not None})
    written = dict(SearchText.objects.filter(pk__in=keys).values_list("pk", "words"))
    rows = []
    for key, case, locator, content in items:
        texts = [_readable(Locator.decode(bytes(locator)).path), *said["item", key], *said["content", content or 0]]
        text = _text(case, texts)
        if written.get(key) != text:
            rows.append((key, text))
    insert_many(SearchText._meta.db_table, _COLUMNS, rows, "(item_id) DO UPDATE SET words = excluded.words")


def renew_contents(contents: Collection[int]) -> None:
    """The same for the Items of these Contents; where they lie at very many places, the backlog does it later."""
    if not contents:
        return
    found = Item.objects.filter(content__in=contents).order_by().values_list("pk", flat=True)
    keys = list(found[: PLACES + 1])
    if len(keys) <= PLACES:
        renew(keys)
        return
    last = Item.objects.order_by("-pk").values_list("pk", flat=True)[0]
    SearchBacklog.objects.bulk_create(SearchBacklog(content_id=key, until=last) for key in sorted(contents))


def with_texts(contents: Collection[int]) -> set[int]:
    """Those of the Contents that Findings give words to."""
    if not contents:
        return set()
    found = Finding.objects.filter(content__in=contents, current=True, kind__in=TEXTS)
    return {key for key in found.values_list("content_id", flat=True) if key is not None}


def find(case: int, words: Sequence[str], after: int, most: int) -> list[int]:
    """The first keys above ``after`` of the Items of a Case that hold all words, the last as the beginning of one."""
    if not words:
        return []
    *whole, last = (f"{case}.{word}" for word in words)
    if connection.vendor == "sqlite":
        statement, sought = _FTS, " AND ".join([*(f'"{word}"' for word in whole), f'"{last}"*'])
    else:
        statement, sought = _GIN, " & ".join([*(f"'{word}'" for word in whole), f"'{last}':*"])
    with connection.cursor() as cursor:
        cursor.execute(statement, [sought, after, most])
        return [key for (key,) in cursor.fetchall()]


def forget(items: Collection[int]) -> None:
    """Take these Items out of the index: they are found no more. :func:`clean` removes what SQLite still keeps."""
    SearchText.objects.filter(pk__in=items).delete()


def clean(pages: int = 500) -> bool:
    """One step of removing words of forgotten Items from SQLite's index, whose deleted rows stay until it is merged.

    Call it outside a transaction until it returns False; PostgreSQL's autovacuum does the same by itself.
    """
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT total_changes()")
        before = cursor.fetchone()[0]
        cursor.execute("INSERT INTO catalogue_search (catalogue_search, rank) VALUES ('merge', %s)", [-pages])
        cursor.execute("SELECT total_changes()")
        return bool(cursor.fetchone()[0] - before >= 2)  # less: nothing was left to do (SQLite, FTS5, 6.8)


def _said(items: Sequence[int], contents: Collection[int]) -> dict[tuple[str, int], list[str]]:
    """Texts by ("item", key) and ("content", key)."""
    said: dict[tuple[str, int], list[str]] = collections.defaultdict(list)
    made = Finding.objects.filter(content__in=contents, current=True, kind__in=TEXTS).order_by("pk")
    for content, kind, facts in made.values_list("content_id", "kind", "facts"):
        said["content", content or 0] += [str(facts[name]) for name in TEXTS[kind] if facts.get(name)]
    held: collections.Counter[int] = collections.Counter()
    for item, text in Note.objects.filter(item__in=items).order_by("-pk").values_list("item_id", "text"):
        held[item or 0] += 1
        if held[item or 0] <= _NOTES:
            said["item", item or 0].append(text)
    return said


def _readable(path: bytes) -> str:
    return path[-_PATH:].decode("utf-8", "replace")


def _text(case: int, texts: Iterable[str]) -> str:
    return " ".join(f"{case}.{word}" for word in words_of(texts))
