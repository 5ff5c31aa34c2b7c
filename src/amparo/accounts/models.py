"""The user, custom from the first migration because it cannot be exchanged later."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who can log in. ``uuid`` is what custody entries and exports name."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
