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
    """Erasure that one person asks for and another carries out.

    ``whole``: the whole Case; else ``content``, null once it is gone. From ``begun`` to ``done`` a Job erases; both
    stay where it was stopped, and it goes on later. ``ended_by`` began or refused it. ``counts``: what went so far,
    by table, kept in the transaction that erases.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="erasures")
    whole = models.BooleanField()
    content = models.ForeignKey(Content, null=True, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=500)
    asked = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    refused = models.DateTimeField(null=True)
    begun = models.DateTimeField(null=True)
    done = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    counts = models.JSONField(default=dict)

    @property
    def open(self) -> bool:
        """Whether it still waits to be carried out or refused."""
        return self.begun is None and self.refused is None

    @property
    def sha256(self) -> str:
        """Of the Content in hex, empty where there is none, or no longer."""
        return "" if self.content is None else bytes(self.content.sha256).hex()
