"""The user, custom from the first migration because it cannot be exchanged later; roles, and invitations."""

import hashlib
import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from amparo.accounts.permissions import Permission, Role, granted
from amparo.config import ACCOUNT


class User(AbstractUser):
    """A person who can log in. ``uuid`` is what custody entries and exports name. ``name``: what colleagues see."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def actor(self) -> str:
        """How custody entries name this person."""
        return f"{ACCOUNT}{self.uuid}"

    @staticmethod
    def of(actor: str) -> "User | None":
        """The person whom custody entries name so."""
        try:
            key = uuid.UUID(actor.removeprefix(ACCOUNT))
        except ValueError:
            return None
        return User.objects.filter(uuid=key).first()

    def held(self) -> frozenset[Role]:
        """The roles that the person holds now."""
        return frozenset(Role(each) for each in self.grants.filter(ended=None).values_list("role", flat=True))

    def may(self, permission: Permission) -> bool:
        """Whether a role gives a permission of the installation."""
        return granted(self.held(), permission)


class RoleGrant(models.Model):
    """A role given to a person, and until when. Rows are ended, never removed."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=30, choices=[(role.value, role.value) for role in Role])
    since = models.DateTimeField(default=timezone.now)
    given_by = models.CharField(max_length=200)
    ended = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], condition=models.Q(ended=None), name="role_held_once")
        ]


class Invitation(models.Model):
    """A link by which one person makes an account, once. ``digest`` is the SHA-256 of the secret in the link."""

    digest = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=200, blank=True)
    roles = models.JSONField()
    made = models.DateTimeField(default=timezone.now)
    made_by = models.CharField(max_length=200)
    until = models.DateTimeField()
    used = models.DateTimeField(null=True)
    withdrawn = models.DateTimeField(null=True)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    @staticmethod
    def digest_of(secret: str) -> bytes:
        """Of the secret in a link."""
        return hashlib.sha256(secret.encode()).digest()


class Reset(models.Model):
    """One administrator asks to take a person's password and second factors away; another one agrees.

    ``ended``: carried out, refused or taken back; an older one than an invitation lasts counts no more.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="resets")
    asked = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    agreed = models.DateTimeField(null=True)
    agreed_by = models.CharField(max_length=200, blank=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], condition=models.Q(ended=None), name="reset_once")]


class Preference(models.Model):
    """What a person chose for the pages: ``name`` says what, ``value`` is JSON."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="preferences", db_index=False)
    name = models.CharField(max_length=30)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="preference_once")]


class ApiToken(models.Model):
    """A key to the API for one person. ``digest`` is the SHA-256 of the secret, which is shown once.

    ``scopes`` are permissions that the person has anyway; ``cases`` UUIDs of Cases, empty for all the person may see.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField()
    cases = models.JSONField(default=list)
    made = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    used = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)


class ApiAct(models.Model):
    """What a token did under an idempotency key, so that a request that is sent twice is done once.

    ``key`` and ``request`` are SHA-256 of the key, and of method, address and body; ``row``: the key of what was made.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="acts", db_index=False)
    key = models.BinaryField(max_length=32)
    request = models.BinaryField(max_length=32)
    row = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_act_once")]
