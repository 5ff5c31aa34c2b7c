"""The Items of a Case as people look through them: narrowed by facets, searched by words, a page at a time.

Nothing here takes time or memory in the size of the Case beyond what an index gives: numbers come from counters or
stop at MOST, a search looks at the first so many Items that hold its words and says where it stopped.
"""

from amparo.casework.browse.choices import Camera, Facets, Folder, Within, facets
from amparo.casework.browse.filters import Filters, chips
from amparo.casework.browse.narrowing import GRADES
from amparo.casework.browse.notes import notes_with
from amparo.casework.browse.pages import Listing, Row, listing, short

__all__ = [
    "GRADES",
    "Camera",
    "Facets",
    "Filters",
    "Folder",
    "Listing",
    "Row",
    "Within",
    "chips",
    "facets",
    "listing",
    "notes_with",
    "short",
]
