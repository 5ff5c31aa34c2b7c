"""Bank: known digests with owner and terms.

The entries lie in sealed files; the tables say in which, and what people decided about single entries.
"""

import uuid

from django.db import models


class Bank(models.Model):
    """A list of known content. ``version`` counts its changes; matching becomes due with each.

    ``kind``: known, known-good, negative. ``segments``: digests of its files, newest last.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, unique=True)
    version = models.PositiveIntegerField(default=0)
    created = models.DateTimeField()
    kind = models.CharField(max_length=20, default="known")
    segments = models.JSONField(default=list)
    next_entry = models.PositiveBigIntegerField(default=1)
    live = models.PositiveBigIntegerField(default=0)
    withdrawn = models.PositiveBigIntegerField(default=0)


class BankExchange(models.Model):
    """Where a Bank is fetched from, on what legal basis, and how far it has come.

    ``authority`` is an Authority as JSON: id, text, valid_from, until, addresses. Credentials lie in the secrets.
    """

    bank = models.OneToOneField(Bank, primary_key=True, on_delete=models.PROTECT, related_name="exchange")
    api = models.CharField(max_length=50)
    settings = models.JSONField(default=dict)
    authority = models.JSONField()
    checkpoint = models.BinaryField(default=bytes)
    fetched = models.DateTimeField(null=True)


class BankVersion(models.Model):
    """How many entries a Bank had at each of its versions."""

    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    made = models.DateTimeField()
    live = models.PositiveBigIntegerField()
    withdrawn = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bank", "version"], name="bank_version_identity")]


class Comparison(models.Model):
    """The Banks behind a digest that matching was configured with: a list of uuid, name, kind, version, live."""

    digest = models.CharField(max_length=64, unique=True)
    banks = models.JSONField()


class EntryVerdict(models.Model):
    """What people here, or the flood guard, said of one entry. The newest of an entry counts; none is ever changed.

    ``verdict``: confirmed, denied, quarantined, released. ``version``: the Bank's from which on it counts.
    """

    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="verdicts", db_index=False)
    entry = models.PositiveBigIntegerField()
    verdict = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    operator = models.CharField(max_length=200)
    made = models.DateTimeField()
    version = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["bank", "entry", "id"], name="entry_verdict")]


class BankEntry(models.Model):
    """One known digest, as Banks were stored before their entries moved into files; emptied at the next command."""

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
