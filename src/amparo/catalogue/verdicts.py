"""Verdicts on single entries of Banks: confirmed or denied by people, quarantined by the flood guard, released."""

import datetime
from typing import Literal

from django.db import transaction

from amparo.catalogue.banks import check_text, count, find_bank
from amparo.catalogue.models import Bank, EntryVerdict
from amparo.catalogue.outbox import Recorder

Verdict = Literal["confirmed", "denied", "quarantined", "released"]


def judge(name: str, entry: int, verdict: Verdict, reason: str, recorder: Recorder) -> int:
    """Record a verdict; returns the Bank's new version, so that matching with it is due again. Raises BadInput.

    Denied and quarantined entries match no more; what they matched before stays on record as superseded.
    """
    check_text(reason, "The reason")
    with transaction.atomic():
        bank = Bank.objects.select_for_update().get(pk=find_bank(name).pk)
        bank.version += 1
        bank.save(update_fields=["version"])
        now = datetime.datetime.now(datetime.UTC)
        count(bank, now)
        EntryVerdict.objects.create(
            bank=bank, entry=entry, verdict=verdict, reason=reason, operator=recorder.operator, made=now,
            version=bank.version,
        )  # fmt: skip
        facts: dict[str, str | int | None] = {
            "bank": str(bank.uuid),
            "version": bank.version,
            "entry": entry,
            "verdict": verdict,
        }
        recorder.record("bank.judged", facts, {"name": name, "reason": reason})
    return bank.version
