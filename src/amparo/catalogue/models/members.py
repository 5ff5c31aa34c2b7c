"""Who may see a Case, who has looked at what, and what is said about it."""

from django.conf import settings
from django.db import models

from amparo.catalogue.models.cases import Case
from amparo.catalogue.models.items import Content, Item


class Member(models.Model):
    """A person's access to a Case, in one role. Rows are ended, never removed.

    ``owner`` leads the Case and is told of broken glass. Broken glass is a membership that the person took: it has a
    ``reason`` and an ``until``.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30)
    owner = models.BooleanField(default=False)
    since = models.DateTimeField()
    given_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=1000, blank=True)
    until = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "user"], condition=models.Q(ended=None), name="member_once")
        ]


class Notice(models.Model):
    """Something a person has to be told; shown on every page until it was read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=50)
    facts = models.JSONField()
    made = models.DateTimeField()
    read = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user"], name="notice_unread", condition=models.Q(read=None))]


class Reveal(models.Model):
    """A person looked at a Content. Exposure of a person is counted from these rows.

    ``kind``: picture, text or sound. ``sharp``: without blur. ``seconds``: as the page reported them, at most ten
    minutes; null while it is open or where the page was closed without a word.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+", db_index=False)
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="reveals")
    kind = models.CharField(max_length=10)
    sharp = models.BooleanField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    seconds = models.FloatField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "at"], name="reveal_person"),
            models.Index(fields=["item"], name="reveal_item"),  # asked for when an Item's row goes
        ]


class Pause(models.Model):
    """A person looks at nothing for a while. ``kind``: ``pause`` until ``ended``, or ``not-today``. Never a reason."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pauses")
    kind = models.CharField(max_length=10)
    begun = models.DateTimeField()
    ended = models.DateTimeField(null=True)


class Note(models.Model):
    """What a person wrote about a Case, or one Item of it. Never changed: a correction is another note."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes", db_index=False)
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    author = models.CharField(max_length=200)
    made = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="note_case")]
