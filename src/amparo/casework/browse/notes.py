"""Notes that hold the words of a search."""

from collections.abc import Sequence

from amparo.catalogue import search
from amparo.catalogue.models import Case, Note
from amparo.catalogue.review import MOST
from amparo.catalogue.search_words import asked, hold, words_of
from amparo.catalogue.sql import among

_SHOWN = 20
_READ = 200  # newest notes with a word of a search that are compared with all of it


def notes_with(case: Case, words: str) -> Sequence[Note]:
    """The newest notes on Items that hold all these words by themselves, at most 20, of the newest 200 that might."""
    sought = asked(words)
    if not sought:
        return []
    found = Note.objects.filter(case=case, item__isnull=False).select_related("item").order_by("-pk")
    notes = list(found[:_READ])
    if len(notes) == _READ:  # else these are all, and the index need not be asked once more
        keys = search.find(case.pk, sought, 0, MOST)
        notes = list(found.filter(item__in=among(keys))[:_READ])
    return [note for note in notes if hold(words_of([note.text]), sought)][:_SHOWN]
