"""Groups: near duplicates within a Case, so that staff judge one picture and the Decision spreads to its copies."""

from collections.abc import Iterator

from django.db import transaction

from amparo.casework.cases import find_case
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.paths import path_fields
from amparo.catalogue import groups, models
from amparo.evidence.item import Locator
from amparo.media.groups import Turned, representatives


def make_groups(installation: Installation, reference: str) -> int:
    """Group all hashed pictures of a Case anew; returns how many there are. O(n log n) as a rule.

    Those that a person took out of their group are left alone, and not counted.
    """
    case = find_case(reference)
    with storage_errors():
        found = groups.pictures_of(case)
        radius = installation.settings.match_radius
        heads = representatives(found.hashes, found.quality, found.pixels, Turned(*found.turned), radius)
        groups.store_groups(found, heads)
        with transaction.atomic():
            number = len(set(heads.tolist()))
            facts: dict[str, str | int | None] = {"pictures": len(heads), "groups": number, "radius": radius}
            installation.recorder(case).record("groups.made", facts)
        installation.sealer.seal(case)
    return len(heads)


def group_rows(reference: str) -> Iterator[dict[str, object]]:
    """Schema ``group``: every group of more than one picture, the largest first."""
    case = find_case(reference)
    for head, number in groups.groups_of(case):
        content = models.Content.objects.get(pk=head)
        first = models.Item.objects.filter(content=content).order_by("pk").values_list("locator", flat=True).first()
        path = path_fields(Locator.decode(bytes(first)).path) if first is not None else {}
        copies = models.Content.objects.filter(picture__group=head).exclude(pk=head).order_by("pk")
        yield {
            "v": 1,
            "representative": bytes(content.sha256).hex(),
            **path,
            "pictures": number,
            "copies": [bytes(each).hex() for each in copies.values_list("sha256", flat=True)],
        }
