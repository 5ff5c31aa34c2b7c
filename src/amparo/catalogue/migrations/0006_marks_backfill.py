"""Marks of what was scanned before there were Marks. In small transactions: stopped, it goes on where rows are missing."""

import collections
import json

from django.db import migrations, transaction

from amparo.catalogue.marks import exif_pairs, item_pairs, tally_key
from amparo.catalogue.models.marks import Series
from amparo.catalogue.sql import insert_many, insert_new

_CHUNK = 1_000
_MARK = (("case_id", "bigint"), ("series", "smallint"), ("value", "bigint"), ("subject", "bigint"))
_TALLY = (("source_id", "bigint"), ("series", "smallint"), ("key", "integer"), ("value", "bigint"))


def fill(apps, editor):
    item, finding = apps.get_model("catalogue", "Item"), apps.get_model("catalogue", "Finding")
    after = 0
    columns = ("pk", "case_id", "source_id", "moments")
    while rows := list(item.objects.filter(pk__gt=after).order_by("pk").values_list(*columns)[:_CHUNK]):
        after = rows[-1][0]
        _store(
            (case, source, key, item_pairs((m[0], m[1], m[2]) for m in json.loads(moments)))
            for key, case, source, moments in rows
        )
    first = dict(apps.get_model("catalogue", "Source").objects.order_by("case_id", "-pk").values_list("case_id", "pk"))
    made = finding.objects.filter(kind="picture.exif", current=True, content__isnull=False)
    after = 0
    columns = ("pk", "case_id", "content_id", "facts")
    while rows := list(made.filter(pk__gt=after).order_by("pk").values_list(*columns)[:_CHUNK]):
        after = rows[-1][0]
        _store((case, first[case], content, exif_pairs(facts)) for _, case, content, facts in rows)


def _store(found):
    """Rows that are there already are passed over and counted no second time."""
    rows, sources = [], {}
    for case, source, subject, pairs in found:
        sources[case, subject] = source
        rows += [(case, series, value, subject) for series, value in pairs]
    with transaction.atomic():
        new = insert_new(
            "catalogue_mark", _MARK, rows, "case_id, series, value, subject", "case_id, series, value, subject"
        )
        tallies = collections.Counter()
        for _, case, series, value, subject in new:
            if series != Series.CAMERA:  # counted by the next migrations, whose column holds their keys
                tallies[sources[case, subject], series, tally_key(series, value)] += 1
        insert_many(
            "catalogue_tally",
            _TALLY,
            [(*name, number) for name, number in sorted(tallies.items())],
            "(source_id, series, key) DO UPDATE SET value = catalogue_tally.value + excluded.value",
        )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalogue", "0005_matters")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, atomic=False)]
