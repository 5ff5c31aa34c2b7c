"""Done work, interned: a subject's row points to the *set* of stages done on it.

The Ledger's key is (subject, analyser, version, config digest). Storing one row per key would cost several rows per
Item; the sets that occur are few, so each is one row here and a done mark is one integer (ADR 0003).
"""

from django.db import models


class Stage(models.Model):
    """One Analyser at one version and configuration."""

    analyser = models.CharField(max_length=100)
    version = models.CharField(max_length=50)
    config_digest = models.CharField(max_length=64)
    visit = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["analyser", "version", "config_digest", "visit"], name="stage_identity")
        ]


class StageSet(models.Model):
    """A set of stages: ``members`` is their sorted keys, comma-separated, and unique."""

    members = models.TextField(unique=True)
