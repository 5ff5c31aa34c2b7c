"""Bank: known digests with owner and terms."""

import uuid

from django.db import models


class Bank(models.Model):
    """A list of known content. ``version`` counts its changes; matching becomes due with each."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, unique=True)
    version = models.PositiveIntegerField(default=0)
    created = models.DateTimeField()


class BankEntry(models.Model):
    """One known digest. Withdrawn entries stay, so that an old Match can be explained."""

    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="entries", db_index=False)
    algorithm = models.CharField(max_length=10)
    digest = models.BinaryField(max_length=32)
    labels = models.JSONField(default=list)
    owner = models.CharField(max_length=200)
    terms = models.CharField(max_length=500)
    dated = models.DateField()
    added = models.PositiveIntegerField()
    withdrawn = models.PositiveIntegerField(null=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank", "algorithm", "digest"], name="bank_entry_identity"),
        ]
        indexes = [models.Index(fields=["digest"], name="bank_entry_digest")]
