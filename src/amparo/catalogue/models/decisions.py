"""Decision: what a person decided about a Content."""

from django.db import models

from amparo.catalogue.models.cases import Case
from amparo.catalogue.models.items import Content


class Decision(models.Model):
    """Never changed: which of them count says :mod:`amparo.catalogue.standing`.

    ``labels`` are neutral tokens (:mod:`amparo.evidence.labels`). ``grades``: what each scheme in force made of them on
    that day, with the digest of its rule file. ``spread_from``: the Content that the person looked at, where this one
    is a near duplicate of it. ``withdrawn``: taken back by who made it; it stays in the history and counts no more.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    labels = models.JSONField()
    grades = models.JSONField()
    note = models.CharField(max_length=500, blank=True)
    operator = models.CharField(max_length=200)
    made = models.DateTimeField()
    withdrawn = models.DateTimeField(null=True)
    spread_from = models.ForeignKey(Content, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["content", "id"], name="decision_content"),
            models.Index(fields=["case", "id"], name="decision_case"),
            # Whoever erases a Content asks what refers to it; without this, each would read all Decisions.
            models.Index(fields=["spread_from"], name="decision_spread", condition=models.Q(spread_from__isnull=False)),
        ]
