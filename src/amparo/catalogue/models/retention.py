"""How long a Case is kept, what forbids to erase it, and what was erased."""

from django.db import models

from amparo.catalogue.models.cases import Case
from amparo.catalogue.models.items import Content


class Retention(models.Model):
    """Until when a Case is kept, and by which rule. The newest row counts."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="retentions")
    keep_until = models.DateField()
    ground = models.CharField(max_length=500)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)


class LegalHold(models.Model):
    """While one stands, nothing of the Case is erased."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=500)
    placed = models.DateTimeField()
    placed_by = models.CharField(max_length=200)
    lifted = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=200, blank=True)
    lifted_why = models.CharField(max_length=500, blank=True)


class Erasure(models.Model):
    """Erasure that one person asks for and another carries out. ``content`` null: the whole Case.

    ``counts``: what went, by table, once it is ``done``.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="erasures")
    content = models.ForeignKey(Content, null=True, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=500)
    asked = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    refused = models.DateTimeField(null=True)
    done = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    counts = models.JSONField(default=dict)
