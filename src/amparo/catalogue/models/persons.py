"""The people a Case is about, under pseudonyms, and what is said about them."""

from django.db import models

from amparo.catalogue.models.cases import Case
from amparo.catalogue.models.items import Item


class Basis(models.TextChoices):
    """What a statement about a person rests on."""

    FACT = "fact"
    ASSESSMENT = "assessment"


class Person(models.Model):
    """Somebody in a Case. ``pseudonym`` is the only name there is here; real names live apart."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="persons")
    pseudonym = models.CharField(max_length=100)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "pseudonym"], name="person_pseudonym")]


class Statement(models.Model):
    """Something said about a person, marked as fact or assessment. Never changed: it is withdrawn, and said anew.

    ``role`` (victim, suspect, witness, contact...) is set where the statement gives the person a role in the Case.
    ``origin``: where it comes from, in words; ``item``: the Item that shows it, if one does.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="statements")
    role = models.CharField(max_length=30, blank=True)
    text = models.TextField(blank=True)
    basis = models.CharField(max_length=10, choices=Basis)
    origin = models.CharField(max_length=300)
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()
    author = models.CharField(max_length=200)
    withdrawn = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)
