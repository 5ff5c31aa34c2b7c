"""Case, Authority, Source, and the custody events that wait to be sealed."""

import uuid

from django.db import models


class Case(models.Model):
    """One matter. ``reference`` is what people call it. ``two_people``: a grade counts once two persons gave it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=200, unique=True)
    created = models.DateTimeField()
    two_people = models.BooleanField(default=False, db_default=False)


class Authority(models.Model):
    """A recorded legal basis. ``scope`` is ``{"paths": [hex of raw path, ...]}``."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="authorities")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.TextField()
    valid_from = models.DateTimeField()
    until = models.DateTimeField(null=True)
    scope = models.JSONField(default=dict)
    kind = models.CharField(max_length=100, blank=True)
    offence = models.CharField(max_length=200, blank=True)
    instrument = models.CharField(max_length=200, blank=True)
    issuer = models.CharField(max_length=200, blank=True)
    reviewer = models.CharField(max_length=200, blank=True)


class Source(models.Model):
    """What was acquired. ``root`` is the resolved raw path; ``owner`` names the process that works on it now."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sources")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    opener = models.CharField(max_length=50)
    root = models.BinaryField()
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    clock_offset = models.FloatField(null=True)
    zone = models.CharField(max_length=64, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    owner_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="source_case")]


class OutboxEvent(models.Model):
    """A custody event, committed with what it records and gone once sealed. No case: the installation's chain."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    uuid = models.UUIDField(unique=True)
    body = models.JSONField()
