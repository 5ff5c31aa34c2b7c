"""The things seized, and who had them when."""

from django.db import models

from amparo.catalogue.models.cases import Case, Source


class Exhibit(models.Model):
    """A thing seized. ``number`` is what people call it; ``seal`` the number on the seal it was put under.

    ``seized_at`` is UTC; ``seized_from`` a pseudonym or a place, never more than the report of the seizure says.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="exhibits")
    number = models.CharField(max_length=100)
    description = models.CharField(max_length=1000)
    seal = models.CharField(max_length=100, blank=True)
    seized_from = models.CharField(max_length=300, blank=True)
    seized_at = models.DateTimeField(null=True)
    sources = models.ManyToManyField(Source, related_name="exhibits")
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="exhibit_number")]


class HandOver(models.Model):
    """An Exhibit went from one hand into another. Never changed: a correction is another row."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="hand_overs")
    at = models.DateTimeField()
    given_by = models.CharField(max_length=200)
    taken_by = models.CharField(max_length=200)
    place = models.CharField(max_length=300, blank=True)
    purpose = models.CharField(max_length=300)
    seal = models.CharField(max_length=100, blank=True)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)
