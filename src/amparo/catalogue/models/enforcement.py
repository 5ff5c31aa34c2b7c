"""Planned enforcement, and what has to be asked before anybody knocks on a door."""

from django.db import models

from amparo.catalogue.models.cases import Case


class Enforcement(models.Model):
    """A planned search, arrest or first contact. ``planned`` is UTC.

    It is ``closed`` with an ``outcome``: ``held`` or ``called-off``.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="enforcements")
    planned = models.DateTimeField()
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    closed = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=20, blank=True)


class SafeguardingAnswer(models.Model):
    """The answer to one point of the checklist. Never changed: the newest row of a point counts."""

    enforcement = models.ForeignKey(Enforcement, on_delete=models.PROTECT, related_name="answers")
    point = models.CharField(max_length=50)
    answer = models.CharField(max_length=20)
    note = models.CharField(max_length=1000, blank=True)
    made = models.DateTimeField()
    author = models.CharField(max_length=200)
