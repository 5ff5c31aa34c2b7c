"""The full text index over the words of Items. What was scanned before is left to the backlog, in small steps."""

from django.db import migrations
from django.db.models import Max

# detail=none, columnsize=0: only which Items hold a word. The words come folded: the tokenizer only splits at blanks.
_SQLITE = (
    "CREATE VIRTUAL TABLE catalogue_search USING fts5(words, content='catalogue_searchtext',"
    " content_rowid='item_id', detail=none, columnsize=0, tokenize=\"ascii tokenchars '.'\")",
    "CREATE TRIGGER catalogue_search_new AFTER INSERT ON catalogue_searchtext BEGIN"
    " INSERT INTO catalogue_search (rowid, words) VALUES (new.item_id, new.words); END",
    "CREATE TRIGGER catalogue_search_gone AFTER DELETE ON catalogue_searchtext BEGIN"
    " INSERT INTO catalogue_search (catalogue_search, rowid, words) VALUES ('delete', old.item_id, old.words); END",
    "CREATE TRIGGER catalogue_search_changed AFTER UPDATE ON catalogue_searchtext BEGIN"
    " INSERT INTO catalogue_search (catalogue_search, rowid, words) VALUES ('delete', old.item_id, old.words);"
    " INSERT INTO catalogue_search (rowid, words) VALUES (new.item_id, new.words); END",
)
_POSTGRESQL = (
    "CREATE INDEX catalogue_search ON catalogue_searchtext USING gin (array_to_tsvector(string_to_array(words, ' ')))",
)


def make(apps, editor):
    for statement in _SQLITE if editor.connection.vendor == "sqlite" else _POSTGRESQL:
        editor.execute(statement)
    last = apps.get_model("catalogue", "Item").objects.aggregate(last=Max("pk"))["last"]
    if last is not None:
        apps.get_model("catalogue", "SearchBacklog").objects.create(after=0, until=last)


def unmake(apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TABLE catalogue_search")
        for name in ("new", "gone", "changed"):
            editor.execute(f"DROP TRIGGER catalogue_search_{name}")
    else:
        editor.execute("DROP INDEX catalogue_search")


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0006_marks_backfill")]
    operations = [migrations.RunPython(make, unmake)]
