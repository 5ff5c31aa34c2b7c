"""Groups as stored: what grouping is given, and who stands for whom."""

from typing import Any

import numpy as np
import pytest
from catalogue.sources import new_case

from amparo.catalogue import groups
from amparo.catalogue.models import Case, Content, Finding, PictureHash, Stage
from amparo.media.pdq import INVERTED, TRANSFORMS, Hasher
from amparo.media.picture import PROPERTIES
from amparo.media.picture_hash import hash_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def content(case: Case, number: int, width: int | None = None, height: int | None = None) -> Content:
    """A Content with hashes of noise, and its size where that is known."""
    digest = number.to_bytes(32, "big")
    made = Content.objects.create(
        case=case, sha256=digest, sha1=digest[:20], md5=digest[:16], size=1, media_type="image/png"
    )
    pixels = np.random.default_rng(number).integers(0, 256, (64, 64), np.uint8)
    known = hash_picture(pixels, Hasher())
    PictureHash.objects.create(
        content=made, pdq=known.pdq, quality=known.quality, pdq_512=known.pdq_512, views=known.views
    )
    if width is not None:
        stage, _ = Stage.objects.get_or_create(analyser="picture", version="1", config_digest="", visit="second")
        Finding.objects.create(
            case=case, content=made, stage=stage, kind=PROPERTIES, facts={"width": width, "height": height}
        )
    return made


def test_what_grouping_is_given() -> None:
    case, other = new_case(), new_case()
    one, two = content(case, 1, 20, 30), content(case, 2)
    content(other, 3, 9, 9)
    Finding.objects.filter(content=two).update(current=False)
    found = groups.pictures_of(case)
    assert found.content.tolist() == [one.pk, two.pk]
    assert found.pixels.tolist() == [600, 0]
    assert [row.tobytes() for row in found.hashes] == [
        bytes(PictureHash.objects.get(pk=each.pk).pdq) for each in (one, two)
    ]
    assert found.quality.tolist() == list(
        PictureHash.objects.filter(content__case=case).order_by("pk").values_list("quality", flat=True)
    )
    picture, hashes = found.turned
    ways = len((*TRANSFORMS[1:], INVERTED))
    assert picture.tolist() == [0] * ways + [1] * ways, "turned, mirrored and inverted, and no parts"
    assert hashes.shape == (2 * ways, 32)


def test_a_case_without_pictures() -> None:
    found = groups.pictures_of(new_case())
    assert (len(found.content), found.hashes.shape, found.turned[1].shape) == (0, (0, 32), (0, 32))
    groups.store_groups(found, np.empty(0, np.int64))


def test_who_stands_for_whom() -> None:
    case = new_case()
    made = [content(case, number) for number in range(1, 6)]
    found = groups.pictures_of(case)
    groups.store_groups(found, np.array([1, 1, 1, 3, 4]))
    assert groups.members(made[0]) == groups.members(made[1]) == made[:3]
    assert groups.members(made[3]) == [made[3]]
    assert list(groups.groups_of(case)) == [(made[1].pk, 3)]
    groups.store_groups(found, np.array([0, 0, 2, 2, 2]))
    assert list(groups.groups_of(case)) == [(made[2].pk, 3), (made[0].pk, 2)], "the largest first"


def test_what_was_not_grouped_is_alone() -> None:
    case = new_case()
    made = content(case, 1)
    assert groups.members(made) == [made]
    PictureHash.objects.all().delete()
    assert groups.members(made) == [made]
    assert list(groups.groups_of(case)) == []


def test_groups_are_stored_in_short_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_PAGE", 2)
    case = new_case()
    for number in range(1, 6):
        content(case, number)
    found = groups.pictures_of(case)
    sizes: list[int] = []
    update = groups.update_many

    def watched(table: str, columns: Any, rows: Any, key: str = "id") -> None:
        sizes.append(len(rows))
        update(table, columns, rows, key=key)

    monkeypatch.setattr(groups, "update_many", watched)
    groups.store_groups(found, np.zeros(5, np.int64))
    assert sizes == [2, 2, 2, 2, 1, 1]  # the group, and the leader, of each batch
    assert Content.objects.filter(case=case, leader=None).count() == 1
    assert [number for _, number in groups.groups_of(case)] == [5]
