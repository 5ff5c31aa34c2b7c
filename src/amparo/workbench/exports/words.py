"""Words for forms of export and for what they leave out."""

from django.utils.translation import gettext_lazy

FORM_NAMES = {
    "report": gettext_lazy("Report, a page to read and print"),
    "pdf": gettext_lazy("Report as PDF, readable aloud (PDF/UA)"),
    "case": gettext_lazy("CASE/UCO, for other programs"),
    "vics": gettext_lazy("VICS, grades for other programs"),
    "disclosure": gettext_lazy("Disclosure: all material, for the other side"),
    "portable": gettext_lazy("Portable case, to read on another computer"),
    "portable-pictures": gettext_lazy("Portable case with released pictures"),
}
LEFT_OUT = {
    "pictures and videos": gettext_lazy("pictures and videos"),
    "texts of documents": gettext_lazy("texts of documents"),
    "names of people": gettext_lazy("names of people"),
    "decisions": gettext_lazy("decisions"),
    "decisions that do not count yet": gettext_lazy("decisions that do not count yet"),
    "notes": gettext_lazy("notes"),
    "times without a known zone": gettext_lazy("times without a known zone"),
    "files that are neither pictures nor videos": gettext_lazy("files that are neither pictures nor videos"),
    "grades that wait for a second person, or on which people differ": gettext_lazy(
        "grades that wait for a second person, or on which people differ"
    ),
    "places of one content beyond the first 100": gettext_lazy("places of one content beyond the first 100"),
    "decisions that wait for a second person": gettext_lazy("decisions that wait for a second person"),
    "words that people wrote, such as notes": gettext_lazy("words that people wrote, such as notes"),
}
