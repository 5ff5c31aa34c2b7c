"""What has to be done in a Case, and by when."""

from django.db import models

from amparo.catalogue.models.cases import Case
from amparo.catalogue.models.enforcement import Enforcement


class Task(models.Model):
    """One thing to do. ``assignee`` is an actor or empty; ``due`` a day (UTC), or none.

    A task that stands for a point of a safeguarding checklist names its ``enforcement`` and that ``point``.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    text = models.CharField(max_length=1000)
    due = models.DateField(null=True)
    assignee = models.CharField(max_length=200, blank=True)
    enforcement = models.ForeignKey(Enforcement, null=True, on_delete=models.PROTECT, related_name="tasks")
    point = models.CharField(max_length=50, blank=True)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    done = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="task_case"),
            models.Index(fields=["case", "due", "id"], name="task_open", condition=models.Q(done=None)),
            models.Index(fields=["assignee", "due"], name="task_mine", condition=models.Q(done=None)),
        ]
