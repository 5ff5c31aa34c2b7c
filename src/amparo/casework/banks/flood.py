"""The flood guard: an entry that is near to far too many pictures is set aside until a person has looked.

Nothing is lost: its matches stay on record as ``match.near_quarantined``, apart from the others.
"""

import dataclasses

from django.db.models import Count

from amparo.casework.installation import Installation
from amparo.catalogue import models
from amparo.catalogue.banks import current_verdicts
from amparo.catalogue.verdicts import judge
from amparo.media.near_match import NEAR

_SHARE = 100  # and more than one in so many of the Case's pictures


@dataclasses.dataclass(frozen=True, slots=True)
class Flooded:
    """An entry that was set aside: it was near to ``contents`` different pictures of one Case."""

    bank: str
    entry: int
    contents: int


def guard(installation: Installation, case: models.Case) -> list[Flooded]:
    """Set aside entries near to more Contents of the Case than the setting ``flood_limit`` and one in _SHARE.

    Entries that people confirmed or released are left alone. O(near matches of the Case).
    """
    pictures = models.PictureHash.objects.filter(content__case=case).count()
    most = max(installation.settings.flood_limit, pictures // _SHARE)
    near = models.Finding.objects.filter(case=case, kind=NEAR, current=True)
    counted = near.values("facts__bank", "facts__entry").annotate(contents=Count("content", distinct=True))
    flooded = []
    for row in counted.filter(contents__gt=most):
        bank = models.Bank.objects.get(uuid=row["facts__bank"])
        entry = int(row["facts__entry"])
        if entry not in current_verdicts(bank):
            reason = f"Near to {row['contents']} pictures of one case"
            judge(bank.name, entry, "quarantined", reason, installation.recorder())
            flooded.append(Flooded(bank.name, entry, row["contents"]))
    if flooded:
        installation.sealer.seal()
    return flooded
