"""Groups of near duplicates of a Case, as stored: every hashed picture names the Content that stands for it."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from django.db import transaction
from django.db.models import Count
from numpy.typing import NDArray

from amparo.catalogue.models import Case, Content, Finding, PictureHash
from amparo.catalogue.sql import among, update_many
from amparo.media.picture import PROPERTIES
from amparo.media.picture_hash import looks_of
from amparo.pipeline.task import KnownPicture

_PAGE = 5_000


@dataclasses.dataclass(frozen=True, slots=True)
class Pictures:
    """The hashed pictures of a Case that grouping may put together. Arrays of one row each: ``content`` is a Content's
    key.

    ``turned``: number of the picture, and its hash turned or mirrored, for all of them.
    """

    content: NDArray[np.int64]
    hashes: NDArray[np.uint8]
    quality: NDArray[np.int64]
    pixels: NDArray[np.int64]
    turned: tuple[NDArray[np.int64], NDArray[np.uint8]]


def pictures_of(case: Case) -> Pictures:
    """Everything grouping needs: about 400 bytes a picture. O(n). Those that a person took out are not among them."""
    rows = PictureHash.objects.filter(content__case=case, alone=False).order_by("content").iterator(chunk_size=_PAGE)
    content, quality, hashes, pictures, turned = [], [], bytearray(), [], bytearray()
    for number, row in enumerate(rows):
        content.append(row.content_id)
        quality.append(row.quality)
        hashes += bytes(row.pdq)
        for looks in looks_of(KnownPicture(bytes(row.pdq), row.quality, None, bytes(row.views))):
            if looks.transform != "none" and looks.variant == "pdq" and looks.is_whole:
                pictures.append(number)
                turned += looks.hash
    sizes = dict(_sizes(case))
    return Pictures(
        np.array(content, np.int64),
        np.frombuffer(hashes, np.uint8).reshape(-1, 32),
        np.array(quality, np.int64),
        np.array([sizes.get(key, 0) for key in content], np.int64),
        (np.array(pictures, np.int64), np.frombuffer(turned, np.uint8).reshape(-1, 32)),
    )


def store_groups(pictures: Pictures, representative: NDArray[np.int64]) -> None:
    """Store for each picture the number of the one that stands for it, in short transactions."""
    heads = pictures.content[representative].tolist()
    rows = list(zip(heads, pictures.content.tolist(), strict=True))
    for at in range(0, len(rows), _PAGE):
        with transaction.atomic():
            table = PictureHash._meta.db_table
            update_many(table, (("group_id", "bigint"),), rows[at : at + _PAGE], key="content_id")
            leaders = [(None if head == own else head, own) for head, own in rows[at : at + _PAGE]]
            update_many(Content._meta.db_table, (("leader_id", "bigint"),), leaders)


def members(content: Content) -> list[Content]:
    """The Contents of the group this one belongs to, itself included; alone where it was not grouped."""
    return list(Content.objects.filter(pk__in=among(keys(content))).order_by("pk"))


def keys(content: Content) -> list[int]:
    """The keys of the same."""
    row = PictureHash.objects.filter(content=content).first()
    if row is None or row.group_id is None:
        return [content.pk]
    return list(PictureHash.objects.filter(group=row.group_id).order_by("content").values_list("content", flat=True))


def groups_of(case: Case) -> Iterator[tuple[int, int]]:
    """(representative's key, pictures) of every group of more than one, the largest first."""
    rows = PictureHash.objects.filter(content__case=case).exclude(group=None).values_list("group")
    sizes = rows.annotate(number=Count("content")).filter(number__gt=1).order_by("-number", "group")
    return sizes.iterator(chunk_size=_PAGE)


def _sizes(case: Case) -> Iterator[tuple[int, int]]:
    found = Finding.objects.filter(case=case, kind=PROPERTIES, current=True).values_list("content_id", "facts")
    for key, facts in found.iterator(chunk_size=_PAGE):
        yield key, int(facts["width"] or 0) * int(facts["height"] or 0)
