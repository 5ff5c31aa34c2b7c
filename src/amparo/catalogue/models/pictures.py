"""What is kept of a picture's looks, so that a new Bank is matched without reading the evidence again."""

from django.db import models

from amparo.catalogue.models.items import Content


class PictureHash(models.Model):
    """Perceptual hashes of a Content. ``pdq_512`` is null where it equals ``pdq``; ``views`` holds those of its parts
    (:mod:`amparo.media.picture_hash`). ``group`` is the Content that stands for its near duplicates, itself included.
    ``alone``: a person took it out of its group, and no grouping puts it into one again.
    """

    content = models.OneToOneField(Content, primary_key=True, on_delete=models.PROTECT, related_name="picture")
    pdq = models.BinaryField(max_length=32)
    quality = models.SmallIntegerField()
    pdq_512 = models.BinaryField(max_length=32, null=True)
    views = models.BinaryField()
    group = models.ForeignKey(Content, null=True, on_delete=models.PROTECT, related_name="+", db_index=True)
    alone = models.BooleanField(default=False, db_default=False)
