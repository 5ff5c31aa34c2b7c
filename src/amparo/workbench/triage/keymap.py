"""Which key does what on the triage page and where a picture can be shown: each person may change every one.

``Esc`` hides whatever the map says, and arrows move within the tiles: those two are not changed here.
"""

import dataclasses
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amparo.accounts.models import Preference, User
from amparo.evidence.errors import BadInput

_NAME = "triage-keys"


@dataclasses.dataclass(frozen=True, slots=True)
class Action:
    """What a key does. ``left``: its key in the set for the left hand."""

    name: str
    key: str
    left: str
    says: "str | Promise"


ACTIONS = (
    Action("next", "j", "d", gettext_lazy("Next item")),
    Action("previous", "k", "a", gettext_lazy("Previous item")),
    Action("next_group", "n", "e", gettext_lazy("Next group")),
    Action("previous_group", "p", "q", gettext_lazy("Previous group")),
    Action("grade_1", "1", "1", gettext_lazy("Abuse material, a child who exists, under 13")),
    Action("grade_2", "2", "2", gettext_lazy("Abuse material, a child who exists, 13 to 17")),
    Action("grade_3", "3", "3", gettext_lazy("Not certain")),
    Action("grade_0", "0", "4", gettext_lazy("Not relevant")),
    Action("undo", "u", "z", gettext_lazy("Take back your newest decision (the log keeps both)")),
    Action("out", "x", "x", gettext_lazy("Take this item out of its group")),
    Action("flag", "f", "f", gettext_lazy("Flag")),
    Action("second", "s", "s", gettext_lazy("Ask for a second opinion")),
    Action("show", "r", "r", gettext_lazy("Show the picture: asks for a reason, then small, grey, blurred")),
    Action("hide", "h", "w", gettext_lazy("Hide every picture at once")),
    Action("go", "g", "g", gettext_lazy("Go, with a letter after it: cases, triage, items, log")),
    Action("search", "/", "t", gettext_lazy("Search in the items")),
    Action("keys", "?", "c", gettext_lazy("List of keys")),
)
USUAL: Mapping[str, str] = {each.name: each.key for each in ACTIONS}
LEFT: Mapping[str, str] = {each.name: each.left for each in ACTIONS}


def keymap(user: User) -> Mapping[str, str]:
    """The key of each action for this person, in small letters; empty where the person switched it off. One query."""
    row = Preference.objects.filter(user=user, name=_NAME).first()
    kept = {} if row is None else row.value
    return {name: kept.get(name, key) for name, key in USUAL.items()}


def set_keymap(user: User, wanted: Mapping[str, str]) -> None:
    """Keep these keys. Raises BadInput for what is no single key, and for a key that would do two things."""
    chosen = {name: wanted.get(name, "").strip().lower() for name in USUAL}
    says = {each.name: each.says for each in ACTIONS}
    taken: dict[str, str] = {}
    for name, key in chosen.items():
        if len(key) > 1 or not key.isprintable():
            raise BadInput(
                "“%(what)s” needs one key.",
                "Type one letter, digit or sign, or leave the field empty.",
                {"what": str(says[name])},
            )
        if key and key in taken:
            raise BadInput(
                "The key %(key)s would do two things: “%(first)s” and “%(second)s”.",
                "Give one of the two another key, or leave it empty.",
                {"key": key.upper(), "first": str(says[taken[key]]), "second": str(says[name])},
            )
        taken[key] = name
    if chosen["show"] and chosen["show"].upper() == chosen["show"]:
        raise BadInput("The key that shows a picture has to be a letter.", "With Shift it shows the picture sharper.")
    Preference.objects.update_or_create(user=user, name=_NAME, defaults={"value": chosen})


def reset_keymap(user: User) -> None:
    """Back to the usual keys."""
    Preference.objects.filter(user=user, name=_NAME).delete()
