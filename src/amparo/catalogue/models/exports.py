"""Packages that were made of a Case."""

import uuid

from django.db import models

from amparo.catalogue.models.cases import Case
from amparo.catalogue.models.vault import VaultObject


class Export(models.Model):
    """A package. ``forms`` in the order asked for; ``manifest`` is the SHA-256 of its signed manifest.

    ``folder`` is where it was written, empty for one that lies in the Vault as ``sealed``. ``disclosed``: prosecutors
    of the Case may read it from then on.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="exports")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    forms = models.JSONField()
    manifest = models.BinaryField(max_length=32)
    folder = models.TextField(blank=True)
    sealed = models.ForeignKey(VaultObject, null=True, on_delete=models.PROTECT, related_name="+")
    stamped = models.DateTimeField(null=True)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    disclosed = models.DateTimeField(null=True)
    disclosed_by = models.CharField(max_length=200, blank=True)
