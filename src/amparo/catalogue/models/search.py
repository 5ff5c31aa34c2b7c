"""The words of Items, and which of them have still to be written."""

from django.db import models

from amparo.catalogue.models.items import Content, Item


class SearchText(models.Model):
    """The words of one Item, each written ``CASE.word``, with blanks between them (:mod:`amparo.catalogue.search`).

    A migration puts a full text index on ``words``; triggers keep SQLite's. It goes with its row.
    """

    item = models.OneToOneField(Item, primary_key=True, on_delete=models.CASCADE, related_name="+")
    words = models.TextField()


class SearchBacklog(models.Model):
    """Items whose words have still to be written: keys above ``after`` up to ``until``.

    Only those of ``content`` where it is set.
    """

    content = models.ForeignKey(Content, null=True, on_delete=models.CASCADE, related_name="+")
    after = models.BigIntegerField(default=0)
    until = models.BigIntegerField()
