"""Jobs: work that was asked for in the browser and that a worker does."""

import uuid

from django.db import models

from amparo.catalogue.models.cases import Case


class JobState(models.TextChoices):
    """Where a Job stands. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(models.Model):
    """One piece of work. ``case`` None: it is the installation's. ``kind`` names a function of ``casework.jobs``.

    ``arguments`` and ``result`` are what that function takes and gives. ``progress`` holds numbers by name (``done``,
    ``total``, ``skipped``, ``failed``), and is empty before the first. ``cancel``: somebody asked to stop it.
    ``operator`` is the actor in whose name it runs. ``owner`` is the process that runs it, as on a Source;
    ``attempts`` counts the processes that began it, without those that were stopped in order. ``problem`` holds
    why a Job failed (:meth:`amparo.evidence.errors.AmparoError.stored`).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    kind = models.CharField(max_length=30)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    progress = models.JSONField(default=dict)
    cancel = models.BooleanField(default=False)
    operator = models.CharField(max_length=200)
    owner = models.CharField(max_length=200, blank=True)
    owner_until = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    made = models.DateTimeField()
    begun = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    problem = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="job_case"),
            models.Index(fields=["id"], name="job_due", condition=models.Q(state__in=("queued", "running"))),
        ]

    @property
    def ongoing(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)
