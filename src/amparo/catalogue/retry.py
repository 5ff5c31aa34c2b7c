"""Retry: work that failed on a Source becomes due again, nothing else does."""

from django.db.models import Q

from amparo.catalogue.models import Content, Item, Shortfall, Source, StageSet


def make_failed_due(source: Source) -> int:
    """Take failed stages out of the done marks of this Source's Items and Contents; returns how many subjects.

    What was said before stays until the work is done again, so a retry that is stopped loses nothing.
    """
    mine = Q(item__source=source) | Q(content__items__source=source)
    failed = Shortfall.objects.filter(mine, failed=True).values_list("item_id", "content_id", "stage_id").distinct()
    subjects = set()
    for item, content, stage in failed:
        row: Item | Content
        row = Item.objects.only("stages").get(pk=item) if item else Content.objects.only("stages").get(pk=content)
        if row.stages_id is not None:
            kept = [key for key in row.stages.members.split(",") if key and int(key) != stage] if row.stages else []
            row.stages = StageSet.objects.get_or_create(members=",".join(kept))[0]
            row.save(update_fields=["stages"])
            subjects.add((item, content))
    return len(subjects)
