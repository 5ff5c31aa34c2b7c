"""Content and Item, and what was found."""

from django.db import models

from amparo.catalogue.models.cases import Case, Source
from amparo.catalogue.models.stages import Stage, StageSet

NORMAL_RANK = 100


class State(models.IntegerChoices):
    """Where the work on a subject stands; the worst outcome of its stages."""

    PENDING = 0
    OK = 1
    SKIPPED = 2
    FAILED = 3


class Lane(models.IntegerChoices):
    """Which queue hands an Item out for its first visit."""

    NONE = 0
    WALK = 1
    LARGE = 2
    SMALL = 3


class Review(models.IntegerChoices):
    """Where the judging of a Content stands."""

    OPEN = 0
    SECOND = 1  # two have to judge; at most one has whose Decision counts
    DISAGREED = 2
    DONE = 3


class Category(models.IntegerChoices):
    """What a tile shows of the Decisions that count: colour, shape and word. Derived from their labels."""

    OPEN = 0
    BASELINE = 1
    NATIONAL = 2
    OTHER = 3
    NOT_RELEVANT = 4


class Content(models.Model):
    """Bytes of a Case. ``stages`` is what the second visit has done.

    ``rank`` orders review, lowest first (:mod:`amparo.catalogue.review`). ``leader`` is the Content that stands for it
    in its group of near duplicates, null where it stands for itself. ``flagged``: somebody wants it looked at.
    ``second_by``: who asked for a second person, and ``second_at`` when; that outlasts judgements.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha256 = models.BinaryField(max_length=32)
    sha1 = models.BinaryField(max_length=20)
    md5 = models.BinaryField(max_length=16)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    stages = models.ForeignKey(StageSet, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.SmallIntegerField(choices=State, default=State.PENDING)
    reason = models.CharField(max_length=50, blank=True)
    rank = models.SmallIntegerField(default=NORMAL_RANK, db_default=NORMAL_RANK)
    review = models.SmallIntegerField(choices=Review, default=Review.OPEN, db_default=Review.OPEN)
    category = models.SmallIntegerField(choices=Category, default=Category.OPEN, db_default=Category.OPEN)
    flagged = models.BooleanField(default=False, db_default=False)
    second_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    second_at = models.DateTimeField(null=True)
    leader = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followers", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "sha256"], name="content_identity")]
        indexes = [
            models.Index(fields=["case", "id"], name="content_page"),
            models.Index(fields=["case", "rank", "id"], name="content_queue", condition=models.Q(leader=None)),
            models.Index(
                fields=["case", "review", "rank", "id"], name="content_review", condition=models.Q(leader=None)
            ),
            models.Index(fields=["case", "id"], name="content_flagged", condition=models.Q(flagged=True)),
            models.Index(fields=["case", "category", "id"], name="content_graded", condition=models.Q(category__gt=0)),
            models.Index(fields=["case", "state", "id"], name="content_short", condition=models.Q(state__gte=2)),
            # Not of those without a leader, which are most: planners would take it for the queues.
            models.Index(fields=["leader"], name="content_leader", condition=models.Q(leader__isnull=False)),
        ]


class Item(models.Model):
    """One occurrence. ``tail`` tells it from its siblings: raw name in a folder, entry number in a container.

    ``locator`` is the encoded Locator, from which path and public id are computed. ``moments`` is a JSON list of
    ``[field, ns, basis, precision_ns, offset_minutes]``. ``stages`` is what the first visit has done. ``rank``
    orders review, lowest first.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="items", db_index=False)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    tail = models.BinaryField()
    locator = models.BinaryField()
    entry = models.CharField(max_length=10)
    origin = models.CharField(max_length=10)
    lane = models.SmallIntegerField(choices=Lane)
    size = models.BigIntegerField(null=True)
    budget = models.BigIntegerField(null=True)
    moments = models.TextField()
    media_type = models.CharField(max_length=100)
    content = models.ForeignKey(Content, null=True, on_delete=models.PROTECT, related_name="items", db_index=False)
    stages = models.ForeignKey(StageSet, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.SmallIntegerField(choices=State, default=State.PENDING)
    reason = models.CharField(max_length=50, blank=True)
    rank = models.SmallIntegerField(default=NORMAL_RANK)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "tail"], name="item_identity"),
            models.UniqueConstraint(fields=["source"], condition=models.Q(parent=None), name="item_root"),
        ]
        indexes = [
            models.Index(fields=["source", "lane", "id"], name="item_lane"),
            models.Index(fields=["case", "rank", "id"], name="item_page"),
            models.Index(fields=["case", "media_type", "rank", "id"], name="item_facet"),
            models.Index(fields=["case", "state", "rank", "id"], name="item_short", condition=models.Q(state__gte=2)),
            models.Index(fields=["content", "source"], name="item_content", include=["id"]),
            models.Index(fields=["parent", "tail"], name="item_folders", condition=models.Q(entry="directory")),
        ]


class Finding(models.Model):
    """A statement about an Item, or about a Content wherever it lies. ``current`` is false once it was made anew.

    ``given`` came with the entry, from whoever listed it: work on the Item itself does not make it anew.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="findings", db_index=False)
    content = models.ForeignKey(Content, null=True, on_delete=models.PROTECT, related_name="findings", db_index=False)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=100)
    facts = models.JSONField()
    score = models.FloatField(null=True)
    current = models.BooleanField(default=True)
    given = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["case", "kind", "id"], name="finding_kind", include=["item", "content", "current"]),
            models.Index(fields=["item"], name="finding_item", condition=models.Q(item__isnull=False)),
            models.Index(fields=["content"], name="finding_content", condition=models.Q(content__isnull=False)),
        ]


class Shortfall(models.Model):
    """A stage that was skipped or failed on a subject; Items and Contents carry the worst of theirs as ``state``."""

    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="shortfalls")
    content = models.ForeignKey(Content, null=True, on_delete=models.PROTECT, related_name="shortfalls")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+", db_index=False)
    failed = models.BooleanField()
    reason = models.CharField(max_length=50)


class Counter(models.Model):
    """A number kept in the transaction that changes it: ``(source, name, key) -> value``."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="counters", db_index=False)
    name = models.CharField(max_length=30)
    key = models.CharField(max_length=100)
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "name", "key"], name="counter_identity")]
