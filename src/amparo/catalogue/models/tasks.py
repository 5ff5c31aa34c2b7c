"""What has to be done in a Case, and by when."""

from django.db import models

from amparo.catalogue.models.cases import Case


class Task(models.Model):
    """One thing to do. ``assignee`` is an actor or empty; ``due`` a day of the installation's time zone, or none."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    text = models.CharField(max_length=1000)
    due = models.DateField(null=True)
    assignee = models.CharField(max_length=200, blank=True)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    done = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="task_case"),
            models.Index(fields=["assignee", "due"], name="task_mine", condition=models.Q(done=None)),
        ]
