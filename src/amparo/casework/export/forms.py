"""All forms of export, by name. A new one is a file with a FORM, and its line here."""

from collections.abc import Mapping, Sequence

from amparo.casework.export import disclosure, graph, pdf, portable, report, vics
from amparo.casework.export.form import Context, Form
from amparo.evidence.errors import BadInput

REGISTRY: Mapping[str, Form] = {
    each.name: each for each in (report.FORM, pdf.FORM, graph.FORM, vics.FORM, disclosure.FORM, portable.FORM)
}
FORMS = tuple(REGISTRY)
DEFAULT = ("report", "case")  # where nobody names a form


def check_forms(forms: Sequence[str]) -> list[str]:
    """Each form once. Raises BadInput for one that is not known, or none."""
    unknown = sorted(set(forms) - set(FORMS))
    if unknown or not forms:
        known = {"forms": ", ".join(FORMS)}
        if not unknown:
            raise BadInput("Choose at least one form.", "Forms: %(forms)s", known)
        raise BadInput(
            "Cases are not exported as: %(asked)s",
            "Forms: %(forms)s",
            {"asked": ", ".join(map(repr, unknown)), **known},
        )
    return list(dict.fromkeys(forms))


def check_choices(context: Context, forms: Sequence[str]) -> None:
    """Raises BadInput where a form lacks a choice that it needs; nothing is written."""
    for form in forms:
        REGISTRY[form].check(context)


def left_out(forms: Sequence[str]) -> list[str]:
    """What a package of these forms does not hold, in English words."""
    return sorted({each for form in forms for each in REGISTRY[form].left_out})
