"""Sealed content, and who can open it; and imagery that two people have released."""

import uuid

from django.conf import settings
from django.db import models

from amparo.catalogue.models.cases import Case
from amparo.catalogue.models.items import Content


class CustodianKey(models.Model):
    """The X25519 pair of a custodian. ``sealed`` is the private half under the custodian's passphrase.

    The newest that has not ended counts.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="custodian_keys")
    public = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    made = models.DateTimeField()
    ended = models.DateTimeField(null=True)


class VaultKey(models.Model):
    """The X25519 pair of a Case: writers need only this, the public half."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="vault_key")
    public = models.BinaryField(max_length=32)
    made = models.DateTimeField()


class VaultShare(models.Model):
    """The private half of a Case's pair, sealed to one custodian's key."""

    key = models.ForeignKey(VaultKey, on_delete=models.PROTECT, related_name="shares")
    custodian = models.ForeignKey(CustodianKey, on_delete=models.PROTECT, related_name="shares")
    sealed = models.BinaryField()
    made = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "custodian"], name="vault_share_once")]


class VaultObject(models.Model):
    """Sealed bytes of a Case, in a file named by ``uuid``. ``sha256`` and ``size`` are those of the plain bytes.

    ``kind``: export or content. ``wrapped`` is the object's key, sealed to the Case's pair.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="vault_objects")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=300)
    sha256 = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    wrapped = models.BinaryField()
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    erased = models.DateTimeField(null=True)


class VaultOpening(models.Model):
    """A member asks for a sealed object, a custodian gives it. ``lent`` is its key, sealed by the installation.

    From ``given`` until ``until`` the person who asked can fetch the object; then ``lent`` is emptied.
    """

    object = models.ForeignKey(VaultObject, on_delete=models.PROTECT, related_name="openings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    asked = models.DateTimeField()
    given = models.DateTimeField(null=True)
    given_by = models.CharField(max_length=200, blank=True)
    refused = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    lent = models.BinaryField(default=bytes)


class ImageryRelease(models.Model):
    """One person asks that a Content may leave in an export, another agrees. Withdrawn, it no longer counts."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="imagery_releases")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    recipient = models.CharField(max_length=300)
    asked = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    agreed = models.DateTimeField(null=True)
    agreed_by = models.CharField(max_length=200, blank=True)
    withdrawn = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "content"], condition=models.Q(withdrawn=None), name="imagery_released_once"
            )
        ]
